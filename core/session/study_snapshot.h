#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/importance.h"
#include "core/analysis/rank_correlation.h"
#include "core/analysis/study_forecast.h"
#include "core/analysis/study_trials.h"
#include "core/session/confirmation.h"
#include "core/store/study_reader.h"

#include <optional>
#include <string_view>
#include <vector>

namespace lathe {

/// A study as it was at one moment, and what follows from that: a plain value, made away from the GUI thread.
struct StudySnapshot {
    StudyRecord study;
    std::vector<TrialRecord> records; ///< by number
    StudyTrials trials;               ///< the same ones, in the same order
    std::optional<std::int64_t> best; ///< number of the best trial
    /// The trials that wait, in their order; stopped ones too, which run again when the study goes on.
    std::vector<TrialId> queue;
    bool isUnfinished = false; ///< something of it is left to run, which makeSnapshot() does not know
    std::int64_t finished = 0; ///< complete, pruned, failed or stopped
    std::int64_t pruned = 0;
    std::int64_t failed = 0;
    StudyForecast forecast;
    /// The objective's metric of all trials over steps, by number: Lines named as trialName().
    ChartData curves;
    Importances importances; ///< PED-ANOVA
    std::vector<ParamCorrelation> correlations;
    std::optional<Confirmation> confirmation; ///< of a study that repeats another one's finalists
};

/// What people call a trial: they count from 1.
[[nodiscard]] std::string trialName(std::int64_t number);
/// The number of the trial that is called so, if any is.
[[nodiscard]] std::optional<std::int64_t> trialNumber(std::string_view name);

/// A running trial has the objective that it has reached so far; statistics ask for the state as well. The
/// steps of a full run are those of the longest complete trial.
[[nodiscard]] StudySnapshot makeSnapshot(StudyContent content);

} // namespace lathe
