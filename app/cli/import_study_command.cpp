#include "app/cli/open_project.h"
#include "app/cli/run_study.h"
#include "app/cli/text_table.h"
#include "app/project_folder.h"
#include "app/recipe_file.h"
#include "app/reported_metrics.h"
#include "app/study_import.h"
#include "core/base/files.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

struct ImportStudyFlags {
    std::string file;
    std::string study;
    std::string recipe;
    std::vector<std::string> renamed;
    std::int64_t value = -1;
    bool shouldList = false;
    ImportOrder order;
};

ExitCode listStudies(const std::string& file, const Terminal& terminal) {
    const auto studies = listOptunaStudies(file);
    if (!studies)
        return terminal.refuse(studies.error());
    std::vector<std::vector<std::string>> rows{{"Study", "Trials", "Objectives"}};
    for (const OptunaStudyInfo& study : *studies) {
        Json json{{"study", study.name}, {"trials", study.trialCount}, {"objectives", Json::array()}};
        std::string values;
        for (const OptunaStudyInfo::Value& value : study.values) {
            json["objectives"].push_back({{"metric", value.name}, {"maximize", value.maximize}});
            values += (values.empty() ? "" : ", ") + std::string(value.maximize ? "maximize" : "minimize") +
                      (value.name.empty() ? "" : " " + value.name);
        }
        terminal.emit(json);
        rows.push_back({study.name, std::to_string(study.trialCount), values});
    }
    terminal.say(textTable(rows));
    return ExitCode::Done;
}

Result<ImportOrder> orderOf(const ImportStudyFlags& flags, const BuiltinParts& parts) {
    ImportOrder order = flags.order;
    for (const std::string& text : flags.renamed) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
            return inputError("--rename", "\"" + text + "\" is not of the form PARAMETER=FIELD");
        order.renamed[text.substr(0, equals)] = text.substr(equals + 1);
    }
    if (!flags.recipe.empty()) {
        LATHE_ASSIGN(order.recipe, readRecipeFile(flags.recipe, parts.recipeSchema));
    }
    return order;
}

/// What a search that goes on from the trials needs: a sampler that knows as many objectives, and metrics
/// that trials report with the same direction.
Status checkGoingOn(const StudySpec& spec, const BuiltinParts& parts) {
    LATHE_ASSIGN(const auto sampler, parts.samplers.make(spec.samplerId));
    LATHE_TRY(checkObjectives(spec, *sampler));
    LATHE_ASSIGN(const ReportedMetrics reported, reportedMetrics(parts.tasks, spec.fixed));
    for (const Objective& objective : objectivesOf(spec)) {
        const auto known = std::ranges::find(reported.objectives, objective.metric, &Objective::metric);
        if (known == reported.objectives.end())
            return inputError("--metric", "\"" + objective.metric + "\" is not reported by the task " +
                                              toText(*spec.fixed.find("task")) +
                                              "; say which metric the values are");
        if (known->maximize != objective.maximize)
            return inputError("--metric", objective.metric + " is better when " +
                                              (known->maximize ? "high" : "low") +
                                              ", the file's study looks for the opposite");
    }
    return ok();
}

Result<StudyId> add(const StudyImport& import, const fs::path& folder) {
    LATHE_TRY(ensureWritableFolder(folder));
    LATHE_ASSIGN(StudyWriter writer, StudyWriter::open(databaseIn(folder)));
    return addStudyWithHistory(writer, import.spec, import.trials);
}

void tell(const StudyImport& import, StudyId id, std::int64_t more, const fs::path& folder,
          const Terminal& terminal) {
    Json counts;
    std::string words;
    for (const TrialState state : {TrialState::Complete, TrialState::Pruned, TrialState::Failed}) {
        const auto count = std::ranges::count(import.trials, state, &HistoryTrial::state);
        counts[std::string(toString(state))] = count;
        words += (words.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(toString(state));
    }
    terminal.emit({{"study", id.value},
                   {"name", import.spec.name},
                   {"trials", import.trials.size()},
                   {"states", counts},
                   {"notes", import.notes},
                   {"database", databaseIn(folder).string()}});
    for (const std::string& note : import.notes)
        terminal.warn("note: " + note);
    terminal.say("Imported " + import.spec.name + " as study " + std::to_string(id.value) + ": " + words +
                 ".");
    if (more > 0)
        terminal.say("To try " + std::to_string(more) + " more: lathe study --resume " +
                     std::to_string(id.value) +
                     (folder == defaultProjectFolder() ? "" : " --project " + folder.string()));
}

ExitCode importStudy(const ImportStudyFlags& flags, const CommandSet& commands, const Terminal& terminal) {
    if (flags.shouldList)
        return listStudies(flags.file, terminal);
    const auto order = orderOf(flags, commands.parts);
    if (!order)
        return terminal.refuse(order.error());
    OptunaChoice choice{flags.study, std::nullopt};
    if (flags.value >= 0)
        choice.value = static_cast<std::size_t>(flags.value);
    auto study = readOptunaStudy(flags.file, choice);
    if (!study)
        return terminal.refuse(study.error());
    const auto import = prepareImport(std::move(*study), *order, commands.parts.recipeSchema);
    if (!import)
        return terminal.refuse(import.error());
    if (order->moreTrials > 0) {
        if (!checkStudy(import->spec, commands.parts, terminal))
            return ExitCode::BadInput;
        if (const Status ready = checkGoingOn(import->spec, commands.parts); !ready)
            return terminal.refuse(ready.error());
    }
    const fs::path folder = projectFolder(commands.shared);
    const auto id = add(*import, folder);
    if (!id)
        return terminal.fail(id.error(), ExitCode::Failed);
    tell(*import, *id, order->moreTrials, folder, terminal);
    return ExitCode::Done;
}

} // namespace

void addImportStudyCommand(CLI::App& root, CommandSet& commands) {
    auto flags = std::make_shared<ImportStudyFlags>(); // shared: std::function must be copyable
    CLI::App& command =
        commands.add(root, "import-study", "Add a study out of an Optuna file to the project, as history");
    command.add_option("file", flags->file, "A file of Optuna's SQLite storage")
        ->required()
        ->type_name("FILE");
    command.add_flag("--list", flags->shouldList, "Only tell which studies the file holds");
    command.add_option("--study", flags->study, "Which of several studies")->type_name("NAME");
    command.add_option("--value", flags->value, "Only this one of several objectives, from 0 [all of them]")
        ->check(CLI::NonNegativeNumber)
        ->type_name("NUMBER");
    command
        .add_option("--metric", flags->order.metrics,
                    "The metric its values are [as the file names it]; of several objectives, once for each")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--rename", flags->renamed,
                    "A parameter that is a field of the recipe under another name, once for each: "
                    "lr=learning_rate")
        ->type_name("PARAMETER=FIELD")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--recipe", flags->recipe, "A recipe file (JSON): what was not searched");
    command.add_option("--name", flags->order.name, "What to call it in the table of runs [its own name]");
    command
        .add_option("--more", flags->order.moreTrials,
                    "Leave room for so many new trials: lathe study --resume then goes on from the old ones")
        ->check(CLI::Range(1, 1000000));
    command.add_option("--sampler", flags->order.samplerId,
                       "How their points are found: " + commands.parts.samplers.knownIds());
    commands.actions.emplace_back(&command, [flags, &commands](const Terminal& terminal) {
        return importStudy(*flags, commands, terminal);
    });
}

} // namespace lathe
