#include "core/session/earlier_trials.h"

namespace lathe {

namespace {

bool isHistory(TrialState state) {
    return state == TrialState::Complete || state == TrialState::Pruned || state == TrialState::Failed;
}

/// As TrialResult::metrics names it: the last value of a metric, or its best one.
std::optional<double> objectiveOf(const TrialRecord& trial, const std::string& metric) {
    constexpr std::string_view kBest = "best_";
    const bool isBest = metric.starts_with(kBest);
    const auto& values = isBest ? trial.bestValues : trial.lastValues;
    const auto found = values.find(isBest ? metric.substr(kBest.size()) : metric);
    return found == values.end() ? std::nullopt : std::optional(found->second);
}

/// All objectives, or none where one is missing.
void setObjectives(EarlierTrial& earlier, const TrialRecord& trial, const StudySpec& spec) {
    std::vector<double> values;
    for (const Objective& objective : objectivesOf(spec))
        if (const auto value = objectiveOf(trial, objective.metric))
            values.push_back(*value);
    if (values.size() != 1 + spec.furtherObjectives.size())
        return;
    earlier.objective = values[0];
    earlier.furtherObjectives.assign(values.begin() + 1, values.end());
}

} // namespace

Result<TrialCurves> readCurves(const StudyReader& reader, StudyId id, const StudySpec& spec) {
    LATHE_ASSIGN(const std::vector<MetricPoint> points, reader.points(id, prunedMetric(spec)));
    TrialCurves curves;
    for (const MetricPoint& point : points)
        curves[point.trial].push_back({point.step, point.value});
    return curves;
}

std::vector<EarlierTrial> earlierTrials(std::span<const TrialRecord> trials, const StudySpec& spec,
                                        TrialCurves curves) {
    std::vector<EarlierTrial> earlier;
    for (const TrialRecord& trial : trials) {
        earlier.push_back({trial.id, trial.number, trial.values, trial.seed, trial.state, std::nullopt,
                           trial.steps, trial.seconds, std::move(curves[trial.id]), trial.isProtected});
        if (isHistory(trial.state))
            setObjectives(earlier.back(), trial, spec);
    }
    return earlier;
}

Status restartTrial(StoreThread& store, const std::filesystem::path& folder, TrialId trial,
                    const ParamValues& values) {
    std::error_code problem;
    std::filesystem::remove_all(folder, problem);
    if (problem)
        return ioError(folder.string(), "cannot be removed: " + problem.message());
    return store.call<std::monostate>([&](StudyWriter& writer) { return writer.setRecipe(trial, values); })
        .get();
}

} // namespace lathe
