#pragma once

#include "core/model/fused_parts.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <memory>
#include <span>

namespace lathe {

/// Reads one token a row and keeps its keys and values in the order that its loops like.
class FusedStep {
public:
    virtual ~FusedStep() = default;

    /// The token at `place` (from 0) of each row. positions: one a row. mask: [B, place + 1] bool, undefined:
    /// no padding.
    virtual void read(std::int64_t place, std::span<const std::int64_t> tokens,
                      std::span<const std::int64_t> positions, const at::Tensor& mask) = 0;
    /// After the last token read: [B, V], valid until the next call.
    [[nodiscard]] virtual at::Tensor logits() = 0;
    /// The first of the largest of each row's logits; valid until the next call.
    [[nodiscard]] virtual std::span<const std::int64_t> likeliest() = 0;

    /// Makes room for `tokens` in all, so that nothing moves before that many are in.
    virtual void reserve(std::int64_t tokens) = 0;
    /// Takes the keys and values of all tokens so far, [B, K, P, d] each.
    virtual void put(std::size_t layer, const at::Tensor& keys, const at::Tensor& values) = 0;
    /// Gives those of the first `tokens`, [B, K, tokens, d] each.
    [[nodiscard]] virtual std::pair<at::Tensor, at::Tensor> taken(std::size_t layer,
                                                                  std::int64_t tokens) const = 0;
    /// Goes on with the rows `rows`, as many as before, in this order; `tokens` were read.
    virtual void takeRows(std::span<const std::int64_t> rows, std::int64_t tokens) = 0;
};

/// For one row: what is read together lies along the widths of weights, and along the tokens of keys.
[[nodiscard]] std::unique_ptr<FusedStep> fusedRow(FusedModel model);
/// For 2 to kBatchRows rows: what is read together lies along the rows.
[[nodiscard]] std::unique_ptr<FusedStep> fusedBatch(FusedModel model, std::int64_t rows);

} // namespace lathe
