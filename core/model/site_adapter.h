#pragma once

#include "core/kernels/low_rank_slot.h"

#include <ATen/core/Tensor.h>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lathe {

/// What adapters do at the named sites of a model. Dimension letters: B batch, T tokens, D width, K key-value
/// heads, d head size. The parts belong to the model's thread.

class SiteAdapter;

/// A projection y = W x + b as an adapter finds it: the frozen tensors, and the adapters attached before it.
class LinearBase {
public:
    /// `below`: attached before, the first first.
    LinearBase(const at::Tensor& weight, const at::Tensor& bias,
               const std::vector<std::shared_ptr<SiteAdapter>>& below, std::size_t count)
        : m_weight(weight), m_bias(bias), m_below(below), m_count(count) {}

    [[nodiscard]] const at::Tensor& weight() const { return m_weight; } ///< [out, in]
    [[nodiscard]] const at::Tensor& bias() const { return m_bias; }     ///< [out] or undefined
    /// Whether no other adapter is below, so that W and b are all there is.
    [[nodiscard]] bool isPlain() const { return m_count == 0; }
    /// x: [..., in]. Returns [..., out] in W's dtype.
    [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;

private:
    const at::Tensor& m_weight;
    const at::Tensor& m_bias;
    const std::vector<std::shared_ptr<SiteAdapter>>& m_below;
    std::size_t m_count;
};

/// W and b of a projection with an adapter folded in.
struct MergedLinear {
    at::Tensor weight; ///< [out, in]
    at::Tensor bias;   ///< [out] or undefined
};

/// What an adapter does at a projection.
class SiteAdapter {
public:
    SiteAdapter() = default;
    SiteAdapter(const SiteAdapter&) = delete;
    SiteAdapter& operator=(const SiteAdapter&) = delete;
    virtual ~SiteAdapter() = default;

    /// The projection with the adapter. x: [..., in]. Returns [..., out] in W's dtype. The adapter gets W
    /// itself, so that it can compute both paths in one node.
    [[nodiscard]] virtual at::Tensor apply(const at::Tensor& x, const LinearBase& base) = 0;
    /// The low-rank paths that are all it adds to a plain projection, for `rows` rows of `width` numbers on
    /// the CPU; nothing where it does anything else.
    [[nodiscard]] virtual std::optional<std::vector<LowRankSlot>> lowRankPaths(std::int64_t /*rows*/,
                                                                               std::int64_t /*width*/) {
        return std::nullopt;
    }
    /// A plain projection that computes the same (dropout off), in the dtype of the adapter's tensors;
    /// nothing where there is none, as beside a non-linear path.
    [[nodiscard]] virtual std::optional<MergedLinear> merged(const at::Tensor& /*weight*/,
                                                             const at::Tensor& /*bias*/) const {
        return std::nullopt;
    }
};

/// What an adapter does at a table of token vectors.
class EmbeddingAdapter {
public:
    EmbeddingAdapter() = default;
    EmbeddingAdapter(const EmbeddingAdapter&) = delete;
    EmbeddingAdapter& operator=(const EmbeddingAdapter&) = delete;
    virtual ~EmbeddingAdapter() = default;

    /// ids: [B, T]; looked: their rows of the table, [B, T, width]. Returns [B, T, width] in the same dtype.
    [[nodiscard]] virtual at::Tensor apply(const at::Tensor& ids, const at::Tensor& looked) = 0;
    /// What is added to the table, [V, width].
    [[nodiscard]] virtual at::Tensor change() const = 0;
};

/// What an adapter does with the result of an attention or feed-forward part before it joins the residual
/// stream.
class ResidualAdapter {
public:
    ResidualAdapter() = default;
    ResidualAdapter(const ResidualAdapter&) = delete;
    ResidualAdapter& operator=(const ResidualAdapter&) = delete;
    virtual ~ResidualAdapter() = default;

    /// h: result of the part, x: residual stream it is added to, both [B, T, D]. `norm`: the LayerNorm of the
    /// sum where the block has one (post-norm), else empty. Returns what is added in place of h.
    [[nodiscard]] virtual at::Tensor apply(const at::Tensor& h, const at::Tensor& x,
                                           const std::function<at::Tensor(const at::Tensor&)>& norm) = 0;
};

/// Trained tokens in front of every text: vectors the first layer reads (prompt tuning), or keys and values
/// in every layer (prefix tuning).
class VirtualTokens {
public:
    VirtualTokens() = default;
    VirtualTokens(const VirtualTokens&) = delete;
    VirtualTokens& operator=(const VirtualTokens&) = delete;
    virtual ~VirtualTokens() = default;

    struct Content {
        at::Tensor embeddings; ///< [n, width of the token table]; undefined for a prefix
        /// By layer, [K, n, d] each; empty for a prompt. Keys are not rotated.
        std::vector<std::pair<at::Tensor, at::Tensor>> keysAndValues;
    };
    [[nodiscard]] virtual std::int64_t count() const = 0;
    /// What they are now; asked once for each text that begins.
    [[nodiscard]] virtual Content content() const = 0;
};

/// The adapters at one site, in the order of attaching.
template <typename Part>
class AdapterStack {
public:
    void add(std::shared_ptr<Part> part) { m_parts.push_back(std::move(part)); }
    void remove(const Part* part) {
        std::erase_if(m_parts, [part](const auto& each) { return each.get() == part; });
    }
    [[nodiscard]] const std::vector<std::shared_ptr<Part>>& parts() const { return m_parts; }
    [[nodiscard]] bool isEmpty() const { return m_parts.empty(); }

private:
    std::vector<std::shared_ptr<Part>> m_parts; // shared: the method that trains a part holds it too
};

/// x: [..., in], weight: [out, in], bias: [out] or undefined. The projection with all adapters of the stack.
[[nodiscard]] at::Tensor adaptedLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                       const AdapterStack<SiteAdapter>& stack);

/// Keeps something attached as long as it lives. The model outlives it.
class Attachment {
public:
    explicit Attachment(std::function<void()> detach) : m_detach(std::move(detach)) {}
    Attachment(Attachment&& other) noexcept : m_detach(std::exchange(other.m_detach, {})) {}
    Attachment& operator=(Attachment&& other) noexcept {
        std::swap(m_detach, other.m_detach);
        return *this;
    }
    ~Attachment() {
        if (m_detach)
            m_detach();
    }

private:
    std::function<void()> m_detach;
};

} // namespace lathe
