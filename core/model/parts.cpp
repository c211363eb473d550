#include "core/model/parts.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>

namespace lathe {

namespace {

/// [B, K, S, d] → [B, K·copies, S, d], each head followed by its copies.
at::Tensor repeatHeads(const at::Tensor& x, std::int64_t copies) {
    if (copies == 1)
        return x;
    const auto b = x.size(0);
    const auto k = x.size(1);
    const auto s = x.size(2);
    const auto d = x.size(3);
    return x.unsqueeze(2).expand({b, k, copies, s, d}).reshape({b, k * copies, s, d});
}

} // namespace

at::Tensor Projection::forward(const at::Tensor& x) const {
    return m_adapter ? m_adapter->apply(x, m_weight, m_bias) : at::linear(x, m_weight, m_bias);
}

AttentionMask causalMask(const at::Tensor& mask, std::int64_t past, std::int64_t count, at::Device device) {
    if (!mask.defined() && past == 0)
        return {{}, true};
    if (!mask.defined() && count == 1)
        return {{}, false}; // one new token sees everything before it
    const auto options = at::TensorOptions(at::kLong).device(device);
    const at::Tensor query = at::arange(past, past + count, options).unsqueeze(1); // [T, 1]
    const at::Tensor key = at::arange(past + count, options).unsqueeze(0);         // [1, P + T]
    at::Tensor allowed = (key <= query).unsqueeze(0).unsqueeze(0);
    if (mask.defined())
        allowed = allowed.logical_and(mask.unsqueeze(1).unsqueeze(1))
                      .logical_or((key == query).unsqueeze(0).unsqueeze(0));
    return {allowed, false};
}

at::Tensor attend(const at::Tensor& q, at::Tensor k, at::Tensor v, const AttentionMask& mask) {
    const std::int64_t copies = q.size(1) / k.size(1);
    k = repeatHeads(k, copies);
    v = repeatHeads(v, copies);
    const std::optional<at::Tensor> allowed =
        mask.allowed.defined() ? std::optional<at::Tensor>(mask.allowed) : std::nullopt;
    const at::Tensor mixed = at::scaled_dot_product_attention(q, k, v, allowed, 0.0, mask.isCausal);
    return mixed.transpose(1, 2).reshape({q.size(0), q.size(2), q.size(1) * q.size(3)});
}

} // namespace lathe
