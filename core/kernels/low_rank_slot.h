#pragma once

#include "core/kernels/dropout_bits.h"

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace lathe {

/// Some rows' low-rank path, s B A (m ⊙ x), Hu et al. 2021 (arXiv:2106.09685), on the CPU.
struct LowRankSlot {
    std::int64_t rows = 0; ///< behind those of the slots before; 0: the slot is empty
    at::Tensor a, b;       ///< [R, in] and [out, R]; undefined: no path
    double scale = 1;
    DropoutBits kept = {}; ///< m, [rows, in]

    [[nodiscard]] bool hasPath() const { return rows > 0 && a.defined(); }
};

} // namespace lathe
