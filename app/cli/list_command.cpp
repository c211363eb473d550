#include "app/cli/open_project.h"
#include "app/cli/study_summary.h"
#include "app/cli/text_table.h"
#include "app/project_folder.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

std::string lastValue(const TrialRecord& trial, const std::string& metric) {
    const auto value = trial.lastValues.find(metric);
    return value == trial.lastValues.end() ? "-" : metricText(metric, value->second);
}

Json studyJson(const StudyRecord& study, const std::vector<TrialRecord>& trials) {
    Json json{{"study", study.id.value},
              {"name", study.spec.name},
              {"kind", study.spec.kind},
              {"created", study.createdAt},
              {"trials_planned", study.spec.trialCount},
              {"objective", study.spec.objective.metric},
              {"trials", Json::array()}};
    for (const TrialRecord& trial : trials)
        json["trials"].push_back({{"trial", trial.id.value},
                                  {"number", trial.number},
                                  {"state", toString(trial.state)},
                                  {"steps", trial.steps},
                                  {"seconds", trial.seconds},
                                  {"last", trial.lastValues},
                                  {"best", trial.bestValues},
                                  {"adapter", trial.adapterFolder.string()}});
    return json;
}

ExitCode list(const CommandSet& commands, const Terminal& terminal) {
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto studies = reader->studies();
    if (!studies)
        return terminal.fail(studies.error(), ExitCode::Failed);
    const std::string database = databaseIn(projectFolder(commands.shared)).string();
    Json answer{{"database", database}, {"studies", Json::array()}};
    std::vector<std::vector<std::string>> rows{
        {"Study", "Name", "Trial", "State", "Steps", "Time", "Loss", "Eval loss", "Accuracy"}};
    for (const StudyRecord& study : *studies) {
        const auto trials = reader->trials(study.id);
        if (!trials)
            return terminal.fail(trials.error(), ExitCode::Failed);
        answer["studies"].push_back(studyJson(study, *trials));
        if (trials->empty())
            rows.push_back({std::to_string(study.id.value), study.spec.name, "-", "not begun"});
        for (const TrialRecord& trial : *trials)
            rows.push_back({std::to_string(study.id.value), study.spec.name, std::to_string(trial.id.value),
                            std::string(toString(trial.state)), std::to_string(trial.steps),
                            duration(trial.seconds), lastValue(trial, "loss"), lastValue(trial, "eval_loss"),
                            lastValue(trial, "eval_accuracy")});
    }
    terminal.emit(answer);
    std::string text = rows.size() > 1 ? textTable(rows) : "No study yet.\n";
    terminal.say(text + "In " + database);
    return ExitCode::Done;
}

} // namespace

void addListCommand(CLI::App& root, CommandSet& commands) {
    CLI::App& command = commands.add(root, "list", "The project's studies and their trials, newest first");
    commands.actions.emplace_back(&command,
                                  [&commands](const Terminal& terminal) { return list(commands, terminal); });
}

} // namespace lathe
