#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// Hendrycks and Gimpel 2016 (arXiv:1606.08415): x Φ(x), or its approximation by a hyperbolic tangent. Exact
/// to about an ulp in fp32. Tensors are contiguous, fp32 or fp64 on the CPU.
enum class Gelu { Exact, Tanh };

[[nodiscard]] at::Tensor geluRows(const at::Tensor& x, Gelu kind);

struct GeluWithSlope {
    at::Tensor value, slope; ///< gelu(x) and gelu'(x)
};
[[nodiscard]] GeluWithSlope geluWithSlope(const at::Tensor& x, Gelu kind);

/// g becomes g ⊙ gelu'(x). Returns gelu(x).
at::Tensor pullThroughGelu(const at::Tensor& g, const at::Tensor& x, Gelu kind);

} // namespace lathe
