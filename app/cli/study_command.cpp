#include "app/cli/part_options.h"
#include "app/cli/run_study.h"
#include "app/cli/study_rule_flags.h"
#include "app/cli/training_command.h"
#include "app/reported_metrics.h"
#include "app/slot_choice.h"
#include "core/base/text.h"
#include "core/session/study_templates.h"
#include "core/tasks/task_file.h"
#include "core/train/make_task.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <memory>

namespace lathe {

namespace {

struct StudyOptions {
    TrainingOptions training;
    std::vector<std::string> searches;
    StudyRuleFlags rules;
    std::int64_t trialCount = 10;
    std::string samplerId = "auto";
    std::vector<std::string> samplerOptions;
    std::string prunerId = "none";
    std::vector<std::string> prunerOptions;
    std::string pruneMetric;
    std::int64_t maxSteps = 0;
    double maxSeconds = 0;
    std::int64_t resultLag = 0;
    bool mayRepeat = false;
    std::vector<std::string> objectives;
    std::string templateId; ///< of a prepared study; empty: a search
};

/// Any that the trials report, so that a study can improve one that is not its task's own objective.
Result<Objective> findObjective(const std::string& metric, const ParamValues& recipe,
                                const BuiltinParts& parts) {
    LATHE_ASSIGN(const ReportedMetrics reported, reportedMetrics(parts.tasks, recipe));
    std::vector<std::string> known;
    for (const Objective& objective : reported.objectives) {
        if (objective.metric == metric)
            return objective;
        known.push_back(objective.metric);
    }
    return inputError("--objective", "\"" + metric + "\" is not reported by the task " +
                                         toText(*recipe.find("task")) + "; choose one of " + joined(known));
}

/// None: the task's own.
Status chooseObjectives(StudySpec& spec, const std::vector<std::string>& metrics, const BuiltinParts& parts) {
    for (const std::string& metric : metrics) {
        LATHE_ASSIGN(Objective objective, findObjective(metric, spec.fixed, parts));
        spec.furtherObjectives.push_back(std::move(objective));
    }
    if (metrics.empty())
        return ok();
    spec.objective = spec.furtherObjectives.front();
    spec.furtherObjectives.erase(spec.furtherObjectives.begin());
    return ok();
}

/// Metrics of the training itself, and those of the task.
Status checkPruneMetric(const StudySpec& spec, const BuiltinParts& parts) {
    if (spec.pruneMetric.empty())
        return ok();
    std::vector<std::string> known{"loss", "grad_norm"};
    LATHE_ASSIGN(const auto task, taskOf(parts.tasks, spec.fixed));
    for (const MetricInfo& info : task->metrics())
        known.push_back(info.name);
    if (std::ranges::find(known, spec.pruneMetric) != known.end())
        return ok();
    return inputError("--prune-metric", "\"" + spec.pruneMetric +
                                            "\" is not reported during the training; choose one of " +
                                            joined(known));
}

Status choosePruner(StudySpec& spec, const StudyOptions& options, const BuiltinParts& parts) {
    LATHE_ASSIGN(const auto pruner, parts.pruners.make(options.prunerId));
    spec.prunerId = options.prunerId;
    LATHE_ASSIGN(spec.prunerOptions,
                 partOptions("--pruner-option", options.prunerId, pruner->options(), options.prunerOptions));
    LATHE_TRY(pruner->checkOptions(spec.prunerOptions));
    spec.pruneMetric = options.pruneMetric;
    return checkPruneMetric(spec, parts);
}

Result<SearchSpace> searchedBy(const StudyOptions& options, const BuiltinParts& parts) {
    SearchSpace space;
    for (const std::string& text : options.searches) {
        LATHE_ASSIGN(auto dimension, parseSearchDimension(parts.recipeSchema, text));
        space.push_back(std::move(dimension));
    }
    return space;
}

Status refine(StudySpec& spec, const StudyOptions& options, const BuiltinParts& parts) {
    LATHE_ASSIGN(spec.space, searchedBy(options, parts));
    if (spec.space.empty())
        return inputError("--search",
                          "is missing; say what to search, as in --search learning_rate=1e-4..1e-2:log");
    LATHE_TRY(options.rules.fill(spec, parts));
    LATHE_ASSIGN(const auto sampler, parts.samplers.make(options.samplerId));
    spec.samplerId = options.samplerId;
    LATHE_ASSIGN(spec.samplerOptions, partOptions("--sampler-option", options.samplerId, sampler->options(),
                                                  options.samplerOptions));
    spec.trialCount = options.trialCount;
    spec.maxSteps = options.maxSteps;
    spec.maxSeconds = options.maxSeconds;
    spec.resultLag = options.resultLag;
    spec.mayRepeat = options.mayRepeat;
    LATHE_TRY(chooseObjectives(spec, options.objectives, parts));
    LATHE_TRY(checkObjectives(spec, *sampler));
    return choosePruner(spec, options, parts);
}

/// A prepared study in place of a search: what its recipes are is known.
ExitCode runTemplate(const StudyOptions& options, const CommandSet& commands, const Terminal& terminal) {
    if (!options.searches.empty() || options.rules.isAnyGiven())
        return terminal.refuse(
            inputError("--template", "compares recipes that are known; leave out --search and its rules"));
    auto recipe = options.training.recipe.given();
    if (!recipe)
        return terminal.refuse(recipe.error());
    const auto wanted = findTemplate(commands.parts.recipeSchema, options.templateId);
    if (!wanted)
        return terminal.refuse(wanted.error());
    const std::string& name = options.training.name;
    StudySpec base =
        makeStudySpec("study", name.empty() ? wanted->label : name, std::move(*recipe), commands.parts);
    if (const Status chosen = chooseObjectives(base, options.objectives, commands.parts); !chosen)
        return terminal.refuse(chosen.error());
    const auto count = [](const ParamValues& arm) -> Result<std::int64_t> {
        LATHE_ASSIGN(const auto cost, forecast(arm));
        return cost.trainableParameters;
    };
    const auto plan =
        planTemplate(*wanted, commands.parts.recipeSchema, base, options.training.changes.seeds, count);
    return plan ? runPlannedStudy(*plan, options.training.slots, commands, terminal)
                : terminal.refuse(plan.error());
}

/// Of --slots: "auto" or how many. Returns what is wrong, or nothing.
std::string readSlots(std::string& text) {
    constexpr int kMost = 1024;
    if (text == "auto") {
        text = std::to_string(kAutoSlots);
        return {};
    }
    int count = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, count);
    if (read.ec == std::errc() && read.ptr == end && count >= 1 && count <= kMost)
        return {};
    return "takes auto or a whole number from 1 to " + std::to_string(kMost) + ", not " + text;
}

void addOptionsOf(CLI::App& command, const std::string& part, std::vector<std::string>& texts) {
    command.add_option("--" + part + "-option", texts, "An option of the " + part + ", once for each")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void addPruningOptions(CLI::App& command, StudyOptions& options, const BuiltinParts& parts) {
    command.add_option("--pruner", options.prunerId,
                       "How hopeless trials are ended early: " + parts.pruners.knownIds());
    addOptionsOf(command, "pruner", options.prunerOptions);
    command.add_option("--prune-metric", options.pruneMetric,
                       "The metric to prune by (default: the objective's)");
    command
        .add_option("--budget-steps", options.maxSteps,
                    "Start no more trials once all have made so many steps together")
        ->check(CLI::PositiveNumber);
    command
        .add_option("--budget-seconds", options.maxSeconds,
                    "Start no more trials once the study has taken so long")
        ->check(CLI::PositiveNumber);
}

/// What is better, and how the search goes on from it.
void addObjectiveOptions(CLI::App& command, StudyOptions& options) {
    command
        .add_option(
            "--objective", options.objectives,
            "The metric to improve (default: the task's own); once for each of several, whose front is "
            "then looked for")
        ->type_name("METRIC")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--deterministic", options.resultLag,
                    "Search for each run by the results of those N and more before it alone: the same study, "
                    "however many of up to N run at once (default N: 4)")
        ->expected(0, 1)
        ->default_str("4")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
    command.add_flag("--allow-repeats", options.mayRepeat,
                     "Let the search try a point again, as noisy results need it");
}

} // namespace

void addStudyCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<StudyOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "study", "Search for the best recipe: several runs");
    command
        .add_option("--search", options->searches,
                    "What to search, once for each: KEY=LOW..HIGH, KEY=LOW..HIGH:log, KEY=LOW..HIGH:step=N, "
                    "KEY=LOW..HIGH:at_most=EXPRESSION (or at_least) or KEY=a,b,c")
        ->type_name("SPACE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options->rules.addTo(command);
    command.add_option("--trials", options->trialCount, "How many runs (default 10)")
        ->check(CLI::Range(1, 1000000));
    command
        .add_option(
            "--slots", options->training.slots,
            "How many runs at the same time, which share the cores; the last take those of slots that "
            "stay empty, but with --threads or --deterministic; auto: one for each core, as far as the "
            "memory goes (default 1)")
        ->transform(CLI::Validator(readSlots, "auto|N"));
    command.add_option("--sampler", options->samplerId,
                       "How the next point is found (default auto): " + commands.parts.samplers.knownIds());
    addOptionsOf(command, "sampler", options->samplerOptions);
    addPruningOptions(command, *options, commands.parts);
    addObjectiveOptions(command, *options);
    command.add_option("--template", options->templateId,
                       "A prepared study of a few recipes with --seeds, in place of a search: allocation, "
                       "few_shot, few_shot_lora");
    addStudyChanges(command, options->training.changes);
    addTrainingOptions(command, options->training, commands.parts);
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        if (!options->templateId.empty())
            return runTemplate(*options, commands, terminal);
        if (options->maxSteps > 0)
            options->training.changes.maxSteps = options->maxSteps;
        if (options->maxSeconds > 0)
            options->training.changes.maxSeconds = options->maxSeconds;
        if (!options->searches.empty() || options->rules.isAnyGiven())
            options->training.changes.reshape = [given = options.get(),
                                                 &commands](const StudySpec& spec,
                                                            std::int64_t next) -> Result<StudySpec> {
                LATHE_ASSIGN(const SearchSpace space, searchedBy(*given, commands.parts));
                return given->rules.changed(spec, space, next, commands.parts);
            };
        const auto complete = [&](StudySpec& spec) { return refine(spec, *options, commands.parts); };
        return runTraining("study", options->training, complete, commands, terminal);
    });
}

} // namespace lathe
