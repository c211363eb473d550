#include "core/tasks/bootstrap.h"

#include "core/base/contract.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// Keeps these draws apart from those other parts make of the same seed.
constexpr std::uint64_t kBootstrapStream = 0x626f6f74; // "boot"

/// The figure of each draw, sorted.
std::vector<double> bootstrapFigures(std::size_t rows, const RowStatistic& statistic,
                                     const IntervalOptions& options) {
    std::vector<double> figures;
    if (rows == 0)
        return figures;
    Rng rng(mixSeed(options.seed, kBootstrapStream));
    std::vector<std::size_t> drawn(rows);
    for (std::int64_t i = 0; i < options.resamples; ++i) {
        for (std::size_t& row : drawn)
            row = static_cast<std::size_t>(rng.integer(0, static_cast<std::int64_t>(rows) - 1));
        if (const double figure = statistic(drawn); !std::isnan(figure))
            figures.push_back(figure);
    }
    std::ranges::sort(figures);
    return figures;
}

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
    LATHE_EXPECT(options.confidence > 0 && options.confidence < 1);
    const std::vector<double> figures = bootstrapFigures(rows, statistic, options);
    if (figures.empty()) {
        constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
        return {kNaN, kNaN};
    }
    const double tail = (1 - options.confidence) / 2;
    return {quantile(figures, tail), quantile(figures, 1 - tail)};
}

} // namespace lathe
