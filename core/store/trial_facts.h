#pragma once

#include "core/store/study_reader.h"

#include <map>
#include <optional>
#include <string>

/// What exports and the window say of a trial.
namespace lathe {

/// The metric whose points lead to the objective: "eval_loss" of the objective "best_eval_loss".
[[nodiscard]] std::string seriesOf(const Objective& objective);

/// The objective as the trial has reported it: the metric's last value, or its best.
[[nodiscard]] std::optional<double> objectiveOf(const TrialRecord& trial, const Objective& objective);

/// Of each objective of the study, or empty where the trial has not reported one of them.
[[nodiscard]] std::vector<double> objectiveValues(const TrialRecord& trial, const StudySpec& spec);

/// What the trial has reported, as a TrialResult's metrics name it, and "steps" and "seconds".
[[nodiscard]] std::map<std::string, double> metricsOf(const TrialRecord& trial);

/// The trial's value of a searched quantity; nothing where its condition does not hold, as the sampler saw
/// it: an inactive quantity meets no condition.
[[nodiscard]] const ParamValue* searchedValue(const StudySpec& spec, const TrialRecord& trial,
                                              const SearchDimension& dimension);

} // namespace lathe
