#pragma once

#include "core/session/reported_metrics.h"
#include "core/tasks/task.h"

namespace lathe {

/// What the trials of a recipe report by their end: the training's own figures and those of the task. Errors
/// as taskOf().
[[nodiscard]] Result<ReportedMetrics> reportedMetrics(const Registry<Task>& tasks, const ParamValues& recipe);

} // namespace lathe
