#include "core/analysis/student_t.h"

#include "core/base/contract.h"

#include <cmath>

namespace lathe {

namespace {

/// The continued fraction of I_x(a, b) by Lentz's method, modified by Thompson and Barnett (1986). Converges
/// fast for x < (a + 1) / (a + b + 2).
double betaFraction(double a, double b, double x) {
    constexpr double kTiny = 1e-300;
    constexpr double kPrecision = 1e-16;
    constexpr int kMostTerms = 10'000;
    const auto away = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
    double c = 1;
    double d = 1 / away(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int m = 1; m <= kMostTerms; ++m) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away(1 + even * d);
        c = away(1 + even / c);
        fraction *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away(1 + odd * d);
        c = away(1 + odd / c);
        fraction *= d * c;
        if (std::abs(d * c - 1) < kPrecision)
            break;
    }
    return fraction;
}

/// I_x(a, b); `rest` is 1 - x, given apart because near x = 1 the difference has no digits left.
double incompleteBeta(double a, double b, double x, double rest) {
    if (x <= 0)
        return 0;
    if (rest <= 0)
        return 1;
    const double front =
        std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log(rest));
    if (x < (a + 1) / (a + b + 2))
        return front * betaFraction(a, b, x) / a;
    return 1 - front * betaFraction(b, a, rest) / b;
}

/// The probability of |T| > t.
double tails(double t, double freedom) {
    const double square = t * t;
    return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square));
}

} // namespace

double twoSidedTail(double t, double freedom) {
    LATHE_EXPECT(freedom > 0);
    return std::isinf(t) ? 0 : tails(t, freedom);
}

double twoSidedT(double level, double freedom) {
    LATHE_EXPECT(level > 0 && level < 1 && freedom > 0);
    double low = 0;
    double high = 1;
    while (tails(high, freedom) > 1 - level)
        high *= 2;
    for (int i = 0; i < 100 && low < high; ++i) {
        const double middle = (low + high) / 2;
        (tails(middle, freedom) > 1 - level ? low : high) = middle;
    }
    return (low + high) / 2;
}

} // namespace lathe
