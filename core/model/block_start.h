#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>

namespace lathe {

/// Where a pass through the blocks of a model begins, for callers that have kept what lies below.
struct BlockStart {
    std::int64_t block = 0; ///< the first that is computed; the number of blocks: none is
    at::Tensor input;       ///< [B, T, D], what that block reads; undefined: the pass begins with the tokens
};

/// How many blocks, from the first on, are always the same function of a text: nothing is trained in them or
/// below, and no adapter is there.
struct FrozenBlocks {
    std::int64_t count = 0;
    std::string why; ///< why there are none, or no more
};

} // namespace lathe
