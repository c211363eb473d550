#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// silu(gate) ⊙ up, Shazeer 2020 (arXiv:2002.05202). Both [n, F], contiguous, fp32 or fp64 on the CPU.
[[nodiscard]] at::Tensor swigluRows(const at::Tensor& gate, const at::Tensor& up);

/// What the backward pass of swigluRows() needs in one go.
struct SwigluGradient {
    at::Tensor gate, up; ///< dL/dgate and dL/dup
    at::Tensor value;    ///< silu(gate) ⊙ up again
};
/// g = dL/dy; its memory becomes the gradient of `up`.
[[nodiscard]] SwigluGradient swigluGradient(const at::Tensor& g, const at::Tensor& gate,
                                            const at::Tensor& up);

} // namespace lathe
