#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// Element-wise parts of a transformer block as one pass each, forward and backward written by hand: composed
/// of LibTorch's operators they cost several passes over memory and a node of bookkeeping each. Plain loops
/// where the data is fp32 or fp64 on the CPU; everywhere else the same formulas out of LibTorch's operators,
/// as few of them as can be: to start one on a GPU costs more than most of them take. Dimension letters: D
/// width, T time, d head size.

/// RMSNorm, Zhang and Sennrich 2019 (arXiv:1910.07467): y = w ⊙ x ρ, ρ = (mean(x²) + eps)^(-1/2), the mean in
/// fp32 or wider. Backward, a = g ⊙ w: dx = ρ (a − x ρ² mean(a ⊙ x)), dw = Σ g ⊙ x ρ. x: [..., D], weight:
/// [D].
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps);

/// Rotary positions, Su et al. 2021 (arXiv:2104.09864), half-split: dimension i turns with i + d/2.
/// Orthogonal, so the backward turns back by the same angles. x: [B, heads, T, d]; cos, sin: [T, d] or [B, 1,
/// T, d], each half alike.
[[nodiscard]] at::Tensor rotateHalves(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

/// The same without a gradient, written into y, which may be x; `sign` -1 turns back. Both fp32 or fp64 on
/// the CPU, with neighbouring numbers of a head next to each other; cos and sin contiguous and of their
/// dtype.
void rotateHalvesInto(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, double sign,
                      at::Tensor& y);

/// SwiGLU, Shazeer 2020 (arXiv:2002.05202): y = e σ(e) f. Backward: df = g e σ, de = g f σ (1 + e (1 − σ)).
/// gate and up of one shape.
[[nodiscard]] at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);

} // namespace lathe
