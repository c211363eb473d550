#pragma once

#include "core/tasks/verdict.h"

#include <functional>
#include <span>

namespace lathe {

/// A figure of some of the rows, given by their numbers; a row may be among them more than once.
using RowStatistic = std::function<double(std::span<const std::size_t> rows)>;

/// Percentile interval of the bootstrap, Efron 1979: the figure of `resamples` draws of `rows` rows with
/// replacement. Draws for which the figure is NaN are left out; NaN on both sides where none is left. The
/// draws depend on the seed and the number of rows alone, on every platform.
[[nodiscard]] Interval bootstrapInterval(std::size_t rows, const RowStatistic& statistic,
                                         const IntervalOptions& options);

/// The `share` quantile of sorted numbers, linear between neighbours. Contract: not empty, share in [0, 1].
[[nodiscard]] double quantile(std::span<const double> sorted, double share);

} // namespace lathe
