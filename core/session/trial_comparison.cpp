#include "core/session/trial_comparison.h"

#include "core/analysis/metric_charts.h"

#include <algorithm>
#include <set>

namespace lathe {

namespace {

/// A compared trial with the runs of its recipe.
struct Arm {
    const TrialRecord* trial = nullptr;
    std::vector<const TrialRecord*> runs; ///< the trial itself, or, if it is complete, all complete equals
};

Arm armOf(const StudySnapshot& study, const TrialRecord& trial) {
    Arm arm{&trial, {}};
    if (trial.state != TrialState::Complete)
        arm.runs = {&trial};
    else
        for (const TrialRecord& other : study.records)
            if (other.state == TrialState::Complete && other.values == trial.values)
                arm.runs.push_back(&other);
    return arm;
}

std::vector<SeededValue> valuesOf(const StudySnapshot& study, const Arm& arm, std::string_view name) {
    std::vector<SeededValue> values;
    for (const TrialRecord* run : arm.runs)
        if (const auto value = measured(study, *run, name))
            values.push_back({run->seed, *value});
    return values;
}

MeasuredValue summaryOf(std::span<const SeededValue> values) {
    std::vector<double> plain;
    for (const SeededValue& value : values)
        plain.push_back(value.value);
    const Summary summary = summarize(plain);
    if (summary.count == 0)
        return {};
    return {summary.count, summary.mean, summary.count > 1 ? summary.halfWidth : 0};
}

/// Places of those that have a value, the best first.
std::vector<std::size_t> ranking(const ComparedMeasure& row) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < row.values.size(); ++i)
        if (row.values[i].runs > 0)
            places.push_back(i);
    std::ranges::stable_sort(places, {}, [&](std::size_t i) {
        return row.measure.isHigherBetter ? -row.values[i].mean : row.values[i].mean;
    });
    return places;
}

ComparedMeasure measureRow(const StudySnapshot& study, std::span<const Arm> arms,
                           const TrialMeasure& measure) {
    ComparedMeasure row{measure, {}, {}};
    for (const Arm& arm : arms)
        row.values.push_back(summaryOf(valuesOf(study, arm, measure.name)));
    const std::vector<std::size_t> places = ranking(row);
    const bool isDecided = places.size() > 1 && row.values[places[0]].mean != row.values[places[1]].mean;
    if (isDecided)
        row.best = places.front();
    return row;
}

std::vector<ComparedField> fieldsOf(std::span<const Arm> arms) {
    std::set<std::string> keys;
    for (const Arm& arm : arms)
        for (const auto& [key, value] : arm.trial->values.map())
            keys.insert(key);
    std::vector<ComparedField> fields;
    for (const std::string& key : keys) {
        ComparedField field{key, {}, false};
        for (const Arm& arm : arms)
            field.values.push_back(arm.trial->values.find(key));
        const ParamValue* first = field.values.front();
        field.isDifferent = std::ranges::any_of(field.values, [first](const ParamValue* other) {
            return (first == nullptr) != (other == nullptr) || (first != nullptr && *first != *other);
        });
        fields.push_back(std::move(field));
    }
    return fields;
}

std::optional<SeedComparison> verdictOf(const StudySnapshot& study, std::span<const Arm> arms,
                                        const ComparedMeasure& objective) {
    const std::vector<std::size_t> places = ranking(objective);
    if (places.size() < 2)
        return std::nullopt;
    const auto arm = [&](std::size_t place) -> const Arm& { return arms[places[place]]; };
    const std::vector<SeededValue> first = valuesOf(study, arm(0), objective.measure.name);
    const std::vector<SeededValue> second = valuesOf(study, arm(1), objective.measure.name);
    return compareSeeds({trialName(arm(0).trial->number), first}, {trialName(arm(1).trial->number), second},
                        objective.measure.isHigherBetter ? BetterIs::Higher : BetterIs::Lower);
}

} // namespace

TrialComparison compareTrials(const StudySnapshot& study, std::span<const std::int64_t> numbers) {
    TrialComparison comparison;
    std::vector<Arm> arms;
    for (const std::int64_t number : std::set<std::int64_t>(numbers.begin(), numbers.end())) {
        const auto trial = std::ranges::find(study.records, number, &TrialRecord::number);
        const auto isKnownAs = [&](const Arm& arm) {
            return std::ranges::any_of(arm.runs,
                                       [&](const TrialRecord* run) { return run->number == number; });
        };
        if (trial == study.records.end() || std::ranges::any_of(arms, isKnownAs))
            continue;
        comparison.numbers.push_back(number);
        arms.push_back(armOf(study, *trial));
    }
    if (arms.empty())
        return comparison;
    for (const TrialMeasure& measure : measuresOf(study)) {
        ComparedMeasure row = measureRow(study, arms, measure);
        if (std::ranges::any_of(row.values, [](const MeasuredValue& value) { return value.runs > 0; }))
            comparison.measures.push_back(std::move(row));
    }
    comparison.fields = fieldsOf(arms);
    if (!comparison.measures.empty() &&
        comparison.measures.front().measure.name == study.study.spec.objective.metric)
        comparison.verdict = verdictOf(study, arms, comparison.measures.front());
    return comparison;
}

} // namespace lathe
