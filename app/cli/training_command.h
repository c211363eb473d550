#pragma once

#include "app/cli/command_set.h"
#include "app/cli/recipe_flags.h"
#include "app/cli/study_changes.h"
#include "core/params/study_spec.h"

#include <cstdint>
#include <functional>
#include <string>

namespace lathe {

/// What train, study and pretrain have in common: a recipe, or a study to go on with.
struct TrainingOptions {
    RecipeFlags recipe;
    std::string name;
    std::string resume;
    std::uint64_t seed = 42;
    std::size_t slots = 1; ///< trials at the same time, or kAutoSlots
    bool isDryRun = false;
    StudyChanges changes;  ///< of a study
    ParamValues presets; ///< of the command, over the schema's defaults and under what is given
    CLI::Option* resumeOption = nullptr; // the command owns it
};

void addTrainingOptions(CLI::App& command, TrainingOptions& options, const BuiltinParts& parts);

/// A study of one trial with the recipe over the schema's defaults, and the task's own objective.
[[nodiscard]] StudySpec makeStudySpec(const std::string& kind, const std::string& name, ParamValues recipe,
                                      const BuiltinParts& parts);

/// Resumes, or makes the spec, lets `refine` complete it, and runs it.
[[nodiscard]] ExitCode runTraining(const std::string& kind, const TrainingOptions& options,
                                   const std::function<Status(StudySpec&)>& refine,
                                   const CommandSet& commands, const Terminal& terminal);

} // namespace lathe
