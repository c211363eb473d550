#pragma once

#include "core/base/registry.h"
#include "core/model/load_model.h"
#include "core/params/param_schema.h"
#include "core/tasks/task.h"

namespace lathe {

/// The tasks a recipe may name.
[[nodiscard]] const Registry<Task>& recipeTasks();
/// The task of a recipe, its own file's too. Errors as taskOf().
[[nodiscard]] Result<std::unique_ptr<Task>> recipeTask(const ParamValues& values);

/// The head that a recipe's task asks for, with `labels` labels; nothing where the model answers with tokens,
/// or where the task's file cannot be read.
[[nodiscard]] std::optional<NewHead> headFor(const ParamValues& values, std::int64_t labels,
                                             std::uint64_t seed);

/// The recipe with the method's size set as "match_parameters" asks; as it is where that is 0 or the method
/// has no size. Input error as matchParameters().
[[nodiscard]] Result<ParamValues> withMatchedSize(ParamValues values, const ModelSummary& model);

/// What a run reads out of its recipe once, typed. Contract: the values passed validate().
struct RecipeView {
    explicit RecipeView(const ParamValues& values);

    std::string modelFolder;
    bool startsUntrained = false;
    std::string method;
    std::string taskId;
    RowReading reading;
    ExampleOptions examples;
    bool isPacked = false; ///< short rows share sequences
    std::int64_t batchSize = 8;
    std::int64_t accumulation = 1;
    std::int64_t evalEvery = 0;
    std::int64_t evalRows = 0;
    std::int64_t sampleEvery = 0;
    std::int64_t checkpointEvery = 0;
};

} // namespace lathe
