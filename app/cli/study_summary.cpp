#include "app/cli/study_summary.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

std::string pastTense(TrialState state) {
    switch (state) {
    case TrialState::Complete:
        return "Trained";
    case TrialState::Pruned:
        return "Pruned after";
    case TrialState::Failed:
        return "Failed after";
    case TrialState::Cancelled:
        return "Stopped after";
    case TrialState::Interrupted:
        return "Interrupted after";
    default:
        return "Done so far:";
    }
}

} // namespace

Result<TrialSummary> summarise(const StudyReader& reader, TrialId trial) {
    TrialSummary summary;
    LATHE_ASSIGN(summary.record, reader.trial(trial));
    LATHE_ASSIGN(const auto points, reader.points(trial));
    for (const MetricPoint& point : points) // by name, then step: the first of each name is the earliest
        summary.firstValues.emplace(point.name, point.value);
    return summary;
}

Json toJson(const TrialSummary& summary) {
    const TrialRecord& record = summary.record;
    return {{"trial", record.id.value},     {"study", record.study.value},
            {"number", record.number},      {"state", toString(record.state)},
            {"note", record.note},          {"steps", record.steps},
            {"seconds", record.seconds},    {"seed", record.seed},
            {"created", record.createdAt},  {"started", record.startedAt},
            {"ended", record.endedAt},      {"adapter", record.adapterFolder.string()},
            {"first", summary.firstValues}, {"last", record.lastValues},
            {"best", record.bestValues},    {"values", Json::parse(toJson(record.values))}};
}

std::string metricText(const std::string& metric, double value) {
    return metric.ends_with("accuracy") ? percent(value) : shortNumber(value);
}

std::optional<std::string> change(const TrialSummary& summary, const std::string& metric) {
    const auto first = summary.firstValues.find(metric);
    const auto last = summary.record.lastValues.find(metric);
    if (first == summary.firstValues.end() || last == summary.record.lastValues.end())
        return std::nullopt;
    return metricText(metric, first->second) + " → " + metricText(metric, last->second);
}

std::string inWords(const TrialSummary& summary) {
    const TrialRecord& record = summary.record;
    std::string text = pastTense(record.state) + " " + std::to_string(record.steps) + " steps in " +
                       duration(record.seconds) + ".";
    if (const auto accuracy = change(summary, "eval_accuracy"))
        text += "\nAccuracy on the held-out rows: " + *accuracy;
    if (const auto loss = change(summary, "eval_loss"))
        text += "\nEvaluation loss: " + *loss;
    if (const auto loss = change(summary, "loss"))
        text += "\nTraining loss: " + *loss;
    if (!record.note.empty())
        text += "\nNote: " + record.note;
    if (!record.adapterFolder.empty())
        text += "\nAdapter: " + record.adapterFolder.string();
    return text;
}

} // namespace lathe
