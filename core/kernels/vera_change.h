#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// What VeRA adds to a projection, Kopiczko et al. 2024 (arXiv:2310.11454), as one node:
/// y = s b ⊙ ((d ⊙ u) Bᵀ), u = (m ⊙ x) Aᵀ. Backward keeps u alone: h = s g (b ⊙ B); dd = Σ h ⊙ u;
/// db = s rowsum(gᵀ(d ⊙ u) ⊙ B); dx = m ⊙ ((h ⊙ d) A). A and B are frozen. x: [..., in], a: [R, in],
/// b: [out, R], lambdaD: [R], lambdaB: [out], mask: as x, or undefined. All of one dtype. Returns [..., out].
[[nodiscard]] at::Tensor veraChange(const at::Tensor& x, const at::Tensor& a, const at::Tensor& b,
                                    const at::Tensor& lambdaD, const at::Tensor& lambdaB, double scale,
                                    const at::Tensor& mask);

} // namespace lathe
