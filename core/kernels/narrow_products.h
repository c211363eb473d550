#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// into (+)= x w + bias, where x is rounded to bf16 as w is. On processors that multiply bf16 (AVX512_BF16)
/// the sums are of fp32 and never rounded, and a row depends neither on the other rows nor on the threads;
/// elsewhere LibTorch's product is rounded to bf16 once. into: [n, m] and x: [n, k], fp32 with rows side by
/// side, contiguous; w: [k, m] bf16, one of whose strides is 1; bias: [m] fp32 or undefined.
void narrowProduct(const at::Tensor& into, const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias,
                   bool isAdded);

/// Whether it goes the first way.
[[nodiscard]] bool multipliesNarrow();

} // namespace lathe
