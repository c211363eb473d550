#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// Probabilities of the cells of a grid out of how often each was met: a Parzen estimator with Scott's
/// bandwidth (Scott 1992, Multivariate Density Estimation), normal kernels cut to the grid, and one kernel as
/// wide as the grid as prior; as PED-ANOVA has it (Watanabe et al. 2023, arXiv:2304.10255). Contract: some
/// count is above 0. Sums to 1.
[[nodiscard]] std::vector<double> gridDensity(std::span<const std::int64_t> counts);

/// The same for choices without an order: of each choice met, a kernel that leaves the others a share of 1
/// over the number of kernels; and a uniform kernel as prior.
[[nodiscard]] std::vector<double> choiceDensity(std::span<const std::int64_t> counts);

} // namespace lathe
