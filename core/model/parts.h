#pragma once

#include "core/model/language_model.h"

#include <ATen/core/Tensor.h>
#include <memory>

namespace lathe {

/// y = W x + b with a place for an adapter.
class Projection {
public:
    Projection() = default;
    explicit Projection(at::Tensor weight, at::Tensor bias = {})
        : m_weight(std::move(weight)), m_bias(std::move(bias)) {}

    /// x: [..., in]. Returns [..., out].
    [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;
    void attach(std::shared_ptr<SiteAdapter> adapter) { m_adapter = std::move(adapter); }

private:
    at::Tensor m_weight;                    // [out, in]
    at::Tensor m_bias;                      // [out] or undefined
    std::shared_ptr<SiteAdapter> m_adapter; // shared: the method that trains it holds it too
};

/// Which keys each query may see, for scaled_dot_product_attention. `isCausal` alone where nothing is padded
/// and nothing cached.
struct AttentionMask {
    at::Tensor allowed; ///< [B or 1, 1, T, P + T] bool, or undefined
    bool isCausal = false;
};
/// mask: [B, past + count] bool or undefined. A padded query sees itself, so that no row is empty; nobody
/// reads its result.
[[nodiscard]] AttentionMask causalMask(const at::Tensor& mask, std::int64_t past, std::int64_t count,
                                       at::Device device);

/// Softmax attention. q: [B, H, T, d]; k, v: [B, key-value heads, P + T, d], each serving H / (key-value
/// heads) query heads. Returns [B, T, H·d].
[[nodiscard]] at::Tensor attend(const at::Tensor& q, at::Tensor k, at::Tensor v, const AttentionMask& mask);

} // namespace lathe
