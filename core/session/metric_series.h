#pragma once

#include <vector>

namespace lathe {

/// One metric of one trial, by step. The three vectors run parallel. Steps are whole numbers.
struct MetricSeries {
    std::vector<double> steps;
    std::vector<double> values;
    std::vector<double> seconds;
};

} // namespace lathe
