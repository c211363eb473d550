#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/study_trials.h"

namespace lathe {

/// What a study's progress is measured against.
enum class Compute {
    Trials,   ///< trials that have begun
    Steps,    ///< optimiser steps of all trials
    FullRuns, ///< the same in trials that are not cut short; steps where StudyTrials::fullSteps is not known
    Seconds,  ///< training time of all trials
};

/// After the compute of this trial and all before it, the best value is this one.
struct BestPoint {
    double compute = 0;
    double value = 0;
    std::int64_t trial = 0; ///< number of the trial that has it
    bool operator==(const BestPoint&) const = default;
};

/// The best measured and feasible value after each trial that used compute, by the trials' numbers; what
/// failed, was pruned or still runs counts with what it used. Nothing before the first value.
[[nodiscard]] std::vector<BestPoint> bestSoFar(const StudyTrials& study, Compute compute,
                                               std::size_t objective = 0);

/// Every measured trial where it ended, by the trials' numbers: what bestSoFarChart() shows as Dots.
[[nodiscard]] std::vector<BestPoint> measuredPoints(const StudyTrials& study, Compute compute,
                                                    std::size_t objective = 0);

/// What the study has used so far.
[[nodiscard]] double computeOf(const StudyTrials& study, Compute compute);

/// The best value as a staircase (Lines "best so far"), and Dots of every measured trial where it ended:
/// "trials", and "infeasible" if there are such.
[[nodiscard]] ChartData bestSoFarChart(const StudyTrials& study, Compute compute, std::size_t objective = 0);

} // namespace lathe
