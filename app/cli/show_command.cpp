#include "app/cli/event_json.h"
#include "app/cli/open_project.h"
#include "app/cli/study_statistics.h"
#include "app/cli/study_summary.h"
#include "app/cli/text_table.h"
#include "app/project_folder.h"
#include "core/data/data_record.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

struct ShowOptions {
    std::int64_t trial = 0;
    std::int64_t study = 0;
    bool isCsv = false;
};

Result<Json> everything(const StudyReader& reader, const TrialSummary& summary, const SharedOptions& shared) {
    const TrialId id = summary.record.id;
    Json json = toJson(summary);
    LATHE_ASSIGN(const auto points, reader.points(id));
    LATHE_ASSIGN(const auto samples, reader.samples(id));
    LATHE_ASSIGN(const auto log, reader.log(id));
    LATHE_ASSIGN(const auto artifacts, reader.artifacts(id));
    for (const char* part : {"points", "samples", "log", "artifacts"})
        json[part] = Json::array();
    for (const MetricPoint& point : points)
        json["points"].push_back({{"metric", point.name},
                                  {"step", point.step},
                                  {"value", point.value},
                                  {"seconds", point.seconds}});
    for (const SampleText& sample : samples)
        json["samples"].push_back(toJsonLine(sample));
    for (const LogLine& line : log)
        json["log"].push_back(toJsonLine(line));
    if (const auto data = readDataRecord(trialFolderIn(projectFolder(shared), id)))
        json["data"] = Json::parse(toJson(*data));
    for (const Artifact& artifact : artifacts)
        json["artifacts"].push_back(
            {{"path", artifact.path}, {"bytes", artifact.bytes}, {"sha256", artifact.sha256}});
    return json;
}

/// Metrics as first → last and best, then the recipe.
std::string details(const TrialSummary& summary) {
    std::vector<std::vector<std::string>> metrics{{"Metric", "First", "Last", "Best"}};
    for (const auto& [name, last] : summary.record.lastValues) {
        const auto first = summary.firstValues.find(name);
        const auto best = summary.record.bestValues.find(name);
        metrics.push_back({name, first == summary.firstValues.end() ? "-" : metricText(name, first->second),
                           metricText(name, last),
                           best == summary.record.bestValues.end() ? "-" : metricText(name, best->second)});
    }
    std::vector<std::vector<std::string>> recipe{{"Parameter", "Value"}};
    for (const auto& [key, value] : summary.record.values.map())
        recipe.push_back({key, toText(value)});
    return textTable(metrics) + "\n" + textTable(recipe);
}

/// What the run read; nothing of runs that did not record it.
std::string dataOf(TrialId trial, const SharedOptions& shared) {
    const auto data = readDataRecord(trialFolderIn(projectFolder(shared), trial));
    std::string text;
    for (const std::string& line : data ? inWords(*data) : std::vector<std::string>())
        text += line + "\n";
    return text.empty() ? text : "Data\n" + text + "\n";
}

ExitCode showStudy(const ShowOptions& options, const CommandSet& commands, const Terminal& terminal) {
    if (options.trial > 0 || options.isCsv)
        return terminal.refuse(inputError("--study", "shows a whole study; leave out the trial and --csv"));
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto statistics = readStatistics(*reader, StudyId{options.study});
    if (!statistics)
        return terminal.refuse(statistics.error());
    terminal.emit(toJson(*statistics));
    terminal.say(inWords(*statistics));
    return ExitCode::Done;
}

ExitCode show(const ShowOptions& options, const CommandSet& commands, const Terminal& terminal) {
    if (options.study > 0)
        return showStudy(options, commands, terminal);
    if (options.trial < 1)
        return terminal.refuse(
            inputError("lathe show", "needs a trial's number, or --study with a study's; see lathe list"));
    const auto reader = openForReading(commands.shared);
    if (!reader)
        return terminal.refuse(reader.error());
    const auto summary = summarise(*reader, TrialId{options.trial});
    if (!summary)
        return terminal.refuse(summary.error());
    if (options.isCsv) {
        const auto points = reader->points(TrialId{options.trial});
        if (!points)
            return terminal.fail(points.error(), ExitCode::Failed);
        const std::string csv = toCsv(*points);
        std::fwrite(csv.data(), 1, csv.size(), stdout);
        return ExitCode::Done;
    }
    if (terminal.isJson()) {
        const auto json = everything(*reader, *summary, commands.shared);
        if (!json)
            return terminal.fail(json.error(), ExitCode::Failed);
        terminal.emit(*json);
        return ExitCode::Done;
    }
    const TrialRecord& record = summary->record;
    terminal.say("Trial " + std::to_string(record.id.value) + " of study " +
                 std::to_string(record.study.value) + ": " + std::string(toString(record.state)) + "\n" +
                 inWords(*summary) + "\n\n" + dataOf(record.id, commands.shared) + details(*summary));
    return ExitCode::Done;
}

} // namespace

void addShowCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<ShowOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "show", "One trial, or a study's statistics");
    command
        .add_option("trial", options->trial, "The trial's number, from lathe list: its metrics and recipe")
        ->type_name("TRIAL");
    command
        .add_option("--study", options->study,
                    "The study's number: its best trial, what mattered, and the finalists over seeds")
        ->type_name("STUDY");
    command.add_flag("--csv", options->isCsv, "Its points as CSV: trial,metric,step,value,seconds");
    commands.actions.emplace_back(&command, [options, &commands](const Terminal& terminal) {
        return show(*options, commands, terminal);
    });
}

} // namespace lathe
