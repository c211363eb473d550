#include "core/analysis/seed_comparison.h"

#include "core/analysis/metric_charts.h"
#include "core/analysis/student_t.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <vector>

namespace lathe {

namespace {

constexpr double kConfidence = 0.95;
constexpr std::size_t kFewest = 2;

std::vector<double> finiteValues(std::span<const SeededValue> values) {
    std::vector<double> finite;
    for (const SeededValue& value : values)
        if (std::isfinite(value.value))
            finite.push_back(value.value);
    return finite;
}

std::map<std::uint64_t, double> bySeed(std::span<const SeededValue> values) {
    std::map<std::uint64_t, double> found;
    for (const SeededValue& value : values)
        if (std::isfinite(value.value))
            found.emplace(value.seed, value.value);
    return found;
}

/// The differences of runs with equal seeds; nothing if the seeds are not the same on both sides.
std::vector<double> pairedDifferences(const ComparedArm& first, const ComparedArm& second) {
    const auto a = bySeed(first.values);
    const auto b = bySeed(second.values);
    std::vector<double> differences;
    if (a.size() != finiteValues(first.values).size() || b.size() != finiteValues(second.values).size() ||
        a.size() != b.size())
        return differences;
    for (const auto& [seed, value] : a) {
        const auto other = b.find(seed);
        if (other == b.end())
            return {};
        differences.push_back(value - other->second);
    }
    return differences;
}

/// Interval and p of the difference, its standard error and degrees of freedom given.
void judge(SeedComparison& comparison, double error, double freedom, BetterIs better) {
    comparison.freedom = freedom;
    if (error > 0) {
        comparison.halfWidth = twoSidedT(kConfidence, freedom) * error;
        comparison.pValue = twoSidedTail(comparison.difference / error, freedom);
    } else {
        comparison.halfWidth = 0;
        comparison.pValue = comparison.difference == 0 ? 1 : 0;
    }
    using Outcome = SeedComparison::Outcome;
    const bool isFirst = (comparison.difference > 0) == (better == BetterIs::Higher);
    if (std::abs(comparison.difference) <= comparison.halfWidth)
        comparison.outcome = Outcome::WithinNoise;
    else
        comparison.outcome = isFirst ? Outcome::FirstBetter : Outcome::SecondBetter;
}

std::string fixed(double value, int decimals) {
    std::array<char, 64> text{};
    const auto [end, problem] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
    return problem == std::errc() ? std::string(text.data(), end) : std::to_string(value);
}

/// "1.24 ± 0.51": the interval with two digits, the difference as far as these reach.
std::string withInterval(double difference, double halfWidth) {
    const double leading = halfWidth > 0 ? halfWidth : std::abs(difference);
    const int digits = leading > 0 ? 1 - static_cast<int>(std::floor(std::log10(leading))) : 0;
    const int decimals = std::clamp(digits, 0, 12);
    return fixed(std::abs(difference), decimals) + " ± " + fixed(halfWidth, decimals);
}

std::string runs(const SeedComparison& comparison) {
    if (comparison.firstCount == comparison.secondCount)
        return std::to_string(comparison.firstCount) + " seeds";
    return std::to_string(comparison.firstCount) + " and " + std::to_string(comparison.secondCount) +
           " seeds";
}

/// The squared standard error of the difference times the number of seeds of each.
double variancePerSeed(const SeedComparison& comparison) {
    const double error = comparison.halfWidth / twoSidedT(kConfidence, comparison.freedom);
    const double first = static_cast<double>(comparison.firstCount);
    const double second = static_cast<double>(comparison.secondCount);
    return error * error * 2 * first * second / (first + second); // the harmonic mean of the counts
}

} // namespace

SeedComparison compareSeeds(const ComparedArm& first, const ComparedArm& second, BetterIs better) {
    SeedComparison comparison;
    comparison.first = first.name;
    comparison.second = second.name;
    const Summary a = summarize(finiteValues(first.values));
    const Summary b = summarize(finiteValues(second.values));
    comparison.firstCount = a.count;
    comparison.secondCount = b.count;
    if (a.count < kFewest || b.count < kFewest)
        return comparison;
    comparison.difference = a.mean - b.mean;
    const std::vector<double> pairs = pairedDifferences(first, second);
    if (pairs.size() >= kFewest) {
        const Summary differences = summarize(pairs);
        const double count = static_cast<double>(differences.count);
        comparison.isPaired = true;
        comparison.difference = differences.mean;
        judge(comparison, differences.deviation / std::sqrt(count), count - 1, better);
        return comparison;
    }
    const double countA = static_cast<double>(a.count);
    const double countB = static_cast<double>(b.count);
    const double partA = a.deviation * a.deviation / countA;
    const double partB = b.deviation * b.deviation / countB;
    const double sum = partA + partB;
    // Welch and Satterthwaite's degrees of freedom.
    const double freedom =
        sum > 0 ? sum * sum / (partA * partA / (countA - 1) + partB * partB / (countB - 1)) : 1;
    judge(comparison, std::sqrt(sum), freedom, better);
    return comparison;
}

std::optional<std::size_t> seedsNeeded(const SeedComparison& comparison) {
    constexpr double kBothTails = 0.6; // of the t that 80 % lie below
    constexpr double kMost = 1e6;
    if (comparison.outcome == SeedComparison::Outcome::TooFew || comparison.difference == 0)
        return std::nullopt;
    if (comparison.halfWidth == 0)
        return kFewest;
    const double ratio = variancePerSeed(comparison) / (comparison.difference * comparison.difference);
    const auto wanted = [&](double seeds) {
        const double freedom = (comparison.isPaired ? 1 : 2) * (seeds - 1);
        const double reach = twoSidedT(kConfidence, freedom) + twoSidedT(kBothTails, freedom);
        return reach * reach * ratio;
    };
    double low = kFewest;
    double high = kMost;
    if (wanted(high) > high)
        return std::nullopt;
    while (low < high) { // more seeds want fewer: the smallest that is enough
        const double middle = std::floor((low + high) / 2);
        if (wanted(middle) <= middle)
            high = middle;
        else
            low = middle + 1;
    }
    return static_cast<std::size_t>(low);
}

std::string inWords(const SeedComparison& comparison) {
    using Outcome = SeedComparison::Outcome;
    const std::string& first = comparison.first;
    const std::string& second = comparison.second;
    const std::string by = withInterval(comparison.difference, comparison.halfWidth);
    switch (comparison.outcome) {
    case Outcome::TooFew:
        return "Too few runs to tell " + first + " and " + second + " apart: " + first + " has " +
               std::to_string(comparison.firstCount) + ", " + second + " has " +
               std::to_string(comparison.secondCount) + ", and " + std::to_string(kFewest) +
               " of each are needed";
    case Outcome::WithinNoise:
        return first + " and " + second + " differ by " + by + " over " + runs(comparison) + ": within noise";
    case Outcome::FirstBetter:
        return first + " beats " + second + " by " + by + " over " + runs(comparison);
    case Outcome::SecondBetter:
        return second + " beats " + first + " by " + by + " over " + runs(comparison);
    }
    return {};
}

} // namespace lathe
