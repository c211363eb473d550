#include "core/analysis/rank_correlation.h"

#include "core/analysis/parameter_axis.h"
#include "core/analysis/student_t.h"
#include "core/base/contract.h"
#include "core/base/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace lathe {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewest = 4;
constexpr std::size_t kMostExact = 33;
constexpr double kNormal95 = 1.959963984540054; // the normal distribution's 97.5 % point

void setInterval(RankCorrelation& correlation, double variance) {
    const double z = std::atanh(correlation.coefficient);
    const double half = kNormal95 * std::sqrt(variance);
    correlation.low = std::tanh(z - half);
    correlation.high = std::tanh(z + half);
}

/// What the ties of one order subtract: sums over the sizes t of groups of equals.
struct Ties {
    double pairs = 0;   ///< t (t - 1) / 2
    double triples = 0; ///< t (t - 1) (t - 2)
    double spread = 0;  ///< t (t - 1) (2 t + 5)
};

Ties tiesOf(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);
    Ties ties;
    for (auto first = sorted.begin(); first != sorted.end();) {
        const auto end = std::upper_bound(first, sorted.end(), *first);
        const auto t = static_cast<double>(end - first);
        ties.pairs += t * (t - 1) / 2;
        ties.triples += t * (t - 1) * (t - 2);
        ties.spread += t * (t - 1) * (2 * t + 5);
        first = end;
    }
    return ties;
}

/// Chance that a random permutation of `count` things has at most `most` inversions.
double inversionsUpTo(std::size_t count, std::size_t most) {
    std::vector<double> chances{1};
    for (std::size_t size = 2; size <= count; ++size) {
        std::vector<double> next(chances.size() + size - 1, 0.0);
        for (std::size_t inversions = 0; inversions < chances.size(); ++inversions)
            for (std::size_t more = 0; more < size; ++more)
                next[inversions + more] += chances[inversions] / static_cast<double>(size);
        chances = std::move(next);
    }
    double sum = 0;
    for (std::size_t inversions = 0; inversions <= most && inversions < chances.size(); ++inversions)
        sum += chances[inversions];
    return sum;
}

double kendallPValue(double score, std::size_t count, const Ties& x, const Ties& y) {
    const double n = static_cast<double>(count);
    if (x.pairs == 0 && y.pairs == 0 && count <= kMostExact) {
        const double discordant = (n * (n - 1) / 2 - std::abs(score)) / 2;
        return std::min(1.0, 2 * inversionsUpTo(count, static_cast<std::size_t>(discordant)));
    }
    const double variance = (n * (n - 1) * (2 * n + 5) - x.spread - y.spread) / 18 +
                            2 * x.pairs * y.pairs / (n * (n - 1)) +
                            x.triples * y.triples / (9 * n * (n - 1) * (n - 2));
    return std::erfc(std::abs(score) / std::sqrt(2 * variance));
}

} // namespace

RankCorrelation spearmanCorrelation(std::span<const double> x, std::span<const double> y) {
    LATHE_EXPECT(x.size() == y.size());
    RankCorrelation correlation;
    correlation.count = x.size();
    correlation.coefficient = pearson(ranks(x), ranks(y));
    if (std::isnan(correlation.coefficient))
        return {kNone, kNone, kNone, kNone, x.size()};
    if (x.size() < kFewest)
        return correlation;
    const double r = correlation.coefficient;
    const double n = static_cast<double>(x.size());
    correlation.pValue = std::abs(r) >= 1 ? 0 : twoSidedTail(r * std::sqrt((n - 2) / (1 - r * r)), n - 2);
    setInterval(correlation, (1 + r * r / 2) / (n - 3));
    return correlation;
}

RankCorrelation kendallCorrelation(std::span<const double> x, std::span<const double> y) {
    LATHE_EXPECT(x.size() == y.size());
    const double n = static_cast<double>(x.size());
    const auto sign = [](double value) { return value > 0 ? 1.0 : value < 0 ? -1.0 : 0.0; };
    double score = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            score += sign(x[i] - x[j]) * sign(y[i] - y[j]);
    const Ties tiesX = tiesOf(x);
    const Ties tiesY = tiesOf(y);
    const double pairs = n * (n - 1) / 2;
    const double scale = std::sqrt((pairs - tiesX.pairs) * (pairs - tiesY.pairs));
    if (!(scale > 0))
        return {kNone, kNone, kNone, kNone, x.size()};
    RankCorrelation correlation;
    correlation.count = x.size();
    correlation.coefficient = std::clamp(score / scale, -1.0, 1.0);
    if (x.size() < kFewest)
        return correlation;
    correlation.pValue = kendallPValue(score, x.size(), tiesX, tiesY);
    if (x.size() > kFewest)
        setInterval(correlation, 0.437 / (n - 4));
    return correlation;
}

std::vector<ParamCorrelation> correlations(const StudyTrials& study, std::size_t objective) {
    const std::vector<const StudyTrial*> trials = measuredTrials(study);
    std::vector<ParamCorrelation> found;
    for (const SearchDimension& dimension : study.space) {
        const ParameterAxis axis(dimension);
        if (axis.isCategory() && !std::holds_alternative<BoolDomain>(dimension.domain))
            continue;
        std::vector<double> x;
        std::vector<double> y;
        for (const StudyTrial* trial : trials) {
            const ParamValue* value = trial->values.find(axis.key());
            const auto coordinate = value == nullptr ? std::nullopt : axis.coordinate(*value);
            if (!coordinate)
                continue;
            x.push_back(*coordinate);
            y.push_back(trial->objectives[objective]);
        }
        found.push_back({axis.key(), spearmanCorrelation(x, y), kendallCorrelation(x, y)});
    }
    return found;
}

} // namespace lathe
