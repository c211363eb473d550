#pragma once

#include "core/kernels/text_attention.h"
#include "core/model/parts.h"
#include "core/model/rope.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lathe {

/// B batch, T new tokens, P tokens in the cache, S = P + T, H query heads, K key-value heads, d head size.

/// Which keys each query may see, and what is added to their scores.
struct AttentionMask {
    at::Tensor allowed;    ///< [B or 1, 1, T or 1, S] bool, or undefined
    at::Tensor added;      ///< [B or 1, H, T or 1, S], −∞ where not allowed, or undefined; then alone
    bool isCausal = false; ///< the plain triangle, and nothing else of the above
};

/// Softmax attention, Vaswani et al. 2017 (arXiv:1706.03762). q: [B, H, T, d]; k, v: [B, K, S, d], each
/// serving H / K query heads (Ainslie et al. 2023, arXiv:2305.13245). Returns [B, T, H·d]. `isEager`: scores
/// written out, as the formula stands; else LibTorch's fused attention, where there is no softcap.
[[nodiscard]] at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                const AttentionMask& mask, double scale, double softcap, bool isEager);

/// What all layers share in one pass through a model.
class PassContext {
public:
    /// `past`: tokens in the input's cache. `heads`: of the queries.
    PassContext(const ModelInput& input, std::int64_t past, bool isCausal, at::TensorOptions options);
    /// Of a single text of `count` tokens without padding, behind `past` others.
    PassContext(std::int64_t past, std::int64_t count, bool isCausal, bool isEager,
                at::TensorOptions options);

    /// Position scores, [B or 1, H, 1, S].
    void setBias(at::Tensor bias) { m_bias = std::move(bias); }
    /// By window; made at first use.
    [[nodiscard]] const AttentionMask& mask(std::int64_t window);

    std::optional<Rope::Angles> angles;
    KeyValueCache* cache;
    bool isEager;

    /// Several texts side by side in one row: each attends by a context of its own, which those of like
    /// length share. Empty: one text a row.
    std::vector<std::shared_ptr<PassContext>> texts;
    /// By layer, keys and values [K, n, d] in front of each text, or [texts, K, n, d]; empty: none.
    std::vector<std::pair<at::Tensor, at::Tensor>> prefix;

    [[nodiscard]] std::int64_t count() const { return m_count; }
    /// Who sees whom, of `rows` rows, where nothing is padded, added to scores or kept in a cache, and no
    /// window reaches into a prefix; else nothing. The scale is left to the caller.
    [[nodiscard]] std::optional<TextAttention> plainTexts(std::int64_t rows, std::int64_t window) const;

private:
    [[nodiscard]] AttentionMask make(std::int64_t window) const;
    [[nodiscard]] bool isPlain() const {
        return cache == nullptr && !m_padding.defined() && !m_bias.defined();
    }

    at::Tensor m_padding; // [B, S] bool or undefined
    at::Tensor m_bias;
    std::int64_t m_past;
    std::int64_t m_count;
    bool m_isCausal;
    at::TensorOptions m_options;
    std::map<std::int64_t, AttentionMask> m_masks;
};

/// The attention part of a block.
class Attention {
public:
    /// `rope`: the model's, which outlives it; null: positions enter elsewhere.
    Attention(const AttentionSpec& spec, const LanguageModel& model, const Rope* rope, std::int64_t layer);

    /// x: [B, T, D]. Returns [B, T, D].
    [[nodiscard]] at::Tensor forward(const at::Tensor& x, PassContext& pass) const;
    /// What the projections gave, each [B, T, its outputs], to what the output projection reads, [B, T, H·d].
    /// `isTurned`: queries and keys have their positions already.
    [[nodiscard]] at::Tensor mix(const std::vector<at::Tensor>& projected, PassContext& pass,
                                 bool isTurned = false) const;
    /// Who sees whom if the queries are those of some places in the flattened [B·T] alone, where the loops
    /// that know texts of unequal lengths can do so: without turns, the places of each text side by side. x:
    /// [B, T, D]; places: [N] int64, ascending. Else nothing.
    [[nodiscard]] std::optional<TextAttention> queriesAt(const at::Tensor& x, const at::Tensor& places,
                                                         const PassContext& pass) const;
    /// mix() of these queries. projected: [N, H·d], then [B, T, its outputs] each. Returns [N, H·d].
    [[nodiscard]] at::Tensor mixAt(const std::vector<at::Tensor>& projected, const TextAttention& shape,
                                   const PassContext& pass) const;
    /// How queries and keys turn, of x: [B, T, D], where the projections' results turn as they are; else
    /// nothing turns.
    [[nodiscard]] HeadTurn turnOf(const at::Tensor& x, const PassContext& pass) const;
    [[nodiscard]] const std::vector<Projection>& projections() const { return m_projections; }
    [[nodiscard]] const Projection& output() const { return m_output; }
    [[nodiscard]] std::vector<Projection>& projections() { return m_projections; }
    [[nodiscard]] Projection& output() { return m_output; }

private:
    struct Heads {
        at::Tensor q; // [B, H, T, d]
        at::Tensor k; // [B, K, T, d]
        at::Tensor v; // [B, K, T, d]
    };
    [[nodiscard]] Heads headsOf(const std::vector<at::Tensor>& projected) const;
    [[nodiscard]] std::optional<at::Tensor> attendAtOnce(const at::Tensor& q, const at::Tensor& k,
                                                         const at::Tensor& v, const PassContext& pass) const;
    [[nodiscard]] at::Tensor attendTexts(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                         const TextAttention& shape, const PassContext& pass) const;
    /// Each text by itself. Returns [1, T, H·d].
    [[nodiscard]] at::Tensor attendApart(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                         PassContext& pass) const;

    AttentionSpec m_spec;
    const Rope* m_rope;
    std::int64_t m_layer;
    std::vector<Projection> m_projections;
    Projection m_output;
    std::optional<Norm> m_queryNorm, m_keyNorm;
};

} // namespace lathe
