#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace lathe {

/// A frozen norm of each row, as the nodes of a block compute it: RMSNorm (Zhang and Sennrich 2019,
/// arXiv:1910.07467), y = w ⊙ x ρ, ρ = (mean(x²) + eps)^(-1/2); LayerNorm (Ba et al. 2016, arXiv:1607.06450),
/// y = w ⊙ (x - µ) ρ + b, ρ = (mean((x - µ)²) + eps)^(-1/2).
struct RowNorm {
    enum class Kind { None, Rms, Layer };
    Kind kind = Kind::None;
    at::Tensor weight; ///< [D]
    at::Tensor bias;   ///< [D], of LayerNorm
    double eps = 1e-5;
};

/// What a norm makes of rows, and what its backward pass needs besides them.
struct NormedRows {
    at::Tensor rows;  ///< [n, D]; without a norm, the input itself
    at::Tensor stats; ///< [n, 2]: ρ and µ; undefined without a norm
};

/// x: [n, D], contiguous, fp32 or fp64 on the CPU; the norm's tensors of its dtype.
[[nodiscard]] NormedRows normRows(const RowNorm& norm, const at::Tensor& x);

/// into += dL/dx, where g = dL/dy. With a = g ⊙ w and x̂ = (x - µ) ρ: RMSNorm ρ (a - x̂ mean(a ⊙ x̂)), LayerNorm
/// ρ (a - mean(a) - x̂ mean(a ⊙ x̂)). All [n, D] and contiguous. Without a norm: g itself.
void addNormGradient(const RowNorm& norm, const at::Tensor& g, const at::Tensor& x, const at::Tensor& stats,
                     const at::Tensor& into);

} // namespace lathe
