#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/study_trials.h"

#include <span>

namespace lathe {

/// The best of n trials, to be expected for each n from 1 to the number of values.
struct ExpectedBest {
    std::vector<double> mean;      ///< [n - 1]
    std::vector<double> deviation; ///< of the best of n, from one study of n trials to the next
    std::vector<double> low, high; ///< 95 % bootstrap interval of `mean`
};

/// Expected validation performance, Dodge et al. 2019, Show Your Work (arXiv:1909.03004), equation 7: the
/// mean of the largest (`Direction::Highest`) or smallest of n values drawn with replacement from those
/// there are. It holds for trials that are drawn independently, as random search does; near the number of
/// values it leans to the worse side. Values that are not finite are left out. The same seed gives the same
/// interval.
enum class Direction { Lowest, Highest };
[[nodiscard]] ExpectedBest expectedBest(std::span<const double> values, Direction best,
                                        std::uint64_t seed = 0);

/// Of a study's measured, feasible trials: Band "95 % interval" and Lines "expected best" over trials.
[[nodiscard]] ChartData expectedBestChart(const StudyTrials& study, std::size_t objective = 0);

} // namespace lathe
