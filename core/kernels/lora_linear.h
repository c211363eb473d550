#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// A frozen projection with a LoRA path as one node, Hu et al. 2021 (arXiv:2106.09685): y = x Wᵀ + b + s u
/// Bᵀ, u = (m ⊙ x) Aᵀ. Backward: gu = s g B; dB = s gᵀ u; dA = guᵀ (m ⊙ x); dx = g W + m ⊙ (gu A); db = Σ g
/// where b is trained. No gradient for W. x: [..., in], weight: [out, in], bias: [out] or undefined, a: [R,
/// in], b: [out, R], mask: as x, or undefined. All of one dtype.
[[nodiscard]] at::Tensor loraLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                    const at::Tensor& a, const at::Tensor& b, double scale,
                                    const at::Tensor& mask);

} // namespace lathe
