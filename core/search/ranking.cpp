#include "core/search/ranking.h"

#include "core/base/domination.h"

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
    return violationOf(trial) > 0 ||
           (trial.objective && std::isfinite(*trial.objective) &&
            std::ranges::all_of(trial.furtherObjectives, [](double value) { return std::isfinite(value); }));
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

std::vector<double> lossesOf(const ObservedTrial& trial, const StudySpec& spec) {
    LATHE_EXPECT(trial.furtherObjectives.size() == spec.furtherObjectives.size());
    std::vector<double> losses{lossOf(trial, spec.objective)};
    for (std::size_t i = 0; i < spec.furtherObjectives.size(); ++i)
        losses.push_back(spec.furtherObjectives[i].maximize ? -trial.furtherObjectives[i]
                                                            : trial.furtherObjectives[i]);
    return losses;
}

std::vector<std::size_t> frontOf(const StudyView& study) {
    std::vector<std::size_t> places;
    std::vector<Losses> points;
    for (std::size_t place = 0; place < study.trials.size(); ++place) {
        const ObservedTrial& trial = study.trials[place];
        if (trial.state != TrialState::Complete || !trial.objective || violationOf(trial) > 0)
            continue;
        Losses losses = lossesOf(trial, study.spec);
        if (std::ranges::any_of(losses, [](double loss) { return std::isnan(loss); }))
            continue;
        places.push_back(place);
        points.push_back(std::move(losses));
    }
    const std::vector<int> ranks = dominationRanks(points);
    std::vector<std::pair<double, std::size_t>> front;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (ranks[i] == 0)
            front.emplace_back(points[i][0], places[i]);
    std::ranges::stable_sort(front);
    places.clear();
    for (const auto& [loss, place] : front)
        places.push_back(place);
    return places;
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
