#pragma once

#include "core/kernels/dropout_bits.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <utility>

namespace lathe {

/// Rows of fp32 without gaps. Where `kept` has bits, the elements without one are zero.
struct NarrowRows {
    const float* data;
    std::int64_t rows, width;
    BitRows kept = {};
    /// The same rounded to bf16, read in place of data: neighbours in pairs, the first in the lower half;
    /// null: not there.
    const std::uint32_t* pairs = nullptr;
    std::int64_t pairStride = 0; ///< from row to row
};

/// Rows that several products read, [n, k] fp32 or fp64, contiguous. Where they go in bf16 they are rounded
/// once, as soon as the first of the products asks for them, if they are so short that each would round them
/// as a whole. They must not change meanwhile, and one thread at a time may ask; copies made before that round
/// their own.
class SharedRows {
public:
    /// isShared: whether there is more than one product; else nothing is rounded ahead.
    SharedRows(at::Tensor rows, bool isShared = true) // NOLINT: rows are rows
        : m_rows(std::move(rows)), m_isShared(isShared) {}

    [[nodiscard]] const at::Tensor& tensor() const { return m_rows; }
    /// So many rows from `first` on. Contract: fp32, multipliesNarrow().
    [[nodiscard]] NarrowRows narrow(std::int64_t first, std::int64_t count, const BitRows& kept = {}) const;

private:
    at::Tensor m_rows;
    bool m_isShared;
    mutable at::Tensor m_pairs; ///< [n, pairs] int32
};

/// into (+)= x w + bias, where x is rounded to bf16 as w is. On processors that multiply bf16 (AVX512_BF16)
/// the sums are of fp32 and never rounded, and a row depends neither on the other rows nor on the threads;
/// elsewhere LibTorch's product is rounded to bf16 once. into: [n, m] and x: [n, k], fp32 with rows side by
/// side, contiguous; w: [k, m] bf16, one of whose strides is 1; bias: [m] fp32 or undefined.
void narrowProduct(const at::Tensor& into, const SharedRows& x, const at::Tensor& w, const at::Tensor& bias,
                   bool isAdded);

/// Whether it goes the first way.
[[nodiscard]] bool multipliesNarrow();

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
