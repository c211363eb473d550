#include "core/session/earlier_trials.h"

#include "core/base/random.h"
#include "core/store/trial_facts.h"

#include <algorithm>

namespace lathe {

namespace {

bool isHistory(TrialState state) {
    return state == TrialState::Complete || state == TrialState::Pruned || state == TrialState::Failed;
}

bool isWithinBudget(const StudySpec& spec, std::span<const TrialRecord> trials) {
    std::int64_t steps = 0;
    double seconds = 0;
    for (const TrialRecord& trial : trials) {
        steps += isHistory(trial.state) ? trial.steps
                                        : 0; // as the runner counts: one that goes on counts at its end
        seconds += trial.seconds;
    }
    return spentLimit(spec, steps, seconds).empty();
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
        earlier.back().place = trial.place;
        earlier.back().isHeld = trial.note.find(kEndedByHand) != std::string::npos;
        earlier.back().metrics = metricsOf(trial);
        const std::vector<double> values = objectiveValues(trial, spec);
        if (!isHistory(trial.state) || values.empty())
            continue;
        earlier.back().objective = values[0];
        earlier.back().furtherObjectives.assign(values.begin() + 1, values.end());
    }
    return earlier;
}

bool isUnfinished(const StudySpec& spec, std::span<const TrialRecord> trials) {
    const bool isOpen =
        static_cast<std::int64_t>(trials.size()) < spec.trialCount ||
        std::ranges::any_of(trials, [](const TrialRecord& trial) { return !isHistory(trial.state); });
    return isOpen && isWithinBudget(spec, trials);
}

bool mayPromote(const StudySpec& spec) {
    const ParamValue* promotes = spec.prunerOptions.find("promote");
    return promotes != nullptr && *promotes == ParamValue(true) && spec.resultLag == 0;
}

bool isUnfinished(const StudySpec& spec, std::span<const TrialRecord> trials, TrialCurves curves,
                  const Registry<Pruner>& pruners) {
    if (isUnfinished(spec, trials))
        return true;
    if (!mayPromote(spec) || !isWithinBudget(spec, trials))
        return false;
    const auto pruner = makePruner(pruners, spec);
    if (!pruner.has_value())
        return false;
    std::vector<TrialCurve> known;
    for (EarlierTrial& trial : earlierTrials(trials, spec, std::move(curves)))
        known.push_back({trial.number, trial.state, trial.objective, std::move(trial.curve), trial.isHeld});
    return (*pruner)->promoted({spec, isPrunedMetricHigherBetter(spec), known}).has_value();
}

Status saveSamplerState(StoreThread& store, StudyId study, std::string_view state) {
    return store
        .call<std::monostate>([study, text = std::string(state)](StudyWriter& writer) {
            return writer.saveSamplerState(study, text);
        })
        .get();
}

Status saveBudget(StoreThread& store, StudyId study, const StudyBudget& budget) {
    return store
        .call<std::monostate>(
            [study, budget](StudyWriter& writer) { return writer.setBudget(study, budget); })
        .get();
}

Status saveQueue(StoreThread& store, StudyId study, std::span<const TrialId> order) {
    return store
        .call<std::monostate>([study, ids = std::vector(order.begin(), order.end())](StudyWriter& writer) {
            return writer.setQueue(study, ids);
        })
        .get();
}

Result<TrialId> queueTrial(StoreThread& store, StudyId study, const StudySpec& spec, const TrialWish& wish) {
    return store
        .call<TrialId>([study, seed = spec.seed, wish](StudyWriter& writer) -> Result<TrialId> {
            LATHE_ASSIGN(const std::int64_t number, writer.nextNumber(study));
            return writer.createTrial(
                {study, number, wish.recipe, mixSeed(seed, static_cast<std::uint64_t>(number)), wish.origin});
        })
        .get();
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
