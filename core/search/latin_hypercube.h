#pragma once

#include "core/base/random.h"

#include <cstdint>

namespace lathe {

/// Coordinate `dimension` of point `number` of a Latin hypercube, McKay et al. 1979, in [0, 1): along each
/// dimension every one of `strata` equal stretches holds one of as many points. Points beyond those begin
/// another hypercube of the same seed. `inside` draws the place within the stretch.
[[nodiscard]] double latinHypercube(std::uint64_t seed, std::uint64_t strata, std::uint64_t number,
                                    std::uint64_t dimension, Rng& inside);

} // namespace lathe
