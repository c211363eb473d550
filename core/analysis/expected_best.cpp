#include "core/analysis/expected_best.h"

#include "core/analysis/quantile.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr int kResamples = 1000;

/// weights[n - 1][i]: chance that the i-th of `count` values, the worst first, is the best of n draws.
std::vector<std::vector<double>> bestWeights(std::size_t count) {
    std::vector<std::vector<double>> weights(count, std::vector<double>(count));
    for (std::size_t n = 1; n <= count; ++n)
        for (std::size_t i = 0; i < count; ++i) {
            const double upTo = static_cast<double>(i + 1) / static_cast<double>(count);
            const double below = static_cast<double>(i) / static_cast<double>(count);
            weights[n - 1][i] =
                std::pow(upTo, static_cast<double>(n)) - std::pow(below, static_cast<double>(n));
        }
    return weights;
}

double weightedMean(std::span<const double> weights, std::span<const double> values) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        sum += weights[i] * values[i];
    return sum;
}

std::vector<double> worstFirst(std::span<const double> values, Direction best) {
    std::vector<double> sorted;
    std::ranges::copy_if(values, std::back_inserter(sorted),
                         [](double value) { return std::isfinite(value); });
    std::ranges::sort(sorted);
    if (best == Direction::Lowest)
        std::ranges::reverse(sorted);
    return sorted;
}

} // namespace

ExpectedBest expectedBest(std::span<const double> values, Direction best, std::uint64_t seed) {
    const std::vector<double> sorted = worstFirst(values, best);
    const std::size_t count = sorted.size();
    const auto weights = bestWeights(count);
    ExpectedBest expected;
    for (const std::vector<double>& weight : weights) {
        const double mean = weightedMean(weight, sorted);
        double variance = 0;
        for (std::size_t i = 0; i < count; ++i)
            variance += weight[i] * (sorted[i] - mean) * (sorted[i] - mean);
        expected.mean.push_back(mean);
        expected.deviation.push_back(std::sqrt(variance));
    }
    std::vector<std::vector<double>> means(count);
    Rng rng(seed);
    for (int resample = 0; resample < kResamples && count > 0; ++resample) {
        std::vector<double> drawn;
        for (std::size_t i = 0; i < count; ++i)
            drawn.push_back(
                sorted[static_cast<std::size_t>(rng.integer(0, static_cast<std::int64_t>(count) - 1))]);
        drawn = worstFirst(drawn, best);
        for (std::size_t n = 0; n < count; ++n)
            means[n].push_back(weightedMean(weights[n], drawn));
    }
    for (std::vector<double>& mean : means) {
        std::ranges::sort(mean);
        expected.low.push_back(quantileOfSorted(mean, 0.025));
        expected.high.push_back(quantileOfSorted(mean, 0.975));
    }
    return expected;
}

ChartData expectedBestChart(const StudyTrials& study, std::size_t objective) {
    std::vector<double> values;
    for (const StudyTrial* trial : measuredTrials(study))
        if (violationOf(*trial) == 0)
            values.push_back(trial->objectives[objective]);
    const ExpectedBest expected =
        expectedBest(values, study.objectives[objective].maximize ? Direction::Highest : Direction::Lowest);
    ChartData chart;
    chart.title = "expected best";
    chart.x.label = "trials";
    chart.y.label = study.objectives[objective].metric;
    if (values.empty())
        return chart;
    Band band;
    band.name = "95 % interval";
    Lines lines;
    lines.name = "expected best";
    for (std::size_t n = 1; n <= expected.mean.size(); ++n)
        lines.x.push_back(static_cast<double>(n));
    lines.y = expected.mean;
    band.x = lines.x;
    band.low = expected.low;
    band.high = expected.high;
    chart.layers.emplace_back(std::move(band));
    chart.layers.emplace_back(std::move(lines));
    return chart;
}

} // namespace lathe
