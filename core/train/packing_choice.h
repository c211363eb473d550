#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// Whether trials that run at the same time take their steps together.
enum class Packing { Never, Auto, Always };
/// "never", "auto" or "always". Contract: it is one of them.
[[nodiscard]] Packing packingNamed(const std::string& name);

/// Seconds of a round, in which each of T trials steps once and n tokens are read in all: c₀ + c₁ n + c₂ T,
/// by least squares over the rounds seen, the latest of most weight. What those rounds leave open (all of one
/// size, say) is shared out evenly.
class RoundCost {
public:
    void add(double tokens, double trials, double seconds);
    /// Time has passed without a round: what was added weighs less beside what comes.
    void fade();
    /// Nothing before the first add().
    [[nodiscard]] std::optional<double> predict(double tokens, double trials) const;

private:
    std::array<std::array<double, 3>, 3> m_squares{}; // of the features, scaled by those of the first round
    std::array<double, 3> m_products{};               // of features and seconds
    double m_tokensUnit = 0, m_trialsUnit = 0;        // 0: nothing was added
};

/// Decides, for the trials that share a base, whether they step together or each on its own thread. Begins
/// together where one pass over the base serves several, else apart, times windows of a few rounds, and tries
/// the other way when what that is believed to cost is small beside the time gone since the latest try: a
/// short run never does. From then on it takes what the fitted costs say is faster. Belongs to its caller's
/// lock.
class PackingChoice {
public:
    using Clock = std::chrono::steady_clock;
    enum class Way { Apart, Together };

    explicit PackingChoice(Packing mode) : m_mode(mode) {}

    /// So many trials step now, over so many tokens when each has stepped once. What was being timed is
    /// dropped if their number changes.
    void setTrials(std::size_t count, std::int64_t tokens);
    /// A trial has stepped over so many tokens.
    void stepDone(std::int64_t tokens, Clock::time_point now);
    [[nodiscard]] Way way() const { return m_way; }

private:
    void beginWindow(std::size_t settling);
    [[nodiscard]] std::size_t roundsToTime() const;
    void endWindow();
    [[nodiscard]] Way better() const;
    [[nodiscard]] bool isRetryDue() const;
    [[nodiscard]] std::optional<double> predict(Way way) const;

    Packing m_mode;
    Way m_way = Way::Apart;
    std::size_t m_trials = 0;
    double m_tokensPerTrial = 0;      // at the latest change of their number, or of the latest window
    std::array<RoundCost, 2> m_costs; // by way
    std::array<int, 2> m_windows{};   // seen of each way
    Way m_timed = Way::Apart;         // in the latest window
    double m_secondsSinceOther = 0;   // in windows of that way, behind the latest of the other
    // the window at hand
    std::size_t m_settling = 1; // rounds that are not timed
    std::size_t m_steps = 0;
    std::int64_t m_tokens = 0;
    std::vector<double> m_rounds; // timed, in seconds
    Clock::time_point m_roundBegin;
};

} // namespace lathe
