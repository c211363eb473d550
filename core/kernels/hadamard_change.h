#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// What a Hadamard product of two low-rank matrices adds to a projection, Hyeon-Woo et al. 2022
/// (arXiv:2108.06098), as one node: y = s x Wᵀ, W = (A₁ B₁) ⊙ (A₂ B₂). W is made again in the backward pass
/// and not kept: G = s gᵀ x; dA₁ = (G ⊙ A₂B₂) B₁ᵀ, dB₁ = A₁ᵀ (G ⊙ A₂B₂), the second pair likewise; dx = s g
/// W. x: [..., in], a1, a2: [out, R], b1, b2: [R, in], all of one dtype. Returns [..., out].
[[nodiscard]] at::Tensor hadamardChange(const at::Tensor& x, const at::Tensor& a1, const at::Tensor& b1,
                                        const at::Tensor& a2, const at::Tensor& b2, double scale);

} // namespace lathe
