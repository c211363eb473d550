#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace lathe {

namespace {

enum class Rank { Complete, Pruned, Infeasible };

Rank rankOf(const ObservedTrial& trial) {
    if (violationOf(trial) > 0)
        return Rank::Infeasible;
    return trial.state == TrialState::Pruned ? Rank::Pruned : Rank::Complete;
}

} // namespace

double violationOf(const ObservedTrial& trial) {
    double sum = 0;
    for (const double constraint : trial.constraints)
        sum += std::isnan(constraint) ? 0 : std::max(constraint, 0.0);
    return sum;
}

bool hasOutcome(const ObservedTrial& trial) {
    if (trial.state != TrialState::Complete && trial.state != TrialState::Pruned)
        return false;
    return violationOf(trial) > 0 || (trial.objective && std::isfinite(*trial.objective));
}

bool isPending(TrialState state) {
    return state == TrialState::Queued || state == TrialState::Preparing || state == TrialState::Running ||
           state == TrialState::Paused || state == TrialState::Finishing;
}

std::int64_t nextNumber(const StudyView& study) {
    return study.trials.empty() ? 0 : study.trials.back().number + 1;
}

double lossOf(const ObservedTrial& trial, const Objective& objective) {
    return objective.maximize ? -trial.objective.value() : trial.objective.value();
}

std::vector<const ObservedTrial*> rankedTrials(const StudyView& study) {
    std::vector<const ObservedTrial*> ranked;
    for (const ObservedTrial& trial : study.trials)
        if (hasOutcome(trial))
            ranked.push_back(&trial);
    const auto key = [&study](const ObservedTrial* trial) {
        const Rank rank = rankOf(*trial);
        if (rank == Rank::Infeasible)
            return std::tuple(rank, std::int64_t{0}, violationOf(*trial));
        return std::tuple(rank, rank == Rank::Pruned ? -trial->steps : 0,
                          lossOf(*trial, study.spec.objective));
    };
    std::ranges::stable_sort(ranked, {}, key);
    return ranked;
}

} // namespace lathe
