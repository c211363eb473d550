#include "core/model/key_value_cache.h"

#include "core/base/contract.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lathe {

namespace {

/// The same content with room for `capacity` tokens.
at::Tensor grown(const at::Tensor& buffer, std::int64_t used, std::int64_t capacity) {
    at::Tensor larger =
        at::empty({buffer.size(0), buffer.size(1), capacity, buffer.size(3)}, buffer.options());
    larger.narrow(2, 0, used).copy_(buffer.narrow(2, 0, used));
    return larger;
}

/// Copies `added` [B, K, T, d] to the places from `first` on. Of a decoded token's keys LibTorch's own copy
/// spends most of its time on finding out what is to be done.
void put(const at::Tensor& buffer, std::int64_t first, const at::Tensor& added) {
    if (!buffer.is_cpu() || !added.is_cpu() || buffer.scalar_type() != added.scalar_type() ||
        added.stride(3) != 1) {
        buffer.narrow(2, first, added.size(2)).copy_(added);
        return;
    }
    const auto item = static_cast<std::int64_t>(buffer.element_size());
    const auto bytes = static_cast<std::size_t>(added.size(3) * item);
    auto* to = static_cast<std::byte*>(buffer.mutable_data_ptr());
    const auto* from = static_cast<const std::byte*>(added.const_data_ptr());
    for (std::int64_t b = 0; b < added.size(0); ++b)
        for (std::int64_t k = 0; k < added.size(1); ++k)
            for (std::int64_t t = 0; t < added.size(2); ++t)
                std::memcpy(
                    to +
                        (b * buffer.stride(0) + k * buffer.stride(1) + (first + t) * buffer.stride(2)) * item,
                    from + (b * added.stride(0) + k * added.stride(1) + t * added.stride(2)) * item, bytes);
}

at::Tensor withRoom(const at::Tensor& like, std::int64_t capacity) {
    return at::empty({like.size(0), like.size(1), capacity, like.size(3)}, like.options());
}

} // namespace

std::pair<at::Tensor, at::Tensor> KeyValueCache::append(std::int64_t layer, const at::Tensor& keys,
                                                        const at::Tensor& values) {
    LATHE_EXPECT(layer >= 0 && keys.dim() == 4 && keys.sizes().slice(0, 3) == values.sizes().slice(0, 3));
    if (m_layers.size() <= static_cast<std::size_t>(layer))
        m_layers.resize(static_cast<std::size_t>(layer) + 1);
    Layer& kept = m_layers[static_cast<std::size_t>(layer)];
    const std::int64_t total = kept.length + keys.size(2);
    const bool isTracked = at::GradMode::is_enabled() && (keys.requires_grad() || values.requires_grad() ||
                                                          (kept.keys.defined() && kept.keys.requires_grad()));
    if (isTracked) {
        const auto joined = [&](const at::Tensor& old, const at::Tensor& added) {
            return kept.length == 0 ? added : at::cat({old.narrow(2, 0, kept.length), added}, 2);
        };
        kept = {joined(kept.keys, keys), joined(kept.values, values), total};
        return {kept.keys, kept.values};
    }
    if (kept.length == 0) {
        const std::int64_t capacity = std::max({m_reserved, total, std::int64_t{64}});
        kept.keys = withRoom(keys, capacity);
        kept.values = withRoom(values, capacity);
    } else if (total > kept.keys.size(2)) {
        const std::int64_t capacity = std::max({m_reserved, total, 2 * kept.length});
        kept.keys = grown(kept.keys, kept.length, capacity);
        kept.values = grown(kept.values, kept.length, capacity);
    }
    put(kept.keys, kept.length, keys);
    put(kept.values, kept.length, values);
    kept.length = total;
    return {kept.keys.narrow(2, 0, total), kept.values.narrow(2, 0, total)};
}

std::pair<at::Tensor, at::Tensor> KeyValueCache::kept(std::int64_t layer) const {
    if (static_cast<std::size_t>(layer) >= m_layers.size())
        return {};
    const Layer& found = m_layers[static_cast<std::size_t>(layer)];
    if (found.length == 0)
        return {};
    return {found.keys.narrow(2, 0, found.length), found.values.narrow(2, 0, found.length)};
}

std::int64_t KeyValueCache::length() const { return m_layers.empty() ? 0 : m_layers.front().length; }

void KeyValueCache::takeRows(const at::Tensor& rows) {
    const auto taken = [&rows](const at::Tensor& buffer, std::int64_t used) {
        at::Tensor result =
            at::empty({rows.size(0), buffer.size(1), buffer.size(2), buffer.size(3)}, buffer.options());
        result.narrow(2, 0, used).copy_(buffer.narrow(2, 0, used).index_select(0, rows));
        return result;
    };
    for (Layer& layer : m_layers) {
        layer.keys = taken(layer.keys, layer.length);
        layer.values = taken(layer.values, layer.length);
    }
}

} // namespace lathe
