#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/study_trials.h"
#include "core/base/domination.h"

namespace lathe {

/// The trials that no other one betters in everything.
struct ParetoFront {
    std::vector<std::int64_t> trials; ///< numbers, best in the first objective first
    std::vector<int> ranks;           ///< of measuredTrials(), in their order
    double hypervolume = 0;           ///< of the front, to `reference`
    Losses reference;                 ///< as losses; empty without a feasible trial
};
/// Infeasible trials are on no front but rank behind. The reference lies a tenth beyond the worst feasible
/// value of each objective.
[[nodiscard]] ParetoFront paretoFront(const StudyTrials& study);

/// Two objectives against each other: Dots of all measured trials, Lines and Dots of the front. Contract:
/// two different objectives of the study.
[[nodiscard]] ChartData paretoChart(const StudyTrials& study, std::size_t x, std::size_t y);

} // namespace lathe
