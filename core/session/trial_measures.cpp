#include "core/session/trial_measures.h"

#include "core/session/metric_label.h"
#include "core/store/trial_facts.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <set>

namespace lathe {

namespace {

constexpr std::string_view kBest = "best_";
/// What says how a training went on, not what it came to.
constexpr std::array<std::string_view, 3> kByTheWay{"lr", "grad_norm", "tokens_per_second"};
/// Errors and sizes; isLowBest() knows the losses.
constexpr std::array<std::string_view, 4> kLowEndings{"perplexity", "mae", "mse", "trainable_parameters"};

bool isHighBetter(const std::string& name) {
    return !isLowBest(name) &&
           std::ranges::none_of(kLowEndings, [&](std::string_view end) { return name.ends_with(end); });
}

} // namespace

std::vector<TrialMeasure> measuresOf(const StudySnapshot& study) {
    std::set<std::string> names;
    for (const TrialRecord& trial : study.records)
        if (trial.state == TrialState::Complete)
            for (const auto& [name, value] : trial.lastValues)
                names.insert(name);
    for (const std::string_view name : kByTheWay)
        names.erase(std::string(name));
    std::vector<TrialMeasure> measures;
    for (const Objective& objective : objectivesOf(study.study.spec)) {
        names.erase(objective.metric);
        measures.push_back({objective.metric, objective.maximize});
    }
    for (const std::string& name : names)
        measures.push_back({name, isHighBetter(name)});
    for (const char* cost : {kStepsMeasure, kSecondsMeasure})
        measures.push_back({cost, false});
    return measures;
}

std::optional<double> measured(const StudySnapshot& study, const TrialRecord& trial, std::string_view name) {
    if (name == kStepsMeasure)
        return static_cast<double>(trial.steps);
    if (name == kSecondsMeasure)
        return trial.seconds;
    const Objective& objective = study.study.spec.objective;
    return objectiveOf(trial, name == objective.metric ? objective : Objective{std::string(name)});
}

StudyTrials weighedBy(const StudySnapshot& study, const TrialMeasure& first, const TrialMeasure& second) {
    StudyTrials weighed = study.trials;
    weighed.objectives = {{first.name, first.isHigherBetter}, {second.name, second.isHigherBetter}};
    for (std::size_t i = 0; i < weighed.trials.size(); ++i) {
        const TrialRecord& record = study.records[i];
        const auto a = measured(study, record, first.name);
        const auto b = measured(study, record, second.name);
        weighed.trials[i].objectives = a && b ? std::vector{*a, *b} : std::vector<double>{};
    }
    return weighed;
}

std::string curveMetricOf(const StudySnapshot& study) { return seriesOf(study.study.spec.objective); }

QString measureLabel(std::string_view name) {
    const auto text = [](const char* english) { return QCoreApplication::translate("Metrics", english); };
    if (name == kStepsMeasure)
        return text(QT_TRANSLATE_NOOP("Metrics", "Steps"));
    if (name == kSecondsMeasure)
        return text(QT_TRANSLATE_NOOP("Metrics", "Time (s)"));
    if (name.starts_with(kBest))
        return text(QT_TRANSLATE_NOOP("Metrics", "Best: %1")).arg(metricLabel(name.substr(kBest.size())));
    return metricLabel(name);
}

} // namespace lathe
