#pragma once

#include "core/base/random.h"

#include <ATen/core/Tensor.h>

namespace lathe {

/// A ≈ U diag(S) Vᵀ, the largest singular values first.
struct Decomposition {
    at::Tensor u;  ///< [m, k]
    at::Tensor s;  ///< [k]
    at::Tensor vt; ///< [k, n]
};

/// matrix: [m, n] fp32 or fp64. The `rank` largest.
[[nodiscard]] Decomposition truncatedSvd(const at::Tensor& matrix, std::int64_t rank);
/// An approximation by random projection and subspace iteration, Halko et al. 2011 (arXiv:0909.4061),
/// algorithm 5.1 on the range of 4.4; much faster where rank is far below m and n.
[[nodiscard]] Decomposition fastSvd(const at::Tensor& matrix, std::int64_t rank, std::int64_t iterations,
                                    Rng& rng);
/// The exact decomposition of B A out of the factors, without building the product. b: [m, R], a: [R, n].
/// Gives min(R, m, n) singular values.
[[nodiscard]] Decomposition productSvd(const at::Tensor& b, const at::Tensor& a);

/// Independent draws of mean 0 and variance 1, in fp32 on the CPU.
[[nodiscard]] at::Tensor normalTensor(at::IntArrayRef shape, Rng& rng);

} // namespace lathe
