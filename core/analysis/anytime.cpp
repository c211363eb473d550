#include "core/analysis/anytime.h"

#include "core/analysis/quantile.h"
#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The best value once `compute` is used, NaN before the first.
double valueAt(std::span<const BestPoint> points, double compute) {
    const auto after = std::ranges::upper_bound(points, compute, {}, &BestPoint::compute);
    return after == points.begin() ? kNone : std::prev(after)->value;
}

double shortestOf(std::span<const StudyGroup> groups, Compute compute) {
    double shortest = std::numeric_limits<double>::infinity();
    for (const StudyGroup& group : groups)
        for (const StudyTrials& study : group.studies)
            shortest = std::min(shortest, computeOf(study, compute));
    return std::isfinite(shortest) ? shortest : 0;
}

AnytimeCurve curveOf(const StudyGroup& group, std::span<const double> grid, Compute compute,
                     std::size_t objective) {
    std::vector<std::vector<BestPoint>> best;
    for (const StudyTrials& study : group.studies)
        best.push_back(bestSoFar(study, compute, objective));
    AnytimeCurve curve;
    curve.name = group.name;
    curve.studies = group.studies.size();
    for (const double used : grid) {
        std::vector<double> values;
        for (const std::vector<BestPoint>& points : best)
            values.push_back(valueAt(points, used));
        const bool isKnown = std::ranges::none_of(values, [](double value) { return std::isnan(value); });
        std::ranges::sort(values);
        curve.median.push_back(isKnown ? quantileOfSorted(values, 0.5) : kNone);
        curve.lowQuartile.push_back(isKnown ? quantileOfSorted(values, 0.25) : kNone);
        curve.highQuartile.push_back(isKnown ? quantileOfSorted(values, 0.75) : kNone);
    }
    return curve;
}

} // namespace

AnytimeComparison anytimeComparison(std::span<const StudyGroup> groups, Compute compute, std::size_t points,
                                    std::size_t objective) {
    LATHE_EXPECT(points >= 2);
    LATHE_EXPECT(std::ranges::none_of(groups, [](const StudyGroup& group) { return group.studies.empty(); }));
    AnytimeComparison comparison;
    const double shortest = shortestOf(groups, compute);
    for (std::size_t i = 0; i < points; ++i)
        comparison.compute.push_back(shortest * static_cast<double>(i) / static_cast<double>(points - 1));
    for (const StudyGroup& group : groups)
        comparison.curves.push_back(curveOf(group, comparison.compute, compute, objective));
    return comparison;
}

ChartData anytimeChart(const AnytimeComparison& comparison, const std::string& computeLabel,
                       const std::string& metric) {
    ChartData chart;
    chart.title = "best so far";
    chart.x.label = computeLabel;
    chart.y.label = metric;
    for (std::size_t i = 0; i < comparison.curves.size(); ++i) {
        const AnytimeCurve& curve = comparison.curves[i];
        Lines lines;
        Band band;
        lines.name = band.name = curve.name;
        lines.style = band.style = static_cast<int>(i);
        for (std::size_t place = 0; place < comparison.compute.size(); ++place) {
            if (std::isnan(curve.median[place]))
                continue;
            lines.x.push_back(comparison.compute[place]);
            lines.y.push_back(curve.median[place]);
            band.low.push_back(curve.lowQuartile[place]);
            band.high.push_back(curve.highQuartile[place]);
        }
        band.x = lines.x;
        if (lines.x.empty())
            continue;
        if (curve.studies > 1)
            chart.layers.emplace_back(std::move(band));
        chart.layers.emplace_back(std::move(lines));
    }
    return chart;
}

} // namespace lathe
