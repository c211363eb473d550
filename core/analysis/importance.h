#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/study_trials.h"

#include <optional>

namespace lathe {

/// How much one parameter matters.
struct ParamImportance {
    std::string key;
    std::optional<double>
        value;               ///< as the method defines it, 0 or more; nothing: too few trials have the key
    double share = 0;        ///< of the sum of all values
    double deviation = 0;    ///< of `value` over the trees of a forest; 0 where there is none
    std::int64_t trials = 0; ///< measured trials in which it was active
    bool operator==(const ParamImportance&) const = default;
};

/// How much each searched parameter matters for an objective. Too few trials give no figures at all.
struct Importances {
    std::vector<ParamImportance> params; ///< most important first; empty if there are too few trials
    std::int64_t trials = 0;             ///< measured trials there are
    std::int64_t needed = 0;             ///< as many it takes
    bool isRough = false;                ///< enough for figures, too few to rely on their order
    [[nodiscard]] bool isEnough() const { return trials >= needed; }
};

struct PedAnovaOptions {
    double targetQuantile = 0.1; ///< which share of the trials counts as good
    std::size_t objective = 0;
};

/// PED-ANOVA: how far the good trials' values of a parameter are from all trials' values, in Pearson's
/// divergence of densities on a grid of at most 50 cells (Watanabe et al. 2023, arXiv:2304.10255), summed
/// over where a conditional parameter is active (arXiv:2601.20800, theorem 4.2). A logarithmic parameter
/// counts by its logarithm. Rough below 5 good trials. Contract: targetQuantile in (0, 1).
[[nodiscard]] Importances pedAnova(const StudyTrials& study, const PedAnovaOptions& options = {});

struct FanovaOptions {
    int trees = 64;
    int depth = 64;
    std::uint64_t seed = 0;
    std::size_t objective = 0;
};

/// fANOVA: the share of the objective's variance over the whole space that one parameter explains alone, mean
/// over the trees of a random forest (Hutter et al. 2014, An Efficient Approach for Assessing Hyperparameter
/// Importance). A logarithmic parameter counts by its logarithm, each choice alike; whole numbers own half a
/// step beyond either end. A conditional parameter is judged by a forest of the trials that have it. The same
/// seed gives the same figures.
[[nodiscard]] Importances fanova(const StudyTrials& study, const FanovaOptions& options = {});

/// One bar a parameter that has a value, most important first; the length is its share.
[[nodiscard]] ChartData importanceChart(const Importances& importances);

/// Fills in the shares and sorts: highest value first, then those without; equals keep their order.
void sortImportances(Importances& importances);

} // namespace lathe
