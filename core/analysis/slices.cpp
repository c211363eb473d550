#include "core/analysis/slices.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

bool hasValue(const StudyTrial& trial, std::size_t objective) {
    return (trial.state == TrialState::Complete || trial.state == TrialState::Pruned) &&
           objective < trial.objectives.size() && std::isfinite(trial.objectives[objective]);
}

} // namespace

ParameterSlice parameterSlice(const StudyTrials& study, std::string_view key, std::size_t objective) {
    const auto dimension = std::ranges::find(study.space, key, &SearchDimension::key);
    LATHE_EXPECT(dimension != study.space.end());
    const ParameterAxis axis(*dimension);
    const StudyTrial* best = bestTrial(study, objective);
    ParameterSlice slice;
    slice.key = axis.key();
    slice.isLog = axis.isLog();
    slice.ticks = axis.ticks();
    for (const StudyTrial& trial : study.trials) {
        const ParamValue* value = trial.values.find(key);
        const auto coordinate = value == nullptr ? std::nullopt : axis.coordinate(*value);
        if (!coordinate || !hasValue(trial, objective))
            continue;
        SlicePoint point;
        point.trial = trial.number;
        point.x = axis.isLog() ? std::exp(*coordinate) : *coordinate;
        point.y = trial.objectives[objective];
        point.isPruned = trial.state == TrialState::Pruned;
        point.isFeasible = violationOf(trial) == 0;
        slice.points.push_back(point);
        if (best == &trial)
            slice.best = trial.number;
    }
    return slice;
}

ChartData sliceChart(const ParameterSlice& slice, const std::string& metric) {
    const std::vector<std::string> names{"complete", "pruned", "infeasible", "best"};
    std::vector<Dots> dots(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        dots[i].name = names[i];
        dots[i].style = static_cast<int>(i);
    }
    for (const SlicePoint& point : slice.points) {
        const std::size_t layer = point.trial == slice.best ? 3
                                  : !point.isFeasible       ? 2
                                  : point.isPruned          ? 1
                                                            : 0;
        dots[layer].x.push_back(point.x);
        dots[layer].y.push_back(point.y);
    }
    ChartData chart;
    chart.title = slice.key;
    chart.x.label = slice.key;
    chart.x.logScale = slice.isLog;
    chart.y.label = metric;
    for (Dots& layer : dots)
        if (!layer.x.empty())
            chart.layers.emplace_back(std::move(layer));
    return chart;
}

} // namespace lathe
