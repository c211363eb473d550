#pragma once

#include "core/analysis/chart_data.h"
#include "core/base/event.h"

#include <span>
#include <string>
#include <vector>

namespace lathe {

/// Exponential moving average with bias correction, as of time constant `weight` in [0, 1): 0 leaves the
/// series as it is. A value that is not finite is passed on and not averaged in.
[[nodiscard]] std::vector<double> smoothed(std::span<const double> values, double weight);

/// The chart of some metrics of one or more trials over steps: one Lines layer a (metric, trial), in the
/// given order of names, then by trial; raw points by step, those that are not finite included. Names without
/// a point have no layer. The style is the trial's rank, or, where there is but one trial, the name's place.
[[nodiscard]] ChartData metricChart(std::span<const MetricPoint> points, std::span<const std::string> names);

/// Mean, sample standard deviation and the half width of the 95 % t interval of the finite values; `count`
/// says how many these were. What they are too few for (mean of none, deviation of one) is NaN.
struct Summary {
    std::size_t count = 0;
    double mean = 0, deviation = 0, halfWidth = 0;
};
[[nodiscard]] Summary summarize(std::span<const double> values);

} // namespace lathe
