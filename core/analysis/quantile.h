#pragma once

#include <span>

namespace lathe {

/// The value below which the share lies, linear between neighbours (Hyndman and Fan 1996, type 7). Contract:
/// sorted, not empty, share in [0, 1].
[[nodiscard]] double quantileOfSorted(std::span<const double> sorted, double share);

} // namespace lathe
