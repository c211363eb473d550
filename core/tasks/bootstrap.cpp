#include "core/tasks/bootstrap.h"

#include "core/base/contract.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// Keeps these draws apart from those other parts make of the same seed.
constexpr std::uint64_t kBootstrapStream = 0x626f6f74; // "boot"

} // namespace

double quantile(std::span<const double> sorted, double share) {
    LATHE_EXPECT(!sorted.empty());
    LATHE_EXPECT(share >= 0 && share <= 1);
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval bootstrapInterval(std::size_t rows, const RowStatistic& statistic, const IntervalOptions& options) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    LATHE_EXPECT(options.confidence > 0 && options.confidence < 1);
    if (rows == 0)
        return {kNaN, kNaN};
    Rng rng(mixSeed(options.seed, kBootstrapStream));
    std::vector<std::size_t> drawn(rows);
    std::vector<double> figures;
    for (std::int64_t i = 0; i < options.resamples; ++i) {
        for (std::size_t& row : drawn)
            row = static_cast<std::size_t>(rng.integer(0, static_cast<std::int64_t>(rows) - 1));
        if (const double figure = statistic(drawn); !std::isnan(figure))
            figures.push_back(figure);
    }
    if (figures.empty())
        return {kNaN, kNaN};
    std::ranges::sort(figures);
    const double tail = (1 - options.confidence) / 2;
    return {quantile(figures, tail), quantile(figures, 1 - tail)};
}

} // namespace lathe
