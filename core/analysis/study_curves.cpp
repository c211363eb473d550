#include "core/analysis/study_curves.h"

#include <algorithm>
#include <map>

namespace lathe {

ChartData studyCurvesChart(std::span<const MetricPoint> points, const std::string& metric,
                           std::optional<TrialId> best) {
    std::map<TrialId, std::vector<const MetricPoint*>> trials;
    for (const MetricPoint& point : points)
        if (point.name == metric)
            trials[point.trial].push_back(&point);
    ChartData chart;
    chart.title = "learning curves";
    chart.x.label = "step";
    chart.y.label = metric;
    std::optional<Lines> last;
    int style = 0;
    for (auto& [trial, series] : trials) {
        std::ranges::stable_sort(series, {}, [](const MetricPoint* point) { return point->step; });
        Lines lines;
        lines.name = "#" + std::to_string(trial.value);
        lines.style = style++;
        for (const MetricPoint* point : series) {
            lines.x.push_back(static_cast<double>(point->step));
            lines.y.push_back(point->value);
        }
        if (best == trial) {
            lines.emphasis = Emphasis::Bold;
            last = std::move(lines);
            continue;
        }
        lines.emphasis = best ? Emphasis::Faint : Emphasis::Normal;
        chart.layers.emplace_back(std::move(lines));
    }
    if (last)
        chart.layers.emplace_back(std::move(*last));
    return chart;
}

} // namespace lathe
