#include "core/session/confirmation.h"

#include "core/session/study_snapshot.h"
#include "core/store/trial_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace lathe {

namespace {

std::vector<const TrialRecord*> bestTrials(const Objective& objective, std::span<const TrialRecord> trials,
                                           std::size_t count) {
    std::vector<std::pair<double, const TrialRecord*>> ranked;
    for (const TrialRecord& trial : trials)
        if (const auto value = objectiveOf(trial, objective);
            trial.state == TrialState::Complete && value && std::isfinite(*value))
            ranked.emplace_back(objective.maximize ? -*value : *value, &trial);
    std::ranges::stable_sort(ranked, {}, &std::pair<double, const TrialRecord*>::first);
    std::vector<const TrialRecord*> best;
    for (const auto& [loss, trial] : ranked) {
        const bool isNew = std::ranges::none_of(
            best, [trial = trial](const TrialRecord* other) { return other->values == trial->values; });
        if (isNew && best.size() < count)
            best.push_back(trial);
    }
    return best;
}

Status checkSeeds(std::span<const std::uint64_t> seeds) {
    if (seeds.empty())
        return inputError("seeds", "are missing; give one or more, as 1,2,3");
    std::set<std::uint64_t> seen;
    for (const std::uint64_t seed : seeds)
        if (!seen.insert(seed).second)
            return inputError("seeds", std::to_string(seed) + " is there twice; give each seed once");
    return ok();
}

StudySpec confirmingSpec(StudySpec spec, std::size_t trials) {
    spec.name += " (finalists)";
    spec.samplerId = "random"; // is never asked: all its trials are there
    spec.samplerOptions = {};
    spec.prunerId = "none"; // a repeat that is cut short would tell nothing
    spec.prunerOptions = {};
    spec = withBudget(std::move(spec), {static_cast<std::int64_t>(trials), 0, 0});
    spec.plannedTrials = 0;
    spec.resultLag = 0;
    spec.mayRepeat = true;
    return spec;
}

std::optional<double> meanOf(std::span<const SeededValue> values) {
    double sum = 0;
    std::int64_t count = 0;
    for (const SeededValue& value : values)
        if (std::isfinite(value.value)) {
            sum += value.value;
            ++count;
        }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

} // namespace

Result<ConfirmationPlan> planConfirmation(const StudyRecord& study, std::span<const TrialRecord> trials,
                                          std::int64_t finalists, std::span<const std::uint64_t> seeds) {
    if (finalists < 1)
        return inputError("finalists", std::to_string(finalists) + " are too few; choose 2 or more");
    const auto best = bestTrials(study.spec.objective, trials, static_cast<std::size_t>(finalists));
    if (best.empty())
        return inputError("study " + std::to_string(study.id.value),
                          "has no complete trial with a score to repeat");
    return planConfirmation(study, best, seeds);
}

Result<ConfirmationPlan> planConfirmation(const StudyRecord& study,
                                          std::span<const TrialRecord* const> finalists,
                                          std::span<const std::uint64_t> seeds) {
    LATHE_TRY(checkSeeds(seeds));
    ConfirmationPlan plan;
    for (const std::uint64_t seed : seeds)
        for (const TrialRecord* trial : finalists)
            plan.trials.push_back(
                {{}, static_cast<std::int64_t>(plan.trials.size()), trial->values, seed, trial->id});
    plan.spec = confirmingSpec(study.spec, plan.trials.size());
    return plan;
}

Confirmation confirmationOf(const Objective& objective, std::span<const TrialRecord> finalists,
                            std::span<const TrialRecord> repeats) {
    Confirmation confirmation;
    for (const TrialRecord& repeat : repeats) {
        auto found = std::ranges::find(confirmation.trials, repeat.origin, &ConfirmedTrial::origin);
        if (found == confirmation.trials.end()) {
            const auto origin = std::ranges::find(finalists, repeat.origin, &TrialRecord::id);
            std::string name = origin == finalists.end() ? "trial " + std::to_string(repeat.origin.value)
                                                         : trialName(origin->number);
            confirmation.trials.push_back({repeat.origin, std::move(name), {}, {}});
            found = std::prev(confirmation.trials.end());
        }
        const auto value = objectiveOf(repeat, objective);
        if (repeat.state == TrialState::Complete && value)
            found->values.push_back({repeat.seed, *value});
        const bool isOver = isFinal(repeat.state) && repeat.state != TrialState::Cancelled;
        confirmation.missing += isOver ? 0 : 1;
    }
    for (ConfirmedTrial& trial : confirmation.trials)
        trial.mean = meanOf(trial.values);
    std::ranges::stable_sort(confirmation.trials, {}, [&](const ConfirmedTrial& trial) {
        return !trial.mean          ? std::numeric_limits<double>::infinity()
               : objective.maximize ? -*trial.mean
                                    : *trial.mean;
    });
    const BetterIs better = objective.maximize ? BetterIs::Higher : BetterIs::Lower;
    for (std::size_t i = 1; i < confirmation.trials.size(); ++i) {
        const ConfirmedTrial& first = confirmation.trials.front();
        const ConfirmedTrial& other = confirmation.trials[i];
        confirmation.comparisons.push_back(
            compareSeeds({first.name, first.values}, {other.name, other.values}, better));
    }
    return confirmation;
}

Result<Confirmation> readConfirmation(const StudyReader& reader, const StudyRecord& study) {
    LATHE_ASSIGN(const auto finalists, reader.trials(study.confirms));
    LATHE_ASSIGN(const auto repeats, reader.trials(study.id));
    return confirmationOf(study.spec.objective, finalists, repeats);
}

std::vector<std::string> inWords(const Confirmation& confirmation) {
    std::vector<std::string> lines;
    for (const SeedComparison& comparison : confirmation.comparisons)
        lines.push_back(inWords(comparison));
    return lines;
}

} // namespace lathe
