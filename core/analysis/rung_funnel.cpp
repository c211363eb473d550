#include "core/analysis/rung_funnel.h"

#include <algorithm>
#include <set>

namespace lathe {

namespace {

void count(RungCount& rung, const StudyTrial& trial, bool isPast) {
    ++rung.reached;
    if (isPast || trial.state == TrialState::Complete)
        ++rung.kept;
    else if (trial.state == TrialState::Pruned)
        ++rung.pruned;
    else if (isFinal(trial.state) || trial.state == TrialState::Interrupted)
        ++rung.stopped;
    else
        ++rung.running;
}

} // namespace

std::vector<RungCount> rungFunnel(const StudyTrials& study, std::span<const std::int64_t> rungs) {
    const std::set<std::int64_t> sorted(rungs.begin(), rungs.end());
    std::vector<RungCount> counts;
    for (auto rung = sorted.begin(); rung != sorted.end(); ++rung) {
        RungCount found;
        found.steps = *rung;
        const auto next = std::next(rung);
        for (const StudyTrial& trial : study.trials)
            if (trial.state == TrialState::Complete || trial.steps >= *rung)
                count(found, trial, next != sorted.end() && trial.steps >= *next);
        counts.push_back(found);
    }
    return counts;
}

std::vector<std::int64_t> rungsOf(const StudyTrials& study) {
    std::set<std::int64_t> rungs;
    for (const StudyTrial& trial : study.trials)
        if (trial.state == TrialState::Pruned)
            rungs.insert(trial.steps);
    if (study.fullSteps > 0)
        rungs.insert(study.fullSteps);
    return {rungs.begin(), rungs.end()};
}

ChartData rungFunnelChart(std::span<const RungCount> counts) {
    Bars reached;
    reached.name = "reached";
    Bars kept;
    kept.name = "kept";
    for (const RungCount& rung : counts) {
        for (Bars* bars : {&reached, &kept})
            bars->labels.push_back(std::to_string(rung.steps));
        reached.values.push_back(static_cast<double>(rung.reached));
        kept.values.push_back(static_cast<double>(rung.kept));
    }
    ChartData chart;
    chart.title = "rungs";
    chart.x.label = "steps";
    chart.y.label = "trials";
    if (counts.empty())
        return chart;
    chart.layers.emplace_back(std::move(reached));
    chart.layers.emplace_back(std::move(kept));
    return chart;
}

} // namespace lathe
