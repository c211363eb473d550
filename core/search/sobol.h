#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace lathe {

/// Dimensions there are direction numbers for.
inline constexpr std::size_t kSobolDimensions = 64;

/// Coordinate `dimension` (from 0) of point `index` of Sobol's sequence, in [0, 1), in the order of the Gray
/// code; direction numbers of Joe and Kuo 2008 (SIAM J. Sci. Comput. 30), which keep two-dimensional
/// projections even. With a scramble, the digits are permuted by Owen's nested scheme, hashed as in Burley
/// 2020 (JCGT 9): each scramble gives other points of the same evenness. Contract: dimension <
/// kSobolDimensions.
[[nodiscard]] double sobol(std::uint32_t index, std::size_t dimension,
                           std::optional<std::uint64_t> scramble = std::nullopt);

} // namespace lathe
