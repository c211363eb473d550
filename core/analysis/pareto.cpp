#include "core/analysis/pareto.h"

#include "core/analysis/hypervolume.h"
#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

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

bool dominates(std::span<const double> a, std::span<const double> b) {
    LATHE_EXPECT(a.size() == b.size());
    bool isBetter = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i])
            return false;
        isBetter = isBetter || a[i] < b[i];
    }
    return isBetter;
}

std::vector<int> dominationRanks(std::span<const Losses> points) {
    // What dominates a point comes before it in lexicographic order, and its rank is one above theirs.
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) -> const Losses& { return points[i]; });
    std::vector<int> ranks(points.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (ranks[order[j]] >= ranks[order[i]] && dominates(points[order[j]], points[order[i]]))
                ranks[order[i]] = ranks[order[j]] + 1;
    return ranks;
}

std::vector<int> dominationRanks(std::span<const Losses> points, std::span<const double> violations) {
    LATHE_EXPECT(points.size() == violations.size());
    std::vector<Losses> feasible;
    std::set<double> levels;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (violations[i] > 0)
            levels.insert(violations[i]);
        else
            feasible.push_back(points[i]);
    const std::vector<int> fronts = dominationRanks(feasible);
    const int first = fronts.empty() ? 0 : *std::ranges::max_element(fronts) + 1;
    std::vector<int> ranks;
    std::size_t next = 0;
    for (const double violation : violations)
        ranks.push_back(violation > 0
                            ? first + static_cast<int>(std::distance(levels.begin(), levels.find(violation)))
                            : fronts[next++]);
    return ranks;
}

std::vector<double> crowdingDistances(std::span<const Losses> front) {
    std::vector<double> distances(front.size(), 0.0);
    if (front.empty())
        return distances;
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t objective = 0; objective < front[0].size(); ++objective) {
        const auto value = [&](std::size_t i) { return front[i][objective]; };
        std::ranges::stable_sort(order, {}, value);
        const double range = value(order.back()) - value(order.front());
        distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
        if (!(range > 0))
            continue;
        for (std::size_t i = 1; i + 1 < order.size(); ++i)
            distances[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / range;
    }
    return distances;
}

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
