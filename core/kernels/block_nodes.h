#pragma once

#include "core/kernels/adapted_product.h"
#include "core/kernels/row_norm.h"

#include <ATen/core/Tensor.h>
#include <memory>
#include <vector>

namespace lathe {

/// The parts of a transformer block before and behind its attention as one node each, forward and backward
/// written by hand: no bookkeeping between their operations, and nothing kept that is cheaper to make again.
/// For frozen blocks under low-rank paths on the CPU, fp32 or fp64, everything of one dtype and contiguous.
/// Dimension letters: n rows, D width, F feed-forward width.

/// Rotary positions of the heads, as rotateHalves() turns them.
struct HeadTurn {
    at::Tensor cos, sin;             ///< [T, d] or [B, 1, T, d], contiguous; undefined: nothing turns
    std::int64_t time = 0;           ///< T; n = B T
    std::vector<std::int64_t> heads; ///< of each projection's result, H with out = H d; 0: it does not turn
};

struct AttentionInputs {
    RowNorm norm; ///< of the block's input; none where the norms come behind the sums
    std::vector<AdaptedProjection> projections;
    HeadTurn turn;
    at::Tensor queryPlaces; ///< [N] int64: the rows that the first projection is for; undefined: all
};

/// x: [n, D]. Returns what each projection makes of the normed rows, turned, [n, out] each, or [N, out].
[[nodiscard]] std::vector<at::Tensor> attentionInputs(const at::Tensor& x,
                                                      std::shared_ptr<const AttentionInputs> parts);

/// Swiglu: silu(gate) ⊙ up, of two projections; the others of one.
enum class BlockActivation { Swiglu, Gelu, GeluTanh, Relu };

/// PreNorm: x₁ = x + o(mixed), y = x₁ + m(n₁ x₁). PostNorm: x₁ = n₁(x + o(mixed)), y = n₂(x₁ + m(x₁)).
/// m is the feed-forward part down(activation(inputs)).
struct BlockTail {
    bool isPostNorm = false;
    RowNorm first, second; ///< n₁ and n₂
    AdaptedProjection output;
    std::vector<AdaptedProjection> inputs; ///< gate and up, or one
    BlockActivation activation = BlockActivation::Swiglu;
    AdaptedProjection down;
};

/// The tail of some rows alone. places: [N] int64, ascending.
[[nodiscard]] BlockTail atPlaces(BlockTail tail, const at::Tensor& places);

/// x: the block's input, [n, D]; mixed: what the attention made of it, before its output projection, [n, in].
/// Returns [n, D].
[[nodiscard]] at::Tensor blockTail(const at::Tensor& x, const at::Tensor& mixed,
                                   std::shared_ptr<const BlockTail> parts);

} // namespace lathe
