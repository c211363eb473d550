#include "core/params/study_spec.h"

#include <cmath>

namespace lathe {

StudyBudget budgetOf(const StudySpec& spec) { return {spec.trialCount, spec.maxSteps, spec.maxSeconds}; }

StudySpec withBudget(StudySpec spec, const StudyBudget& budget) {
    if (spec.plannedTrials == 0 && budget.trials != spec.trialCount)
        spec.plannedTrials = spec.trialCount;
    spec.trialCount = budget.trials;
    spec.maxSteps = budget.steps;
    spec.maxSeconds = budget.seconds;
    return spec;
}

StudySpec asPlanned(StudySpec spec) {
    if (spec.plannedTrials > 0)
        spec.trialCount = spec.plannedTrials;
    return spec;
}

Status checkBudget(const StudyBudget& budget) {
    if (budget.trials < 1)
        return inputError("trials", std::to_string(budget.trials) + " are too few; at least 1 is needed");
    if (budget.steps < 0)
        return inputError("steps", std::to_string(budget.steps) + " is negative; choose 0 for no limit");
    if (budget.seconds < 0 || !std::isfinite(budget.seconds))
        return inputError("seconds",
                          toText(budget.seconds) + " is not a length of time; choose 0 for no limit");
    return ok();
}

std::string spentLimit(const StudySpec& spec, std::int64_t steps, double seconds) {
    if (spec.maxSteps > 0 && steps >= spec.maxSteps)
        return "The study's " + std::to_string(spec.maxSteps) + " steps are spent: its trials have made " +
               std::to_string(steps);
    if (spec.maxSeconds > 0 && seconds >= spec.maxSeconds)
        return "The study's " + toText(spec.maxSeconds) + " seconds are spent";
    return {};
}

} // namespace lathe
