#pragma once

#include "core/analysis/best_so_far.h"

#include <span>

namespace lathe {

/// Studies of one kind (the same sampler, say) that differ in their seeds.
struct StudyGroup {
    std::string name;
    std::vector<StudyTrials> studies;
};

/// How good a group is at each point of the grid, over its studies; NaN before all of them have a value.
struct AnytimeCurve {
    std::string name;
    std::vector<double> median, lowQuartile, highQuartile;
    std::size_t studies = 0;
};
struct AnytimeComparison {
    std::vector<double> compute; ///< from 0 to what the shortest study used, evenly
    std::vector<AnytimeCurve> curves;
};

/// Best so far of groups of studies at equal compute. `points`: of the grid, at least 2. Contract: each group
/// has a study, each study has the objective.
[[nodiscard]] AnytimeComparison anytimeComparison(std::span<const StudyGroup> groups, Compute compute,
                                                  std::size_t points = 101, std::size_t objective = 0);

/// Of each group a Band of its quartiles, if it has more than one study, and Lines of its median; the style
/// is the group's place.
[[nodiscard]] ChartData anytimeChart(const AnytimeComparison& comparison, const std::string& computeLabel,
                                     const std::string& metric);

} // namespace lathe
