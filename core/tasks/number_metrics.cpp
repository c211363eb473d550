#include "core/tasks/number_metrics.h"

#include "core/base/contract.h"
#include "core/base/numbers.h"

#include <cmath>
#include <limits>

namespace lathe {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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

} // namespace lathe
