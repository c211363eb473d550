#pragma once

#include "core/kernels/adapted_product.h"

namespace lathe {

// A slot's low-rank path where the processor multiplies bf16: A, B, x, g and what is between the two products
// are rounded to it, as autocast does; sums and results are fp32. The slot's rows begin at `first` of x, y, g
// and dx, which are fp32, [n, width], contiguous. Contract for all: multipliesNarrow() and slot.hasPath().

/// y += s (m ⊙ x) Aᵀ Bᵀ. Returns s (m ⊙ x) Aᵀ, [rows, R].
at::Tensor addNarrowPath(const LowRankSlot& slot, const SharedRows& x, const at::Tensor& y,
                         std::int64_t first);

/// dx += m ⊙ (s g B A) where dx is defined. Returns s g B, [rows, R].
at::Tensor pullNarrowPath(const LowRankSlot& slot, const SharedRows& g, const at::Tensor& dx,
                          std::int64_t first);

/// As factorGradients(), of one slot.
[[nodiscard]] LowRankGradients narrowGradients(const LowRankSlot& slot, const SharedRows& g,
                                               const SharedRows& x, const at::Tensor& low,
                                               const at::Tensor& pulled, std::int64_t first);

} // namespace lathe
