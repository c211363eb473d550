#include "core/session/study_snapshot.h"

#include "core/analysis/study_curves.h"
#include "core/params/study_rules.h"
#include "core/store/trial_facts.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

namespace lathe {

namespace {

StudyTrial trialOf(const StudySpec& spec, const StudyRules* rules, const TrialRecord& record) {
    StudyTrial trial;
    trial.number = record.number;
    trial.state = record.state;
    trial.steps = record.steps;
    trial.seconds = record.seconds;
    for (const SearchDimension& dimension : spec.space)
        if (const ParamValue* value = searchedValue(spec, record, dimension))
            trial.values.set(dimension.key, *value);
    trial.objectives = objectiveValues(record, spec);
    if (rules != nullptr && record.state == TrialState::Complete)
        for (const ConstraintResult& result : rules->constraints(trial.values, metricsOf(record)))
            trial.constraints.push_back(result.excess);
    return trial;
}

std::vector<TrialId> queueOf(std::span<const TrialRecord> records) {
    std::vector<const TrialRecord*> waiting;
    for (const TrialRecord& record : records)
        if (record.state == TrialState::Queued || record.state == TrialState::Interrupted ||
            record.state == TrialState::Cancelled)
            waiting.push_back(&record);
    std::ranges::stable_sort(waiting, {}, [](const TrialRecord* record) {
        return record->place > 0 ? record->place : std::numeric_limits<std::int64_t>::max();
    });
    std::vector<TrialId> ids;
    for (const TrialRecord* record : waiting)
        ids.push_back(record->id);
    return ids;
}

bool isBusy(TrialState state) {
    return state == TrialState::Preparing || state == TrialState::Running || state == TrialState::Paused ||
           state == TrialState::Finishing;
}

/// The trials that run now tell how many run at a time.
StudyForecast forecastOf(const StudySpec& spec, const StudyTrials& trials) {
    ForecastPlan plan;
    plan.trials = spec.trialCount;
    plan.slots = std::max<std::int64_t>(1, std::ranges::count_if(trials.trials, isBusy, &StudyTrial::state));
    return forecast(trials, plan);
}

/// Curves are named after ids, and people know trials by their numbers.
ChartData curvesOf(const StudyContent& content, std::optional<std::int64_t> best) {
    std::vector<MetricPoint> points;
    for (std::size_t i = 0; i < content.curves.size(); ++i)
        for (const MetricPoint& point : content.curves[i]) {
            points.push_back(point);
            points.back().trial = TrialId{content.trials[i].number + 1};
        }
    const std::string metric = points.empty() ? content.study.spec.objective.metric : points.front().name;
    return studyCurvesChart(points, metric, best ? std::optional(TrialId{*best + 1}) : std::nullopt);
}

} // namespace

std::string trialName(std::int64_t number) { return "#" + std::to_string(number + 1); }

std::optional<std::int64_t> trialNumber(std::string_view name) {
    std::int64_t shown = 0;
    if (!name.starts_with('#'))
        return std::nullopt;
    const auto read = std::from_chars(name.data() + 1, name.data() + name.size(), shown);
    return read.ec == std::errc() && shown > 0 ? std::optional(shown - 1) : std::nullopt;
}

StudySnapshot makeSnapshot(StudyContent content) {
    const StudySpec& spec = content.study.spec;
    StudySnapshot snapshot;
    snapshot.trials.space = spec.space;
    snapshot.trials.objectives = objectivesOf(spec);
    const auto rules = StudyRules::make(spec); // of a study that ran: they were read then
    for (const TrialRecord& record : content.trials) {
        snapshot.trials.trials.push_back(trialOf(spec, rules.has_value() ? &*rules : nullptr, record));
        snapshot.finished += isFinal(record.state) ? 1 : 0;
        snapshot.pruned += record.state == TrialState::Pruned ? 1 : 0;
        snapshot.failed += record.state == TrialState::Failed ? 1 : 0;
        if (record.state == TrialState::Complete)
            snapshot.trials.fullSteps = std::max(snapshot.trials.fullSteps, record.steps);
    }
    if (const StudyTrial* best = bestTrial(snapshot.trials))
        snapshot.best = best->number;
    snapshot.forecast = forecastOf(spec, snapshot.trials);
    snapshot.curves = curvesOf(content, snapshot.best);
    snapshot.importances = pedAnova(snapshot.trials);
    snapshot.correlations = correlations(snapshot.trials);
    snapshot.queue = queueOf(content.trials);
    snapshot.records = std::move(content.trials);
    snapshot.study = std::move(content.study);
    return snapshot;
}

} // namespace lathe
