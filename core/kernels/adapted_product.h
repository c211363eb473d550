#pragma once

#include "core/kernels/low_rank_slot.h"
#include "core/kernels/narrow_products.h"

#include <ATen/core/Tensor.h>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace lathe {

/// A frozen projection's matrix, small ones in both orders, as sumProducts() reads them; a small packed one
/// is unpacked once, since it saves too little to be unpacked at each use. Immutable.
class FrozenMatrix {
public:
    /// weight: [out, in], ordinary or packed, frozen.
    explicit FrozenMatrix(const at::Tensor& weight);

    [[nodiscard]] const at::Tensor& weight() const { return m_weight; }
    /// Whether it is still what was given.
    [[nodiscard]] bool isOf(const at::Tensor& weight) const;
    [[nodiscard]] bool isSmall() const { return m_turned.defined(); }
    [[nodiscard]] const at::Tensor& rows() const { return m_rows; } ///< [out, in], contiguous, of a small one
    [[nodiscard]] const at::Tensor& turned() const { return m_turned; } ///< [in, out], contiguous

private:
    at::Tensor m_weight, m_rows, m_turned;
    const void* m_memory = nullptr;
    std::int64_t m_version = 0;
};

/// The FrozenMatrix of a weight, made when it is first asked for and again where the weight has changed.
/// Copies share it; it may be asked from several threads.
class FrozenMatrixCache {
public:
    [[nodiscard]] std::shared_ptr<const FrozenMatrix> of(const at::Tensor& weight) const;

private:
    struct Kept {
        std::mutex mutex; // guards matrix
        std::shared_ptr<const FrozenMatrix> matrix;
    };
    std::shared_ptr<Kept> m_kept = std::make_shared<Kept>();
};

/// y = W x + b for all rows, and to each slot's rows its low-rank path.
struct AdaptedProjection {
    std::shared_ptr<const FrozenMatrix> matrix;
    at::Tensor bias;                ///< [out], frozen, or undefined
    std::vector<LowRankSlot> slots; ///< one behind the other; none: a plain projection

    [[nodiscard]] std::int64_t out() const { return matrix->weight().size(0); }
};

/// The projection of some of its rows alone. places: [N] int64, ascending.
[[nodiscard]] AdaptedProjection atPlaces(AdaptedProjection projection, const at::Tensor& places);

/// A path's gradients; undefined where the slot has none, or where A is not trained.
struct LowRankGradients {
    at::Tensor a, b;
};

/// y = (isAdded ? y : 0) + what the projection makes of x, [n, in] to [n, out], both contiguous, on the CPU,
/// of one dtype, fp32 or fp64, with bias, A and B. W is of it too, or in bf16 beside fp32: then x is rounded
/// to bf16 for the product with W, and so is g in the backward pass; see narrowProduct(). On processors that
/// multiply bf16 a path's factors and what goes into its products are rounded, too, as under autocast.
/// Returns by slot s (m ⊙ x) Aᵀ, [its rows, R], for the backward pass; undefined for a slot without a path.
std::vector<at::Tensor> applyProjection(const AdaptedProjection& projection, const SharedRows& x,
                                        const at::Tensor& y, bool isAdded);

/// dx = (isAdded ? dx : 0) + g W + Σ paths, where g = dL/dy, [n, out], contiguous; dx may be undefined: not
/// wanted. Returns by slot s g B, [its rows, R].
std::vector<at::Tensor> pullRows(const AdaptedProjection& projection, const SharedRows& g,
                                 const at::Tensor& dx, bool isAdded);

/// The slots' dB = gᵀ low and dA = pulledᵀ (m ⊙ x), of m without its factor, which is in s. x and low as
/// applyProjection() saw and gave them, g and pulled as pullRows().
[[nodiscard]] std::vector<LowRankGradients> factorGradients(const AdaptedProjection& projection,
                                                            const SharedRows& g, const SharedRows& x,
                                                            std::span<const at::Tensor> low,
                                                            std::span<const at::Tensor> pulled);

} // namespace lathe
