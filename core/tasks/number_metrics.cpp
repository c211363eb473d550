#include "core/tasks/number_metrics.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lathe {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const double> numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

bool isConstant(std::span<const double> numbers) {
    return std::ranges::all_of(numbers, [&](double number) { return number == numbers.front(); });
}

/// Mean over the pairs of `measure(expected, given)`.
template <typename Measure>
double meanOf(std::span<const double> expected, std::span<const double> given, Measure measure) {
    LATHE_EXPECT(expected.size() == given.size());
    if (expected.empty())
        return kNaN;
    double sum = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        sum += measure(expected[i], given[i]);
    return sum / static_cast<double>(expected.size());
}

} // namespace

double pearson(std::span<const double> expected, std::span<const double> given) {
    LATHE_EXPECT(expected.size() == given.size());
    if (expected.size() < 2 || isConstant(expected) || isConstant(given))
        return kNaN;
    const double expectedMean = mean(expected);
    const double givenMean = mean(given);
    double both = 0;
    double expectedSquares = 0;
    double givenSquares = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double e = expected[i] - expectedMean;
        const double g = given[i] - givenMean;
        both += e * g;
        expectedSquares += e * e;
        givenSquares += g * g;
    }
    // Two roots, not the root of the product, which could overflow.
    return std::clamp(both / (std::sqrt(expectedSquares) * std::sqrt(givenSquares)), -1.0, 1.0);
}

double spearman(std::span<const double> expected, std::span<const double> given) {
    return pearson(ranks(expected), ranks(given));
}

double meanSquaredError(std::span<const double> expected, std::span<const double> given) {
    return meanOf(expected, given, [](double e, double g) { return (e - g) * (e - g); });
}

double meanAbsoluteError(std::span<const double> expected, std::span<const double> given) {
    return meanOf(expected, given, [](double e, double g) { return std::abs(e - g); });
}

double rSquared(std::span<const double> expected, std::span<const double> given) {
    if (expected.size() < 2)
        return kNaN;
    const double residual = meanSquaredError(expected, given);
    if (isConstant(expected))
        return residual == 0 ? 1 : 0;
    const double centre = mean(expected);
    return 1 - residual /
                   meanOf(expected, expected, [&](double e, double) { return (e - centre) * (e - centre); });
}

std::vector<double> ranks(std::span<const double> numbers) {
    std::vector<std::size_t> order(numbers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return numbers[i]; });
    std::vector<double> result(numbers.size());
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from;
        while (to < order.size() && numbers[order[to]] == numbers[order[from]])
            ++to;
        for (std::size_t i = from; i < to; ++i)
            result[order[i]] = static_cast<double>(from + to + 1) / 2;
        from = to;
    }
    return result;
}

} // namespace lathe
