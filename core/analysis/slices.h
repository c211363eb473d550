#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/parameter_axis.h"
#include "core/analysis/study_trials.h"

namespace lathe {

struct SlicePoint {
    std::int64_t trial = 0; ///< its number, which a chart may colour by
    double x = 0;           ///< the value itself; of a choice its index
    double y = 0;           ///< the objective
    bool isPruned = false;
    bool isFeasible = true;
    bool operator==(const SlicePoint&) const = default;
};

/// One parameter against an objective: every trial in which it is active and that is complete or pruned with
/// a finite value, by number.
struct ParameterSlice {
    std::string key;
    bool isLog = false;
    std::vector<AxisTick> ticks; ///< what is written at the axis
    std::vector<SlicePoint> points;
    std::int64_t best = -1; ///< number of the study's best trial, if it is among the points
};

/// Contract: the study searches `key`.
[[nodiscard]] ParameterSlice parameterSlice(const StudyTrials& study, std::string_view key,
                                            std::size_t objective = 0);

/// Dots "complete", "pruned", "infeasible" and "best", those without a point left out.
[[nodiscard]] ChartData sliceChart(const ParameterSlice& slice, const std::string& metric);

} // namespace lathe
