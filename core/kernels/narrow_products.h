#pragma once

#include "core/kernels/dropout_bits.h"

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

/// Rows of fp32 without gaps. Where `kept` has bits, the elements without one are zero.
struct NarrowRows {
    const float* data;
    std::int64_t rows, width;
    BitRows kept = {};
};

/// A factor of a low-rank path, fp32, as the right side of a product of bf16.
struct NarrowFactor {
    const float* data;
    std::int64_t depth, columns;
    bool isTurned;   ///< data: [columns, depth], not [depth, columns]
    float scale = 1; ///< before it is rounded
};

/// c = x w, or c += kept ⊙ (x w), where x and w are rounded to bf16 and the sums are fp32; for each row the
/// same, whatever the other rows and the threads are. c: [x.rows, w.columns], without gaps. kept: without
/// bits everything counts.
/// Contract: multipliesNarrow().
void narrowFactorProduct(const NarrowRows& x, const NarrowFactor& w, float* c, bool isAdded,
                         const BitRows& kept = {});

/// to = aᵀ b over their rows, likewise. to: [a.width, b.width], without gaps.
/// Contract: multipliesNarrow(); a keeps everything.
void narrowOuterProduct(const NarrowRows& a, const NarrowRows& b, float* to);

} // namespace lathe
