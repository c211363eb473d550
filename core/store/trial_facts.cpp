#include "core/store/trial_facts.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr std::string_view kBest = "best_";

/// `depth` ends conditions that depend on each other in a circle.
bool isSearchedIn(const StudySpec& spec, const TrialRecord& trial, const SearchDimension& dimension,
                  std::size_t depth) {
    return depth <= spec.space.size() &&
           std::ranges::all_of(dimension.activeIf.terms, [&](const Condition::Term& term) {
               const auto other = std::ranges::find(spec.space, term.key, &SearchDimension::key);
               if (other != spec.space.end() && !isSearchedIn(spec, trial, *other, depth + 1))
                   return false;
               const ParamValue* value = trial.values.find(term.key);
               return value != nullptr && std::ranges::find(term.anyOf, toText(*value)) != term.anyOf.end();
           });
}

} // namespace

std::string seriesOf(const Objective& objective) {
    return objective.metric.starts_with(kBest) ? objective.metric.substr(kBest.size()) : objective.metric;
}

std::optional<double> objectiveOf(const TrialRecord& trial, const Objective& objective) {
    const auto& values = objective.metric.starts_with(kBest) ? trial.bestValues : trial.lastValues;
    const auto found = values.find(seriesOf(objective));
    return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::vector<double> objectiveValues(const TrialRecord& trial, const StudySpec& spec) {
    std::vector<double> values;
    for (const Objective& objective : objectivesOf(spec)) {
        const auto value = objectiveOf(trial, objective);
        if (!value)
            return {};
        values.push_back(*value);
    }
    return values;
}

std::map<std::string, double> metricsOf(const TrialRecord& trial) {
    std::map<std::string, double> metrics = trial.lastValues;
    for (const auto& [metric, value] : trial.bestValues)
        metrics.emplace(std::string(kBest) + metric, value);
    metrics.emplace("steps", static_cast<double>(trial.steps));
    metrics.emplace("seconds", trial.seconds);
    return metrics;
}

const ParamValue* searchedValue(const StudySpec& spec, const TrialRecord& trial,
                                const SearchDimension& dimension) {
    return isSearchedIn(spec, trial, dimension, 0) ? trial.values.find(dimension.key) : nullptr;
}

} // namespace lathe
