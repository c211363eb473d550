#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lathe {

/// The volume that the points dominate up to the reference, all objectives to be made small: a sweep in two
/// dimensions (n log n) and in three (n²), the WFG recursion above (While, Bradstreet and Barone 2012). A
/// point that is not below the reference everywhere adds nothing. Contract: points as long as the reference,
/// at least 1, all finite.
[[nodiscard]] double hypervolume(std::span<const std::vector<double>> points,
                                 std::span<const double> reference);

/// The places of `count` points (of all, if there are fewer) that dominate most up to the reference, chosen
/// one by one as the one that adds the most, the earliest of equals: at least 1 - 1/e of what the best such
/// subset dominates (Guerreiro, Fonseca and Paquete 2016). Contract: as for hypervolume().
[[nodiscard]] std::vector<std::size_t> largestVolumeSubset(std::span<const std::vector<double>> points,
                                                           std::size_t count,
                                                           std::span<const double> reference);

/// A box: `low` is -infinity where it has no end.
struct VolumeBox {
    std::vector<double> low;
    std::vector<double> high;
};

/// What lies below the reference everywhere and is dominated by none of the points, cut into boxes that do
/// not overlap: n + 1 of them for n points of a front in two dimensions, of the order of n² / 2 in three.
/// Contract: as for hypervolume().
[[nodiscard]] std::vector<VolumeBox> undominatedBoxes(std::span<const std::vector<double>> points,
                                                      std::span<const double> reference);

/// A reference a tenth beyond the worst value of each objective: max(1.1 w, 0.9 w), and 1e-12 where w is 0
/// (MOTPE, Ozaki et al. 2020). Contract: at least one point.
[[nodiscard]] std::vector<double> referencePoint(std::span<const std::vector<double>> points);

} // namespace lathe
