#pragma once

#include "core/params/param_schema.h"
#include "core/store/study_reader.h"
#include "core/tasks/evaluation.h"

#include <span>
#include <string>

namespace lathe {

/// An evaluation of what a run has trained, as its recipe says: its model and adapter, its task and reading
/// of rows, on its evaluation data (none where the run put rows of its training data aside). A run that
/// trained every weight left a whole model. `reading`: the fields that EvaluationSpec::reading may hold.
[[nodiscard]] EvaluationSpec evaluationOf(const TrialRecord& trial, std::span<const ParamSpec> reading);

/// What is asked for in a form besides model and adapters: the data file, the fields of `reading`, how many
/// rows, and what is to hold in place of the task's own settings of generation (0: the task's).
[[nodiscard]] ParamSchema evaluationFormSchema(std::span<const ParamSpec> reading);
/// Contract: the values passed validate().
[[nodiscard]] EvaluationSpec evaluationFromForm(const ParamValues& values,
                                                std::span<const ParamSpec> reading);

/// "base_model on sentiment.test", "lora-3, other (0.5) on sentiment.test": from the names of its files.
[[nodiscard]] std::string usualName(const EvaluationSpec& spec);

} // namespace lathe
