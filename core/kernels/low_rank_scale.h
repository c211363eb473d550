#pragma once

#include "core/kernels/low_rank_slot.h"

#include <string_view>

namespace lathe {

/// What a profile calls the products of low-rank paths.
inline constexpr std::string_view kPathScope = "lathe::adapter";

/// s, with the factor of m: bits are all that is read of it.
template <typename S>
S scaleOf(const LowRankSlot& slot) {
    return static_cast<S>(slot.scale * slot.kept.factor());
}

} // namespace lathe
