#pragma once

#include "core/base/registry.h"
#include "core/params/param_schema.h"

namespace lathe {

/// A choice among parts, by id.
[[nodiscard]] ChoiceDomain choiceOf(const std::vector<PartInfo>& parts);

/// The fields that divide the training data, and those that say what a bad row is.
void addSplitPart(ParamSchema& schema);

/// The fields about data files, columns, prompts, splits and tasks.
void addDataPart(ParamSchema& schema);

} // namespace lathe
