#include "core/search/ranking.h"

#include "core/base/domination.h"
#include "core/base/hypervolume.h"

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

/// A trial and what it is ordered by, in this order.
struct Placed {
    const ObservedTrial* trial;
    Rank rank;
    std::int64_t steps = 0; ///< of a pruned one, turned
    double level = 0;       ///< the loss or, of several objectives, the front; the violation
};

/// Trials of one rank are on fronts among themselves.
void setFronts(std::vector<Placed>& placed, Rank rank, const StudySpec& spec) {
    std::vector<Placed*> members;
    std::vector<Losses> points;
    for (Placed& one : placed)
        if (one.rank == rank) {
            members.push_back(&one);
            points.push_back(lossesOf(*one.trial, spec));
        }
    const std::vector<int> fronts = dominationRanks(points);
    for (std::size_t i = 0; i < members.size(); ++i)
        members[i]->level = fronts[i];
}

/// The trials with an outcome, best first.
std::vector<Placed> placedTrials(const StudyView& study) {
    const bool isOneNumber = study.spec.furtherObjectives.empty();
    std::vector<Placed> placed;
    for (const ObservedTrial& trial : study.trials) {
        if (!hasOutcome(trial))
            continue;
        Placed one{&trial, rankOf(trial)};
        if (one.rank == Rank::Pruned)
            one.steps = -trial.steps;
        if (one.rank == Rank::Infeasible)
            one.level = violationOf(trial);
        else if (isOneNumber)
            one.level = lossOf(trial, study.spec.objective);
        placed.push_back(one);
    }
    if (!isOneNumber)
        for (const Rank rank : {Rank::Complete, Rank::Pruned})
            setFronts(placed, rank, study.spec);
    std::ranges::stable_sort(placed, {},
                             [](const Placed& one) { return std::tuple(one.rank, one.steps, one.level); });
    return placed;
}

std::vector<const ObservedTrial*> trialsOf(const std::vector<Placed>& placed) {
    std::vector<const ObservedTrial*> trials;
    for (const Placed& one : placed)
        trials.push_back(one.trial);
    return trials;
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
    return trialsOf(placedTrials(study));
}

std::vector<const ObservedTrial*> bestTrials(const StudyView& study, std::size_t count) {
    std::vector<Placed> placed = placedTrials(study);
    if (count >= placed.size())
        return trialsOf(placed);
    const bool cutsFront = count > 0 && !study.spec.furtherObjectives.empty() &&
                           placed[count].rank == Rank::Complete &&
                           placed[count - 1].level == placed[count].level;
    if (cutsFront) {
        const auto isOnFront = [&, level = placed[count].level](const Placed& one) {
            return one.rank == Rank::Complete && one.level == level;
        };
        const auto begin = std::ranges::find_if(placed, isOnFront);
        const auto end = std::find_if_not(begin, placed.end(), isOnFront);
        const auto room = count - static_cast<std::size_t>(begin - placed.begin());
        std::vector<Losses> points;
        for (auto it = begin; it != end; ++it)
            points.push_back(lossesOf(*it->trial, study.spec));
        std::vector<Placed> chosen;
        for (const std::size_t place : largestVolumeSubset(points, room, referencePoint(points)))
            chosen.push_back(begin[static_cast<std::ptrdiff_t>(place)]);
        std::ranges::copy(chosen, begin);
    }
    placed.resize(count);
    return trialsOf(placed);
}

} // namespace lathe
