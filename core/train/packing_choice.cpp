#include "core/train/packing_choice.h"

#include "core/base/contract.h"
#include "core/train/pack_groups.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr double kForget = 0.85;      // of earlier rounds' weight, at each new one
constexpr double kRidge = 1e-6;       // of the features' mean square: decides only what the rounds leave open
constexpr std::size_t kRounds = 2;    // timed in a window
constexpr double kDisturbed = 1.3;    // of the fastest, from which on a round does not count
constexpr double kGain = 0.98;        // a change must promise so much: it costs a part of a round by itself
constexpr double kChange = 0.5;       // of a round, what a change costs
constexpr double kBelieved = 1.4;     // times the known way, what the other costs that was never timed
constexpr double kRetryShare = 0.008; // of the time, what may go into trying what seems slower
/// So many times that share while a way was timed once at most and seemed slower by less than kDoubtful.
constexpr double kDoubt = 2.5;
constexpr double kDoubtful = 1.6;

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

/// Mean of the rounds, without those that something else has held up: that only makes them longer. Contract:
/// there is one.
double undisturbed(const std::vector<double>& rounds) {
    const double limit = kDisturbed * std::ranges::min(rounds);
    double sum = 0;
    int count = 0;
    for (const double round : rounds)
        if (round <= limit) {
            sum += round;
            ++count;
        }
    return sum / count;
}

PackingChoice::Way otherThan(PackingChoice::Way way) {
    return way == PackingChoice::Way::Apart ? PackingChoice::Way::Together : PackingChoice::Way::Apart;
}

std::size_t indexOf(PackingChoice::Way way) { return static_cast<std::size_t>(way); }

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
    fade();
    const Row features{1, tokens / m_tokensUnit, trials / m_trialsUnit};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j)
            m_squares[i][j] += features[i] * features[j];
        m_products[i] += features[i] * seconds;
    }
}

void RoundCost::fade() {
    for (std::size_t i = 0; i < 3; ++i) {
        for (double& square : m_squares[i])
            square *= kForget;
        m_products[i] *= kForget;
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

void PackingChoice::setTrials(std::size_t count, std::int64_t tokens) {
    if (count == m_trials)
        return;
    m_trials = count;
    m_tokensPerTrial = static_cast<double>(tokens) / static_cast<double>(std::max<std::size_t>(count, 1));
    m_way = better();
    beginWindow(1); // whoever is in the middle of a step
}

void PackingChoice::beginWindow(std::size_t settling) {
    m_settling = settling;
    m_steps = 0;
    m_tokens = 0;
    m_rounds.clear();
}

void PackingChoice::stepDone(std::int64_t tokens, Clock::time_point now) {
    if (m_trials < 2)
        return;
    ++m_steps;
    if (m_steps > m_settling * m_trials)
        m_tokens += tokens;
    if (m_steps % m_trials != 0)
        return;
    if (m_steps > m_settling * m_trials)
        m_rounds.push_back(std::chrono::duration<double>(now - m_roundBegin).count());
    m_roundBegin = now;
    if (m_steps == (m_settling + roundsToTime()) * m_trials)
        endWindow();
}

/// One of a way that is tried for the first time: it may be slow.
std::size_t PackingChoice::roundsToTime() const {
    const bool isFirstTry = m_windows[indexOf(m_way)] == 0 && m_windows[indexOf(otherThan(m_way))] > 0;
    return isFirstTry ? 1 : kRounds;
}

void PackingChoice::endWindow() {
    const double perRound = static_cast<double>(m_tokens) / static_cast<double>(m_rounds.size());
    const double seconds = undisturbed(m_rounds);
    m_tokensPerTrial = perRound / static_cast<double>(m_trials);
    m_costs[indexOf(m_way)].add(perRound, static_cast<double>(m_trials), seconds);
    m_costs[indexOf(otherThan(m_way))].fade();
    ++m_windows[indexOf(m_way)];
    if (m_way != m_timed) // their number had changed it
        m_secondsSinceOther = 0;
    m_timed = m_way;
    m_secondsSinceOther += seconds * static_cast<double>(m_rounds.size());
    const Way before = m_way;
    m_way = better();
    if (m_way == before && isRetryDue())
        m_way = otherThan(before);
    if (m_way != before)
        m_secondsSinceOther = 0;
    beginWindow(m_way != before ? 1 : 0); // some are still stepping as before
}

/// Seconds of a round.
std::optional<double> PackingChoice::predict(Way way) const {
    const double trials = static_cast<double>(m_trials);
    return m_costs[indexOf(way)].predict(m_tokensPerTrial * trials, trials);
}

PackingChoice::Way PackingChoice::better() const {
    if (m_trials < 2 || m_mode == Packing::Never)
        return Way::Apart;
    if (m_mode == Packing::Always)
        return Way::Together;
    const auto now = predict(m_way);
    const auto then = predict(otherThan(m_way));
    if (!now && !then)
        return 2 * m_tokensPerTrial <= static_cast<double>(kTokensOfPass) ? Way::Together : Way::Apart;
    if (!now || !then)
        return now ? m_way : otherThan(m_way);
    return *then < kGain * *now ? otherThan(m_way) : m_way;
}

bool PackingChoice::isRetryDue() const {
    const Way other = otherThan(m_way);
    const auto now = predict(m_way);
    if (m_mode != Packing::Auto || !now)
        return false;
    const double then = predict(other).value_or(kBelieved * *now);
    const bool isDoubtful = m_windows[indexOf(other)] < 2 && then < kDoubtful * *now;
    const double rounds = 1 + (m_windows[indexOf(other)] == 0 ? 1 : kRounds); // the first settles
    const double cost = rounds * std::max(0.0, then - *now) + kChange * *now;
    return cost < kRetryShare * (isDoubtful ? kDoubt : 1) * m_secondsSinceOther;
}

} // namespace lathe
