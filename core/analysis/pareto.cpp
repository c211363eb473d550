#include "core/analysis/pareto.h"

#include "core/base/contract.h"
#include "core/base/hypervolume.h"

#include <algorithm>

namespace lathe {

namespace {

Losses lossesOf(const StudyTrials& study, const StudyTrial& trial) {
    Losses losses;
    for (std::size_t i = 0; i < study.objectives.size(); ++i)
        losses.push_back(lossOf(study, trial, i));
    return losses;
}

/// The same trials with two of their objectives.
StudyTrials withObjectives(const StudyTrials& study, std::size_t x, std::size_t y) {
    StudyTrials two = study;
    two.objectives = {study.objectives[x], study.objectives[y]};
    for (StudyTrial& trial : two.trials)
        if (trial.objectives.size() == study.objectives.size())
            trial.objectives = {trial.objectives[x], trial.objectives[y]};
    return two;
}

} // namespace

ParetoFront paretoFront(const StudyTrials& study) {
    const std::vector<const StudyTrial*> trials = measuredTrials(study);
    std::vector<Losses> points;
    std::vector<double> violations;
    for (const StudyTrial* trial : trials) {
        points.push_back(lossesOf(study, *trial));
        violations.push_back(violationOf(*trial));
    }
    ParetoFront front;
    front.ranks = dominationRanks(points, violations);
    std::vector<std::size_t> members;
    std::vector<Losses> feasible;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        if (violations[i] > 0)
            continue;
        feasible.push_back(points[i]);
        if (front.ranks[i] == 0)
            members.push_back(i);
    }
    std::ranges::stable_sort(members, {}, [&](std::size_t i) -> const Losses& { return points[i]; });
    for (const std::size_t i : members)
        front.trials.push_back(trials[i]->number);
    if (feasible.empty())
        return front;
    front.reference = referencePoint(feasible);
    front.hypervolume = hypervolume(feasible, front.reference);
    return front;
}

ChartData paretoChart(const StudyTrials& study, std::size_t x, std::size_t y) {
    LATHE_EXPECT(x != y && x < study.objectives.size() && y < study.objectives.size());
    const StudyTrials two = withObjectives(study, x, y);
    const ParetoFront front = paretoFront(two);
    Dots all{"trials", {}, {}, 0};
    Dots best{"front", {}, {}, 1};
    const auto numbered = [&two](std::int64_t number) -> const StudyTrial& {
        return *std::ranges::find(two.trials, number, &StudyTrial::number);
    };
    for (const StudyTrial* trial : measuredTrials(two)) {
        all.x.push_back(trial->objectives[0]);
        all.y.push_back(trial->objectives[1]);
    }
    for (const std::int64_t number : front.trials) {
        best.x.push_back(numbered(number).objectives[0]);
        best.y.push_back(numbered(number).objectives[1]);
    }
    ChartData chart;
    chart.title = "front";
    chart.x.label = two.objectives[0].metric;
    chart.y.label = two.objectives[1].metric;
    if (all.x.empty())
        return chart;
    chart.layers.emplace_back(std::move(all));
    if (!best.x.empty()) {
        chart.layers.emplace_back(Lines{"front", best.x, best.y, 1});
        chart.layers.emplace_back(std::move(best));
    }
    return chart;
}

} // namespace lathe
