#include "core/base/numbers.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lathe {

double mean(std::span<const double> numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

bool isConstant(std::span<const double> numbers) {
    return std::ranges::all_of(numbers, [&](double number) { return number == numbers.front(); });
}

double pearson(std::span<const double> x, std::span<const double> y) {
    LATHE_EXPECT(x.size() == y.size());
    if (x.size() < 2 || isConstant(x) || isConstant(y))
        return std::numeric_limits<double>::quiet_NaN();
    const double meanX = mean(x);
    const double meanY = mean(y);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double dx = x[i] - meanX;
        const double dy = y[i] - meanY;
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    // Two roots, not the root of the product, which could overflow.
    return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
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
