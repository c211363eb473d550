#pragma once

#include <span>
#include <vector>

namespace lathe {

/// Values of several objectives, all to be made small.
using Losses = std::vector<double>;

/// Nowhere worse and somewhere better. Contract: equally long, all finite.
[[nodiscard]] bool dominates(std::span<const double> a, std::span<const double> b);

/// Of each point the front it is on: 0 if nothing dominates it, 1 if only points of front 0 do, … (Deb et al.
/// 2002, NSGA-II).
[[nodiscard]] std::vector<int> dominationRanks(std::span<const Losses> points);

/// The same under constraints, by constraint domination: what violates nothing comes before all else, in
/// fronts; what does follows by its violation, the least first, equals on one front. Contract: one violation
/// a point, 0 or more.
[[nodiscard]] std::vector<int> dominationRanks(std::span<const Losses> points,
                                               std::span<const double> violations);

/// How far the neighbours of each point are apart, summed over the objectives, each scaled to its range;
/// infinite at the ends of an objective (Deb et al. 2002). The points are those of one front.
[[nodiscard]] std::vector<double> crowdingDistances(std::span<const Losses> front);

} // namespace lathe
