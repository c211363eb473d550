#include "core/train/packing_choice.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr double kForget = 0.85;   // of earlier rounds' weight, at each new one
constexpr double kRidge = 1e-6;    // of the features' mean square: decides only what the rounds leave open
constexpr std::size_t kRounds = 2; // timed in a window, behind one that is not: it may begin mid-round
constexpr int kProbes = 2;         // windows of each way before the costs are believed
constexpr double kGain = 0.97;     // a change must promise so much: it costs a round by itself
/// After so many windows of one way the other is tried again, in case the machine has changed: at twice the
/// cost that is 1.6 % of the time.
constexpr std::size_t kRetryAfter = 64;

using Row = std::array<double, 3>;

/// The solution of a symmetric positive definite system, by Gaussian elimination.
Row solve(std::array<Row, 3> a, Row b) {
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = i + 1; j < 3; ++j) {
            const double factor = a[j][i] / a[i][i];
            for (std::size_t k = i; k < 3; ++k)
                a[j][k] -= factor * a[i][k];
            b[j] -= factor * b[i];
        }
    Row x{};
    for (std::size_t i = 3; i-- > 0;) {
        double rest = b[i];
        for (std::size_t k = i + 1; k < 3; ++k)
            rest -= a[i][k] * x[k];
        x[i] = rest / a[i][i];
    }
    return x;
}

} // namespace

Packing packingNamed(const std::string& name) {
    LATHE_EXPECT(name == "never" || name == "auto" || name == "always");
    return name == "never" ? Packing::Never : name == "auto" ? Packing::Auto : Packing::Always;
}

void RoundCost::add(double tokens, double trials, double seconds) {
    if (m_tokensUnit == 0) {
        m_tokensUnit = std::max(1.0, tokens);
        m_trialsUnit = std::max(1.0, trials);
    }
    const Row features{1, tokens / m_tokensUnit, trials / m_trialsUnit};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j)
            m_squares[i][j] = kForget * m_squares[i][j] + features[i] * features[j];
        m_products[i] = kForget * m_products[i] + features[i] * seconds;
    }
}

std::optional<double> RoundCost::predict(double tokens, double trials) const {
    if (m_tokensUnit == 0)
        return std::nullopt;
    auto squares = m_squares;
    const double mean = (squares[0][0] + squares[1][1] + squares[2][2]) / 3;
    for (std::size_t i = 0; i < 3; ++i)
        squares[i][i] += kRidge * mean;
    const Row costs = solve(squares, m_products);
    return costs[0] + costs[1] * tokens / m_tokensUnit + costs[2] * trials / m_trialsUnit;
}

void PackingChoice::setTrials(std::size_t count) {
    if (count == m_trials)
        return;
    m_trials = count;
    m_way = choose();
    beginWindow();
}

void PackingChoice::beginWindow() {
    m_steps = 0;
    m_tokens = 0;
}

void PackingChoice::stepDone(std::int64_t tokens, Clock::time_point now) {
    if (m_trials < 2)
        return;
    ++m_steps;
    if (m_steps == m_trials)
        m_begin = now;
    if (m_steps > m_trials)
        m_tokens += tokens;
    if (m_steps == (1 + kRounds) * m_trials)
        endWindow(now);
}

void PackingChoice::endWindow(Clock::time_point now) {
    const double seconds = std::chrono::duration<double>(now - m_begin).count() / kRounds;
    const double perRound = static_cast<double>(m_tokens) / kRounds;
    m_tokensPerTrial = perRound / static_cast<double>(m_trials);
    (m_way == Way::Apart ? m_apart : m_together).add(perRound, static_cast<double>(m_trials), seconds);
    ++m_seen[m_trials][static_cast<std::size_t>(m_way)];
    const Way before = m_way;
    ++m_windowsSinceOther;
    m_way = choose();
    if (m_way != before)
        m_windowsSinceOther = 0;
    beginWindow();
}

PackingChoice::Way PackingChoice::choose() const {
    if (m_trials < 2 || m_mode == Packing::Never)
        return Way::Apart;
    if (m_mode == Packing::Always)
        return Way::Together;
    const Way other = m_way == Way::Apart ? Way::Together : Way::Apart;
    // Two numbers of trials fix the line along which others lie; until then each is tried by itself.
    const auto isTried = [](const auto& seen) {
        return seen.second[0] >= kProbes && seen.second[1] >= kProbes;
    };
    const auto tried = std::ranges::count_if(m_seen, isTried);
    const auto here = m_seen.find(m_trials);
    if (tried < 2 && (here == m_seen.end() || !isTried(*here))) {
        const std::array<int, 2> seen = here == m_seen.end() ? std::array<int, 2>{} : here->second;
        return seen[1] <= seen[0] ? Way::Together : Way::Apart;
    }
    if (m_windowsSinceOther >= kRetryAfter)
        return other;
    const double trials = static_cast<double>(m_trials);
    const auto now = costOf(m_way).predict(m_tokensPerTrial * trials, trials);
    const auto then = costOf(other).predict(m_tokensPerTrial * trials, trials);
    return now && then && *then < kGain * *now ? other : m_way;
}

} // namespace lathe
