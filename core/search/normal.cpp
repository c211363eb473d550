#include "core/search/normal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace lathe {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Below this erfc loses digits to denormals; the series is exact to 1e-16 there.
constexpr double kSeriesBegin = -26;

double logDensity(double x) { return -0.5 * x * x - 0.5 * std::log(2 * std::numbers::pi); }

/// log(exp(a) - exp(b)) for a >= b.
double logDifference(double a, double b) {
    if (b == -kInfinity)
        return a;
    const double gap = b - a;
    if (gap >= 0)
        return -kInfinity;
    return a + (gap > -std::numbers::ln2 ? std::log(-std::expm1(gap)) : std::log1p(-std::exp(gap)));
}

double logSum(double a, double b) {
    const double high = std::max(a, b);
    return high == -kInfinity ? high : high + std::log1p(std::exp(std::min(a, b) - high));
}

/// The tail below x < 0: phi(x) / -x * (1 - 1/x² + 3/x⁴ - 15/x⁶ + …), summed until its terms are lost.
double logTailSeries(double x) {
    const double square = x * x;
    double term = 1;
    double sum = 1;
    for (int k = 1; k < 20; ++k) {
        term *= -(2 * k - 1) / square;
        sum += term;
        if (std::abs(term) < std::numeric_limits<double>::epsilon())
            break;
    }
    return logDensity(x) - std::log(-x) + std::log(sum);
}

} // namespace

double logNormalCdf(double x) {
    if (x < kSeriesBegin)
        return x == -kInfinity ? x : logTailSeries(x);
    const double tail = 0.5 * std::erfc(std::abs(x) / std::numbers::sqrt2);
    return x < 0 ? std::log(tail) : std::log1p(-tail);
}

double logNormalMass(double from, double to) {
    if (!(from < to))
        return -kInfinity;
    if (from > 0)
        return logNormalMass(-to, -from);
    if (to <= 0)
        return logDifference(logNormalCdf(to), logNormalCdf(from));
    return std::log1p(-std::exp(logNormalCdf(from)) - std::exp(logNormalCdf(-to)));
}

double normalQuantileOfLog(double logShare) {
    if (logShare >= 0)
        return logShare > 0 ? std::numeric_limits<double>::quiet_NaN() : kInfinity;
    if (logShare >
        -std::numbers::ln2) // mirrored, because log(share) near 0 holds no digits of the upper tail
        return -normalQuantileOfLog(std::log(-std::expm1(logShare)));
    // log Phi is concave, so Newton's method stays on one side of the root and doubles its digits.
    double x = logShare > -2 ? -0.5 : -std::sqrt(-2 * logShare);
    for (int round = 0; round < 60; ++round) {
        const double value = logNormalCdf(x);
        const double step = (value - logShare) * std::exp(value - logDensity(x));
        x -= step;
        if (std::abs(step) <= 1e-15 * std::abs(x))
            break;
    }
    return x;
}

double truncatedNormalQuantile(double u, double from, double to) {
    if (from > 0)
        return -truncatedNormalQuantile(1 - u, -to, -from);
    const double share = logSum(logNormalCdf(from), std::log(u) + logNormalMass(from, to));
    return std::clamp(normalQuantileOfLog(std::min(share, 0.0)), from, to);
}

} // namespace lathe
