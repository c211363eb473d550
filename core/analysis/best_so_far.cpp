#include "core/analysis/best_so_far.h"

#include "core/base/contract.h"

namespace lathe {

namespace {

double computeOf(const StudyTrials& study, const StudyTrial& trial, Compute compute) {
    const bool hasBegun = trial.steps > 0 || trial.seconds > 0 || isFinal(trial.state);
    const double steps = static_cast<double>(trial.steps);
    switch (compute) {
    case Compute::Trials:
        return hasBegun ? 1 : 0;
    case Compute::Steps:
        return steps;
    case Compute::FullRuns:
        return study.fullSteps > 0 ? steps / static_cast<double>(study.fullSteps) : steps;
    case Compute::Seconds:
        return trial.seconds;
    }
    LATHE_EXPECT(false);
}

std::string labelOf(const StudyTrials& study, Compute compute) {
    switch (compute) {
    case Compute::Trials:
        return "trials";
    case Compute::Steps:
        return "steps";
    case Compute::FullRuns:
        return study.fullSteps > 0 ? "full runs" : "steps";
    case Compute::Seconds:
        return "time";
    }
    LATHE_EXPECT(false);
}

} // namespace

std::vector<BestPoint> bestSoFar(const StudyTrials& study, Compute compute, std::size_t objective) {
    std::vector<BestPoint> points;
    const StudyTrial* best = nullptr;
    double used = 0;
    for (const StudyTrial& trial : study.trials) {
        const double own = computeOf(study, trial, compute);
        used += own;
        const bool counts = isMeasured(study, trial) && violationOf(trial) == 0;
        if (counts && (best == nullptr || lossOf(study, trial, objective) < lossOf(study, *best, objective)))
            best = &trial;
        if (best != nullptr && (own > 0 || best == &trial))
            points.push_back({used, best->objectives[objective], best->number});
    }
    return points;
}

std::vector<BestPoint> measuredPoints(const StudyTrials& study, Compute compute, std::size_t objective) {
    std::vector<BestPoint> points;
    double used = 0;
    for (const StudyTrial& trial : study.trials) {
        used += computeOf(study, trial, compute);
        if (isMeasured(study, trial))
            points.push_back({used, trial.objectives[objective], trial.number});
    }
    return points;
}

double computeOf(const StudyTrials& study, Compute compute) {
    double used = 0;
    for (const StudyTrial& trial : study.trials)
        used += computeOf(study, trial, compute);
    return used;
}

ChartData bestSoFarChart(const StudyTrials& study, Compute compute, std::size_t objective) {
    ChartData chart;
    chart.title = "best so far";
    chart.x.label = labelOf(study, compute);
    chart.x.unit = compute == Compute::Seconds ? "s" : "";
    chart.y.label = study.objectives[objective].metric;
    Dots all{"trials", {}, {}, 1};
    Dots infeasible{"infeasible", {}, {}, 2};
    double used = 0;
    for (const StudyTrial& trial : study.trials) {
        used += computeOf(study, trial, compute);
        if (!isMeasured(study, trial))
            continue;
        Dots& dots = violationOf(trial) == 0 ? all : infeasible;
        dots.x.push_back(used);
        dots.y.push_back(trial.objectives[objective]);
    }
    Lines stairs;
    stairs.name = "best so far";
    stairs.emphasis = Emphasis::Bold;
    for (const BestPoint& point : bestSoFar(study, compute, objective)) {
        if (!stairs.y.empty() && stairs.y.back() != point.value) {
            stairs.x.push_back(point.compute);
            stairs.y.push_back(stairs.y.back());
        }
        stairs.x.push_back(point.compute);
        stairs.y.push_back(point.value);
    }
    for (Dots* dots : {&all, &infeasible})
        if (!dots->x.empty())
            chart.layers.emplace_back(std::move(*dots));
    if (!stairs.x.empty())
        chart.layers.emplace_back(std::move(stairs));
    return chart;
}

} // namespace lathe
