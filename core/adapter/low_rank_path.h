#pragma once

#include "core/adapter/adapter.h"

namespace lathe {

/// The dropout mask of an adapter's input in this step, shaped as x, rows of a batch (RowsBefore), and in
/// `dtype`; undefined where nothing is dropped. `number` tells the masks of an adapter's sites apart.
[[nodiscard]] at::Tensor inputMask(const AdapterContext& context, double dropout, std::uint32_t number,
                                   const at::Tensor& x, at::ScalarType dtype);

/// y = base(x) + s (m ⊙ x) Aᵀ Bᵀ in W's dtype, the second part computed in the dtype of A and B; one node
/// where that is W's too. x: [..., in], a: [R, in], b: [out, R], mask: as x, or undefined.
[[nodiscard]] at::Tensor withLowRank(const at::Tensor& x, const LinearBase& base, const at::Tensor& a,
                                     const at::Tensor& b, double scale, const at::Tensor& mask);

} // namespace lathe
