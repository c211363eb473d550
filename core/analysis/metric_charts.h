#pragma once

#include "core/analysis/chart_data.h"
#include "core/base/event.h"

#include <span>

namespace lathe {

/// Exponential moving average with bias correction, as of time constant `weight` in [0, 1): 0 leaves the
/// series as it is. A value that is not finite is passed on and not averaged in.
[[nodiscard]] std::vector<double> smoothed(std::span<const double> values, double weight);

/// The chart of some metrics of one or more trials over steps: one Lines layer a (trial, metric), in the
/// given order of names, raw points.
[[nodiscard]] ChartData metricChart(std::span<const MetricPoint> points, std::span<const std::string> names);

/// Mean, sample standard deviation and the half width of the 95 % t interval. `count` 0 gives NaN.
struct Summary {
    std::size_t count = 0;
    double mean = 0, deviation = 0, halfWidth = 0;
};
[[nodiscard]] Summary summarize(std::span<const double> values);

} // namespace lathe
