#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace lathe {

/// A result of one run with one seed.
struct SeededValue {
    std::uint64_t seed = 0;
    double value = 0;
};

/// One of two recipes that are compared, with the results of its runs.
struct ComparedArm {
    std::string name;
    std::span<const SeededValue> values;
};

/// Whether one recipe is better than another, or chance would explain the difference.
struct SeedComparison {
    enum class Outcome { TooFew, WithinNoise, FirstBetter, SecondBetter };
    Outcome outcome = Outcome::TooFew;
    bool isPaired = false; ///< by equal seeds; else the seeds count as independent
    std::string first, second;
    std::size_t firstCount = 0, secondCount = 0; ///< finite values used: of pairs, where paired
    double difference = 0;                       ///< mean of the first less mean of the second
    double halfWidth = 0;                        ///< of its 95 % t interval
    double freedom = 0;                          ///< degrees of freedom of that t
    double pValue = 1;                           ///< of no difference, two-sided
};

enum class BetterIs { Lower, Higher };

/// Paired where both have the same seeds, each once and at least 2 of them (Student's paired t); otherwise
/// Welch's t for unequal variances (Welch 1947). Within noise: the 95 % interval of the difference holds 0.
/// Fewer than 2 finite values on a side is too few. Equal repeats without any spread decide exactly.
[[nodiscard]] SeedComparison compareSeeds(const ComparedArm& first, const ComparedArm& second,
                                          BetterIs better);

/// "A beats B by 1.2 ± 0.5 over 5 seeds", "A and B differ by 0.3 ± 0.5 over 5 seeds: within noise", "Too few
/// runs to tell A and B apart: A has 1, B has 3, and 2 of each are needed". What is higher or lower is told
/// by the sign-free difference; the interval is of 95 %.
[[nodiscard]] std::string inWords(const SeedComparison& comparison);

/// With how many seeds for each recipe a true difference as large as the one seen, amid as much noise, would
/// be told from chance in 8 of 10 such comparisons (Student's t at 5 %, two-sided). Nothing: too few runs to
/// say, no difference, or more than a million.
[[nodiscard]] std::optional<std::size_t> seedsNeeded(const SeedComparison& comparison);

} // namespace lathe
