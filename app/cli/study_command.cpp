#include "app/cli/training_command.h"
#include "core/base/text.h"
#include "core/tasks/task_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace lathe {

namespace {

struct StudyOptions {
    TrainingOptions training;
    std::vector<std::string> searches;
    std::int64_t trialCount = 10;
    std::string samplerId = "random";
    std::string objective;
};

/// Every metric any task reports, so that a study can improve one that is not its task's own objective.
Result<Objective> findObjective(const std::string& metric, const ParamValues& recipe,
                                const BuiltinParts& parts) {
    LATHE_ASSIGN(const auto task, taskOf(parts.tasks, recipe));
    std::vector<std::string> known;
    for (const MetricInfo& info : task->metrics()) {
        if (info.name == metric)
            return Objective{metric, info.isHigherBetter};
        known.push_back(info.name);
    }
    return inputError("--objective", "\"" + metric + "\" is not reported by the task " +
                                         toText(*recipe.find("task")) + "; choose one of " + joined(known));
}

Status refine(StudySpec& spec, const StudyOptions& options, const BuiltinParts& parts) {
    for (const std::string& text : options.searches) {
        LATHE_ASSIGN(auto dimension, parseSearchDimension(parts.recipeSchema, text));
        spec.space.push_back(std::move(dimension));
    }
    if (spec.space.empty())
        return inputError("--search",
                          "is missing; say what to search, as in --search learning_rate=1e-4..1e-2:log");
    LATHE_TRY(parts.samplers.make(options.samplerId));
    spec.samplerId = options.samplerId;
    spec.trialCount = options.trialCount;
    if (options.objective.empty())
        return ok();
    LATHE_ASSIGN(spec.objective, findObjective(options.objective, spec.fixed, parts));
    return ok();
}

} // namespace

void addStudyCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<StudyOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "study", "Search for the best recipe: several runs");
    command
        .add_option("--search", options->searches,
                    "What to search, once for each: KEY=LOW..HIGH, KEY=LOW..HIGH:log or KEY=a,b,c")
        ->type_name("SPACE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--trials", options->trialCount, "How many runs (default 10)")
        ->check(CLI::Range(1, 1000000));
    command.add_option("--sampler", options->samplerId,
                       "How the next point is found: " + commands.parts.samplers.knownIds());
    command.add_option("--objective", options->objective, "The metric to improve (default: the task's own)");
    addTrainingOptions(command, options->training, commands.parts);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        const auto complete = [&](StudySpec& spec) { return refine(spec, *options, commands.parts); };
        return runTraining("study", options->training, complete, commands, terminal);
    });
}

} // namespace lathe
