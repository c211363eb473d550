#include "core/analysis/metric_charts.h"

#include "core/analysis/student_t.h"
#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace lathe {

namespace {

constexpr double kConfidence = 0.95;

using Series = std::vector<const MetricPoint*>;
using SeriesByTrial = std::map<TrialId, Series>;

Lines linesOf(const Series& series) {
    Lines lines;
    lines.x.reserve(series.size());
    lines.y.reserve(series.size());
    for (const MetricPoint* point : series) {
        lines.x.push_back(static_cast<double>(point->step));
        lines.y.push_back(point->value);
    }
    return lines;
}

std::map<std::string_view, SeriesByTrial> byNameAndTrial(std::span<const MetricPoint> points) {
    std::map<std::string_view, SeriesByTrial> sorted;
    for (const MetricPoint& point : points)
        sorted[point.name][point.trial].push_back(&point);
    for (auto& [name, trials] : sorted)
        for (auto& [trial, series] : trials)
            std::ranges::stable_sort(series, {}, [](const MetricPoint* point) { return point->step; });
    return sorted;
}

} // namespace

std::vector<double> smoothed(std::span<const double> values, double weight) {
    LATHE_EXPECT(weight >= 0 && weight < 1);
    std::vector<double> averages;
    averages.reserve(values.size());
    double sum = 0;
    double power = 1; // weight to the number of values: 1 - power is what the weights in `sum` add up to
    for (const double value : values) {
        if (weight == 0 || !std::isfinite(value)) {
            averages.push_back(value);
            continue;
        }
        sum = weight * sum + (1 - weight) * value;
        power *= weight;
        averages.push_back(sum / (1 - power));
    }
    return averages;
}

ChartData metricChart(std::span<const MetricPoint> points, std::span<const std::string> names) {
    const auto sorted = byNameAndTrial(points);
    std::set<TrialId> trials;
    for (const std::string& name : names)
        if (const auto found = sorted.find(name); found != sorted.end())
            for (const auto& [trial, series] : found->second)
                trials.insert(trial);

    ChartData chart;
    chart.x.label = "step";
    chart.y.label = names.size() == 1 ? names.front() : "";
    for (std::size_t place = 0; place < names.size(); ++place) {
        const auto found = sorted.find(names[place]);
        if (found == sorted.end())
            continue;
        for (const auto& [trial, series] : found->second) {
            Lines lines = linesOf(series);
            const bool isAlone = trials.size() == 1;
            lines.name = names[place] + (isAlone ? "" : " #" + std::to_string(trial.value));
            const auto rank = std::distance(trials.begin(), trials.find(trial));
            lines.style = static_cast<int>(isAlone ? static_cast<std::ptrdiff_t>(place) : rank);
            chart.layers.emplace_back(std::move(lines));
        }
    }
    return chart;
}

Summary summarize(std::span<const double> values) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    Summary summary{0, kNone, kNone, kNone};
    // Welford 1962: one pass, no loss of digits where the mean is large beside the deviation.
    double mean = 0;
    double squares = 0;
    for (const double value : values) {
        if (!std::isfinite(value))
            continue;
        ++summary.count;
        const double distance = value - mean;
        mean += distance / static_cast<double>(summary.count);
        squares += distance * (value - mean);
    }
    if (summary.count > 0)
        summary.mean = mean;
    if (summary.count > 1) {
        const double freedom = static_cast<double>(summary.count - 1);
        summary.deviation = std::sqrt(squares / freedom);
        summary.halfWidth = twoSidedT(kConfidence, freedom) * summary.deviation /
                            std::sqrt(static_cast<double>(summary.count));
    }
    return summary;
}

} // namespace lathe
