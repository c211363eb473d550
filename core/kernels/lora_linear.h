#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// A frozen projection with a LoRA path as one node, Hu et al. 2021 (arXiv:2106.09685): y = x Wᵀ + b + s u
/// Bᵀ - s x A₀ᵀ B₀ᵀ, u = (m ⊙ x) Aᵀ. Backward: gu = g B; dB = s gᵀ u; dA = s guᵀ (m ⊙ x); dx = g W + s m ⊙
/// (gu A) - s g B₀ A₀; db = Σ g where b is trained. No gradient for W, A₀ and B₀; where A needs none
/// (LoRA-FA, Zhang et al. 2023, arXiv:2308.03303), x is not kept for the backward pass. x: [..., in], weight:
/// [out, in], bias: [out] or undefined, a: [R, in], b: [out, R], mask: as x, or undefined; fixedA, fixedB: A₀
/// and B₀, shaped as a and b, or undefined. x, W and b are of one dtype, the others of one that is as wide or
/// wider; the paths are added in the wider one. Returns [..., out] in W's dtype.
[[nodiscard]] at::Tensor loraLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                    const at::Tensor& a, const at::Tensor& b, double scale,
                                    const at::Tensor& mask, const at::Tensor& fixedA = {},
                                    const at::Tensor& fixedB = {});

} // namespace lathe
