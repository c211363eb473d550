#pragma once

#include "core/analysis/study_trials.h"

#include <span>

namespace lathe {

/// How alike two orders are, -1 to 1. NaN throughout where one of the two never varies.
struct RankCorrelation {
    double coefficient = 0;
    double pValue = 1; ///< chance of a coefficient at least as far from 0 without any relation, two-sided
    double low = -1, high = 1; ///< 95 % interval
    std::size_t count = 0;
};

/// Spearman's rho with mean ranks for ties; p by Student's t, interval by Fisher's z with Bonett and Wright's
/// variance (2000, Psychometrika 65). Contract: equally many values, all finite. Below 4 values: no interval,
/// and p is 1.
[[nodiscard]] RankCorrelation spearmanCorrelation(std::span<const double> x, std::span<const double> y);

/// Kendall's tau-b; p exact up to 33 values without ties (Kendall 1970), else by the normal approximation
/// with ties; interval as above. The same contract.
[[nodiscard]] RankCorrelation kendallCorrelation(std::span<const double> x, std::span<const double> y);

/// One parameter and the objective.
struct ParamCorrelation {
    std::string key;
    RankCorrelation spearman, kendall;
};
/// Of the dimensions whose values have an order (numbers, ordered choices, false and true), in the order of
/// the space, over the measured trials in which each is active. Positive: larger values, larger objective.
[[nodiscard]] std::vector<ParamCorrelation> correlations(const StudyTrials& study, std::size_t objective = 0);

} // namespace lathe
