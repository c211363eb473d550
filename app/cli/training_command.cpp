#include "app/cli/training_command.h"

#include "app/cli/run_study.h"
#include "core/tasks/task_file.h"
#include "core/train/make_task.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

/// "base-model on sentiment.train", from the recipe's own names.
std::string usualName(const std::string& kind, const ParamValues& recipe) {
    const auto lastPart = [&recipe](const char* key) {
        const ParamValue* value = recipe.find(key);
        std::filesystem::path path = value == nullptr ? "" : toText(*value);
        return (path.has_filename() ? path : path.parent_path()).stem().string();
    };
    const std::string model = lastPart("model");
    const std::string data = lastPart("train_file");
    return model.empty() || data.empty() ? kind : model + " on " + data;
}

ExitCode tellDryRun(const StudySpec& spec, const CommandSet& commands, const Terminal& terminal) {
    if (!checkStudy(spec, commands.parts, terminal))
        return ExitCode::BadInput;
    const auto cost = forecast(spec.fixed);
    if (!cost)
        return terminal.refuse(cost.error());
    terminal.emit({{"spec", Json::parse(toJson(spec))},
                   {"trainable_parameters", cost->trainableParameters},
                   {"base_parameters", cost->baseParameters},
                   {"memory_bytes", cost->memoryBytes}});
    terminal.say("Ready to start: " + std::to_string(cost->trainableParameters) +
                 " trainable parameters beside " + std::to_string(cost->baseParameters) + ", about " +
                 shortNumber(cost->memoryBytes / 1e6) + " MB of memory.");
    for (const auto& [key, value] : spec.fixed.map())
        terminal.say("  " + key + " = " + toText(value));
    return ExitCode::Done;
}

} // namespace

void addTrainingOptions(CLI::App& command, TrainingOptions& options, const BuiltinParts& parts) {
    command.add_option("--name", options.name, "What to call it in the table of runs");
    if (findSpec(parts.recipeSchema, "seed") == nullptr)
        command.add_option("--seed", options.seed, "Everything random follows from it (default 42)");
    command.add_flag("--dry-run", options.isDryRun,
                     "Check everything and say what it would cost; write nothing");
    options.resumeOption =
        command
            .add_option("--resume", options.resume,
                        "Go on with a stopped or killed one: its study's number, or latest")
            ->expected(0, 1)
            ->default_str("latest")
            ->type_name("STUDY");
    options.recipe.addTo(command, parts.recipeSchema);
}

StudySpec makeStudySpec(const std::string& kind, const std::string& name, ParamValues recipe,
                        const BuiltinParts& parts) {
    StudySpec spec;
    spec.kind = kind;
    spec.name = name.empty() ? usualName(kind, recipe) : name;
    spec.fixed = withDefaults(parts.recipeSchema, recipe);
    if (const ParamValue* seed = spec.fixed.find("seed"); seed != nullptr)
        if (const auto* number = std::get_if<std::int64_t>(seed); number != nullptr)
            spec.seed = static_cast<std::uint64_t>(*number);
    if (const auto task = taskOf(parts.tasks, spec.fixed); task)
        spec.objective = (*task)->objective();
    return spec;
}

ExitCode runTraining(const std::string& kind, const TrainingOptions& options,
                     const std::function<Status(StudySpec&)>& refine, const CommandSet& commands,
                     const Terminal& terminal) {
    if (options.resumeOption->count() > 0) {
        if (options.recipe.isAnyGiven())
            return terminal.refuse(inputError(
                "--resume", "goes on with the recipe the study began with; leave out the other flags"));
        return resumeStudy(options.resume, options.slots, options.changes, commands, terminal);
    }
    auto recipe = options.recipe.given();
    if (!recipe)
        return terminal.refuse(recipe.error());
    for (const auto& [key, value] : options.presets.map())
        if (!recipe->contains(key))
            recipe->set(key, value);
    StudySpec spec = makeStudySpec(kind, options.name, std::move(*recipe), commands.parts);
    if (findSpec(commands.parts.recipeSchema, "seed") == nullptr)
        spec.seed = options.seed;
    if (const Status refined = refine(spec); !refined)
        return terminal.refuse(refined.error());
    return options.isDryRun ? tellDryRun(spec, commands, terminal)
                            : runNewStudy(spec, options.slots, options.changes, commands, terminal);
}

} // namespace lathe
