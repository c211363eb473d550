#pragma once

#include "core/base/registry.h"
#include "core/params/param_schema.h"
#include "core/search/pruner.h"
#include "core/search/sampler.h"
#include "core/tasks/task.h"
#include "core/trial/trial_task.h"

#include <functional>
#include <memory>

namespace lathe {

/// The catalogue: every part the program knows, plugged together once at start and read-only after.
struct BuiltinParts {
    Registry<Sampler> samplers;
    Registry<Pruner> pruners;
    Registry<Task> tasks;
    ParamSchema recipeSchema;
    std::function<std::unique_ptr<TrialTask>()> makeTrainingTask;
};
[[nodiscard]] BuiltinParts makeBuiltinParts();

} // namespace lathe
