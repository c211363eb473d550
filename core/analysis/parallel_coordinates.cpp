#include "core/analysis/parallel_coordinates.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace lathe {

namespace {

/// The objective's axis, as if it were a searched real.
ParameterAxis objectiveAxis(const StudyTrials& study, std::span<const StudyTrial* const> trials,
                            std::size_t objective) {
    RealDomain range;
    range.low = trials.front()->objectives[objective];
    range.high = range.low;
    for (const StudyTrial* trial : trials) {
        range.low = std::min(range.low, trial->objectives[objective]);
        range.high = std::max(range.high, trial->objectives[objective]);
    }
    SearchDimension dimension;
    dimension.key = study.objectives[objective].metric;
    dimension.domain = range;
    return ParameterAxis(dimension);
}

ParallelAxis shown(const ParameterAxis& axis) {
    ParallelAxis shown;
    shown.label = axis.key();
    shown.isLog = axis.isLog();
    shown.ticks = axis.ticks();
    return shown;
}

std::optional<double> placeOf(const ParameterAxis& axis, const StudyTrial& trial) {
    const ParamValue* value = trial.values.find(axis.key());
    const auto coordinate = value == nullptr ? std::nullopt : axis.coordinate(*value);
    return coordinate ? std::optional(axis.place(*coordinate)) : std::nullopt;
}

/// Worst first: infeasible ones, then by loss; of equals the later one first, as the earliest is the best.
std::vector<const StudyTrial*> worstFirst(const StudyTrials& study, std::size_t objective) {
    std::vector<const StudyTrial*> trials = measuredTrials(study);
    std::ranges::sort(trials, std::greater(), [&](const StudyTrial* trial) {
        return std::tuple(violationOf(*trial) > 0, lossOf(study, *trial, objective), trial->number);
    });
    return trials;
}

} // namespace

ParallelCoordinates parallelCoordinates(const StudyTrials& study, double topShare, std::size_t objective) {
    LATHE_EXPECT(topShare > 0 && topShare <= 1 && objective < study.objectives.size());
    ParallelCoordinates chart;
    std::vector<ParameterAxis> axes;
    for (const SearchDimension& dimension : study.space) {
        axes.emplace_back(dimension);
        chart.axes.push_back(shown(axes.back()));
    }
    const std::vector<const StudyTrial*> trials = worstFirst(study, objective);
    if (trials.empty())
        return chart;
    const ParameterAxis last = objectiveAxis(study, trials, objective);
    chart.axes.push_back(shown(last));
    chart.axes.back().isObjective = true;
    const auto top =
        static_cast<std::size_t>(std::ceil(topShare * static_cast<double>(trials.size()) - 1e-9));
    for (std::size_t i = 0; i < trials.size(); ++i) {
        ParallelLine line;
        line.trial = trials[i]->number;
        line.objective = trials[i]->objectives[objective];
        for (const ParameterAxis& axis : axes)
            line.places.push_back(placeOf(axis, *trials[i]));
        line.places.emplace_back(last.place(line.objective));
        const bool isFeasible = violationOf(*trials[i]) == 0;
        line.isTop = isFeasible && i + top >= trials.size();
        line.isBest = isFeasible && i + 1 == trials.size();
        chart.lines.push_back(std::move(line));
    }
    return chart;
}

} // namespace lathe
