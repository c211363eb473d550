#include "app/study_import.h"

#include "core/base/text.h"
#include "core/engine/study_runner.h"
#include "core/params/study_rules.h"

#include <algorithm>

namespace lathe {

namespace {

Status rename(OptunaStudy& study, const std::string& from, const std::string& to) {
    SearchSpace& space = study.spec.space;
    if (std::ranges::find(space, to, &SearchDimension::key) != space.end())
        return inputError({}, from + " cannot be renamed: the study has a parameter " + to + " too");
    const auto found = std::ranges::find(space, from, &SearchDimension::key);
    if (found == space.end())
        return inputError({}, from + " cannot be renamed: the study has no such parameter");
    found->key = to;
    for (HistoryTrial& trial : study.trials) {
        if (const ParamValue* value = trial.values.find(from)) {
            const ParamValue moved = *value;
            trial.values.remove(from);
            trial.values.set(to, moved);
        }
    }
    return ok();
}

/// Gives the fields of the recipe their conditions, and says which parameters are none.
void matchSchema(StudySpec& spec, std::span<const ParamSpec> schema, std::vector<std::string>& notes) {
    std::vector<std::string> strangers;
    for (SearchDimension& dimension : spec.space) {
        const ParamSpec* field = findSpec(schema, dimension.key);
        if (field == nullptr)
            strangers.push_back(dimension.key);
        else if (dimension.activeIf.terms.empty())
            dimension.activeIf = field->activeIf;
    }
    if (!strangers.empty())
        notes.push_back(joined(strangers) + ": no field of a recipe; the study can be looked at, and gone on "
                                            "with once every parameter has a field's name");
}

std::string counted(std::size_t count, const char* what) {
    return std::to_string(count) + (count == 1 ? " trial was" : " trials were") + " left out: " + what;
}

/// Whether every parameter that is in force has a value.
bool isWhole(const StudySpec& spec, const HistoryTrial& trial) {
    return searchedValues(spec, trial.values).has_value();
}

Status leaveOutTorsos(StudyImport& import) {
    for (const HistoryTrial& trial : import.trials)
        if (trial.state != TrialState::Failed && !isWhole(import.spec, trial))
            return inputError("trial " + std::to_string(trial.number),
                              "has no value of a parameter that is in force; a study with conditions of its "
                              "own can be looked at, not gone on with");
    const std::size_t count = std::erase_if(import.trials, [&import](const HistoryTrial& trial) {
        return trial.state == TrialState::Failed && !isWhole(import.spec, trial);
    });
    if (count > 0)
        import.notes.push_back(counted(count, "failed before all parameters had a value"));
    return ok();
}

void complete(StudySpec& spec, const ImportOrder& order, std::span<const ParamSpec> schema) {
    ParamValues fixed = spec.fixed;
    for (const auto& [key, value] : order.recipe.map())
        fixed.set(key, value);
    spec.fixed = withDefaults(schema, fixed);
    spec.maxSteps = 0; // what was spent elsewhere does not count here
    spec.maxSeconds = 0;
    if (!order.name.empty())
        spec.name = order.name;
    if (!order.samplerId.empty() && order.samplerId != spec.samplerId) {
        spec.samplerId = order.samplerId;
        spec.samplerOptions = {};
    }
}

Status nameObjectives(StudySpec& spec, const std::vector<std::string>& metrics) {
    std::vector<Objective> objectives = objectivesOf(spec);
    if (metrics.size() > objectives.size())
        return inputError(spec.name, "has " + std::to_string(objectives.size()) +
                                         (objectives.size() == 1 ? " objective, " : " objectives, ") +
                                         std::to_string(metrics.size()) + " metrics are named; name " +
                                         std::to_string(objectives.size()) + " at most");
    for (std::size_t i = 0; i < metrics.size(); ++i)
        objectives[i].metric = metrics[i];
    spec.objective = objectives.front();
    spec.furtherObjectives.assign(objectives.begin() + 1, objectives.end());
    return ok();
}

} // namespace

Result<StudyImport> prepareImport(OptunaStudy study, const ImportOrder& order,
                                  std::span<const ParamSpec> schema) {
    for (const auto& [from, to] : order.renamed)
        LATHE_TRY(rename(study, from, to));
    StudyImport import{std::move(study.spec), std::move(study.trials), std::move(study.notes)};
    LATHE_TRY(nameObjectives(import.spec, order.metrics));
    complete(import.spec, order, schema);
    matchSchema(import.spec, schema, import.notes);
    const std::size_t open =
        std::erase_if(import.trials, [](const HistoryTrial& trial) { return !isHistory(trial.state); });
    if (open > 0)
        import.notes.push_back(counted(open, "not ended, or stopped"));
    if (const auto rules = StudyRules::make(import.spec); !rules.has_value())
        return rules.error();
    if (order.moreTrials > 0)
        LATHE_TRY(leaveOutTorsos(import));
    if (import.trials.empty())
        return inputError(import.spec.name, "has no trial that has ended");
    for (HistoryTrial& trial : import.trials)
        trial.values = mergedValues(import.spec, trial.values);
    import.spec.trialCount = static_cast<std::int64_t>(import.trials.size()) + order.moreTrials;
    return import;
}

} // namespace lathe
