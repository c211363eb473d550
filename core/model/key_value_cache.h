#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <utility>
#include <vector>

namespace lathe {

/// Keys and values of the tokens seen so far, one pair a layer, each [B, key-value heads, P, head size], in
/// buffers with room to grow: appending a token copies that token alone. Where gradients flow through the
/// cached tensors (a trained prefix) appending makes new tensors instead.
class KeyValueCache {
public:
    /// Makes room for `tokens` in all, so that no buffer moves before that many are in.
    void reserve(std::int64_t tokens) { m_reserved = tokens; }
    /// Adds keys and values [B, K, T, d] of a layer and returns all of that layer, [B, K, P + T, d]; views,
    /// valid until the next append to this layer.
    std::pair<at::Tensor, at::Tensor> append(std::int64_t layer, const at::Tensor& keys,
                                             const at::Tensor& values);
    /// All that is kept of a layer; undefined tensors where nothing is.
    [[nodiscard]] std::pair<at::Tensor, at::Tensor> kept(std::int64_t layer) const;
    /// Tokens seen so far. Asked between passes through the model: during one, layers differ.
    [[nodiscard]] std::int64_t length() const;
    /// Keeps the rows `rows` [B'] int64 in this order; a row may be taken several times, as beams are.
    void takeRows(const at::Tensor& rows);

private:
    struct Layer {
        at::Tensor keys, values; // [B, K, capacity, d]
        std::int64_t length = 0;
    };
    std::vector<Layer> m_layers;
    std::int64_t m_reserved = 0;
};

} // namespace lathe
