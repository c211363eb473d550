#pragma once

#include "core/data/table.h"
#include "core/params/param_schema.h"
#include "core/tasks/task.h"

#include <string>
#include <vector>

namespace lathe {

/// The fields that say how the training data is read where the guess is wrong.
void addImportPart(ParamSchema& schema);
/// Their keys, in the order of the form.
[[nodiscard]] const std::vector<std::string>& importKeys();
/// What a recipe says about reading its training data. Contract: the values passed validate().
[[nodiscard]] ImportOptions importOptionsOf(const ParamValues& recipe);
/// The training file, read as the recipe says; where it says nothing, as the task reads its files.
[[nodiscard]] Result<Table> readTrainingFile(const ParamValues& recipe, const Task& task);

} // namespace lathe
