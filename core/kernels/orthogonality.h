#pragma once

#include <ATen/core/Tensor.h>
#include <span>

namespace lathe {

/// How far matrices are from having orthonormal rows: the mean of ‖P Pᵀ − I‖ (Frobenius), a scalar, as one
/// node with the gradient 2 (P Pᵀ − I) P / ‖P Pᵀ − I‖, 0 where the norm is 0. Contract: at least one; each
/// [r, n], of one dtype and device.
[[nodiscard]] at::Tensor orthogonalityPenalty(std::span<const at::Tensor> matrices);

} // namespace lathe
