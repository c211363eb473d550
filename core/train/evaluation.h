#pragma once

#include "core/params/param_schema.h"
#include "core/tasks/evaluation.h"

namespace lathe {

/// The fields of the recipe that say how a row is read: what EvaluationSpec::reading may hold.
[[nodiscard]] ParamSchema readingSchema();

/// The RunEvaluation of this program. Rows are asked in batches of like length, the longest first; which rows
/// make a batch depends on the data alone, and a batch is taken whole or not at all, so that the answers of a
/// resumed evaluation are those of one that was never stopped, bit for bit. Torch stays behind this function.
[[nodiscard]] Result<std::vector<EvaluationFigure>> runEvaluation(const EvaluationSpec& spec,
                                                                  EvaluationContext& context);

} // namespace lathe
