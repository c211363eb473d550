#pragma once

#include "core/base/random.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// One input of a regression tree: numbers from `low` to `high`, or choices 0 to `choices` - 1.
struct TreeFeature {
    double low = 0;
    double high = 1;
    std::int64_t choices = 0; ///< 0: numbers
};

/// The part of the space in which a tree answers one value.
struct TreeLeaf {
    double value = 0;
    std::vector<double> low, high;          ///< of each feature of numbers
    std::vector<std::vector<bool>> allowed; ///< of each feature of choices, by choice
};

/// A regression tree by least squares, grown until its leaves are pure or `depth` is reached (Breiman et al.
/// 1984). Numbers split halfway between neighbours, choices one against the rest; of splits equally good, one
/// at random. rows[i] holds a value for each feature; Contract: within their ranges, as many targets as rows,
/// at least one. Returns its leaves: they cover the space without overlap.
[[nodiscard]] std::vector<TreeLeaf> growTree(std::span<const TreeFeature> features,
                                             std::span<const std::vector<double>> rows,
                                             std::span<const double> targets, int depth, Rng& rng);

/// Variance of what the tree answers over the whole space, each feature uniform in its range.
[[nodiscard]] double treeVariance(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves);

/// Variance of the tree's mean answer as a function of one feature alone, all others averaged over their
/// ranges: what the feature explains by itself (Hutter et al. 2014, algorithm 2).
[[nodiscard]] double marginalVariance(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves,
                                      std::size_t feature);

} // namespace lathe
