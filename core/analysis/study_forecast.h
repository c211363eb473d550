#pragma once

#include "core/analysis/study_trials.h"

#include <optional>

namespace lathe {

/// What is planned, and what is known before any trial has run.
struct ForecastPlan {
    std::int64_t trials = 1; ///< the study's budget, finished ones included
    std::int64_t slots = 1;  ///< trials that run at a time
    /// Share of a full run that a trial takes on average under the pruner; used until trials have ended.
    double plannedShare = 1;
    double secondsPerStep = 0; ///< measured elsewhere; used until the study's trials tell; 0: not known
};

/// What a study will still take.
struct StudyForecast {
    /// Different points in the space; nothing where a dimension is continuous or they are beyond 2^53.
    std::optional<double> configurations;
    std::int64_t trialsLeft = 0;
    double fullRunsLeft = 0; ///< steps left over the steps of a full run; trials left where these are unknown
    std::optional<double> hours; ///< wall time left; nothing where no speed is known
    /// 95 % prediction interval of `hours`; nothing below two finished trials.
    std::optional<double> lowHours, highHours;
};

/// Seconds per step and steps per trial are the means over what has ended complete or pruned; running trials
/// are taken to come as far as those. Wall time is the work over the slots that can be busy. Conditional
/// dimensions count in `configurations` only where their condition is on another searched dimension's value.
/// Contract: slots >= 1.
[[nodiscard]] StudyForecast forecast(const StudyTrials& study, const ForecastPlan& plan);

/// The number of different points of a space, conditions respected; nothing as in StudyForecast.
[[nodiscard]] std::optional<double> configurationCount(const SearchSpace& space);

} // namespace lathe
