#pragma once

#include "core/model/attention.h"
#include "core/model/block_start.h"
#include "core/model/language_model.h"
#include "core/model/parts.h"
#include "core/model/rope.h"
#include "core/model/transformer_spec.h"

#include <optional>

namespace lathe {

/// A block as blockTail() and attentionInputs() compute it.
struct BlockNodes {
    std::shared_ptr<AttentionInputs> inputs; // shared: with the nodes
    std::shared_ptr<BlockTail> tail;
};

/// One block of a transformer: attention and feed-forward part around a residual stream.
class Block {
public:
    Block(const BlockSpec& spec, const LanguageModel& model, const Rope* rope, std::int64_t layer);

    /// x: [B, T, D]. Returns [B, T, D].
    [[nodiscard]] at::Tensor forward(const at::Tensor& x, PassContext& pass) const;
    /// forward() or, where places are given, forwardAt().
    [[nodiscard]] at::Tensor run(const at::Tensor& x, PassContext& pass, const at::Tensor& places) const {
        return places.defined() ? forwardAt(x, places, pass) : forward(x, pass);
    }
    /// forward() at some places of the flattened [B·T] alone, [N, D]: what nobody reads is not computed where
    /// the block goes by nodesFor(). places: [N] int64, ascending.
    [[nodiscard]] at::Tensor forwardAt(const at::Tensor& x, const at::Tensor& places,
                                       PassContext& pass) const;
    [[nodiscard]] Attention& attention() { return m_attention; }
    [[nodiscard]] Mlp& mlp() { return m_mlp; }
    [[nodiscard]] AdapterStack<ResidualAdapter>& attentionResidual() { return m_attentionResidual; }
    [[nodiscard]] AdapterStack<ResidualAdapter>& mlpResidual() { return m_mlpResidual; }
    /// Whether no adapter in it exchanges tensors with other blocks.
    [[nodiscard]] bool isSelfContained() const;
    /// Whether any adapter is in it.
    [[nodiscard]] bool isAdapted();
    /// The block as nodes that compute in `dtype`; nothing where its norms are not plain, its projections are
    /// trained, or its adapters are more than low-rank paths.
    [[nodiscard]] std::optional<BlockNodes> nodesFor(std::int64_t rows, at::ScalarType dtype) const;

private:
    /// nodesFor() a pass over x, where that is possible: on the CPU, without a cache. Else nothing.
    [[nodiscard]] std::optional<BlockNodes> nodesOf(const at::Tensor& x, const PassContext& pass) const;
    /// What the output projection reads, [B·T, H·d].
    [[nodiscard]] at::Tensor mixed(const at::Tensor& x, const BlockNodes& nodes, PassContext& pass) const;
    /// forward() by nodesOf(), where there are any.
    [[nodiscard]] std::optional<at::Tensor> atOnce(const at::Tensor& x, PassContext& pass) const;
    [[nodiscard]] at::Tensor preNorm(const at::Tensor& x, PassContext& pass) const;
    [[nodiscard]] at::Tensor postNorm(const at::Tensor& x, PassContext& pass) const;
    [[nodiscard]] const Norm& mlpNorm() const { return m_mlpNorm ? *m_mlpNorm : m_attentionNorm; }

    BlockSpec::Order m_order;
    bool m_hasNormedResidual;
    Attention m_attention;
    Mlp m_mlp;
    Norm m_attentionNorm;
    std::optional<Norm> m_mlpNorm, m_afterAttention, m_afterMlp;
    AdapterStack<ResidualAdapter> m_attentionResidual, m_mlpResidual;
};

/// What turns tokens into the input of the first block.
class Embedding {
public:
    Embedding(const ModelSpec& spec, const LanguageModel& model);

    /// The tokens' rows of the table, scaled where the model scales them, [B, T, width].
    [[nodiscard]] at::Tensor lookUp(const at::Tensor& ids) const;
    /// `past`: tokens in the cache. Returns [B, T, D].
    [[nodiscard]] at::Tensor forward(const ModelInput& input, std::int64_t past) const;
    [[nodiscard]] std::optional<Projection>& projection() { return m_projection; }
    [[nodiscard]] AdapterStack<EmbeddingAdapter>& adapters() { return m_adapters; }

private:
    /// Rows of the position table, [T] or [B, T].
    [[nodiscard]] at::Tensor positionRows(const ModelInput& input, std::int64_t past) const;

    EmbeddingSpec m_spec;
    std::int64_t m_padId;
    at::Tensor m_tokens;    // [V, width]
    at::Tensor m_positions; // [rows, D] or undefined
    at::Tensor m_types;     // [types, D] or undefined
    std::optional<Norm> m_norm;
    std::optional<Projection> m_projection;
    AdapterStack<EmbeddingAdapter> m_adapters;
};

/// A transformer (Vaswani et al. 2017, arXiv:1706.03762) as its spec describes it.
class TransformerModel final : public LanguageModel {
public:
    TransformerModel(ModelSpec spec, ModelSummary summary, std::vector<NamedTensor> weights);

    at::Tensor hidden(const ModelInput& input) override;
    at::Tensor pooled(const at::Tensor& hidden, const ModelInput& input) override;
    at::Tensor logits(const at::Tensor& hidden) override;
    bool readsSideBySide() const override { return true; }

    /// What block `block` reads of the input, [B, T, D]; of one more than there are, what the last one
    /// leaves. Side by side or not; without virtual tokens and cache.
    [[nodiscard]] at::Tensor inputOf(std::int64_t block, const ModelInput& input);
    /// hidden() at some places of the flattened [B·T] alone, [N, D]; the last block computes for the others
    /// only what these see of them. places: [N] int64 on the model's device, ascending. start: nothing, or
    /// what inputOf() gave where the pass's beginning is known. Contract: no virtual tokens, no cache, no
    /// hiddenStates.
    [[nodiscard]] at::Tensor hiddenAt(const at::Tensor& places, const BlockStart& start,
                                      const ModelInput& input);
    /// The places that pooled() takes, for hiddenAt(); nothing where the head reads all, or vectors of a
    /// prompt stand between them.
    [[nodiscard]] std::optional<at::Tensor> pooledPlaces(const ModelInput& input) const;
    [[nodiscard]] FrozenBlocks frozenBlocks();
    /// Whether a bf16 model keeps the sums between its layers in fp32 and takes bf16 for its products alone:
    /// nearly as exact as fp32, and faster than either on a processor that multiplies bf16. Passes with a
    /// cache and eager ones do not. Contract: there is no mixedObstacle().
    void setMixed(bool isOn) { m_isMixed = isOn; }
    /// Why it cannot do so as it is now; empty: it can.
    [[nodiscard]] std::string mixedObstacle() const;
    /// What flows between the layers.
    [[nodiscard]] at::ScalarType streamDtype() const { return m_isMixed ? at::kFloat : dtype(); }
    /// The head where it is frozen and nothing but a product, for such rows; else nothing.
    [[nodiscard]] std::optional<AdaptedProjection> plainHead(const at::Tensor& rows) const;
    /// Whether training passes keep of each block its input alone; see RecomputeScope.
    void setRecomputed(bool isOn) { m_isRecomputed = isOn; }

    [[nodiscard]] const ModelSpec& spec() const { return m_spec; }

private:
    /// The blocks of one pass.
    struct Way {
        BlockStart start;
        std::int64_t end = -1; ///< the block whose input is wanted; negative: all, and what comes behind them
        at::Tensor places = {}; ///< of hiddenAt(); undefined: all
    };
    [[nodiscard]] at::Tensor hiddenAlong(const Way& way, const ModelInput& given);
    /// Of the weights that are trained, the name of one before the blocks, or in this one; empty: none.
    [[nodiscard]] std::string trainedBefore() const;
    [[nodiscard]] std::string trainedIn(const BlockSpec& block) const;
    void nameSites();
    void nameBlockSites(const BlockSpec& spec, Block& block);
    /// The input with the attached virtual tokens in front: as vectors, or as the content of `prefix`, which
    /// then serves as its cache if it has none.
    [[nodiscard]] ModelInput withVirtualTokens(const ModelInput& input, KeyValueCache& prefix) const;
    [[nodiscard]] PassContext context(const ModelInput& input, std::int64_t past,
                                      const at::Tensor& embedded) const;
    /// Of texts side by side: the vectors of `content` in front of each, and everybody's positions.
    [[nodiscard]] ModelInput eachWithVirtualTokens(const ModelInput& input,
                                                   const VirtualTokens::Content& content,
                                                   std::int64_t past) const;
    [[nodiscard]] at::Tensor positionsApart(const ModelInput& input, std::int64_t past) const;
    /// Gives each of the texts its context; `prefix`: keys and values by layer.
    void separate(const ModelInput& input, std::int64_t past, const VirtualTokens::Content& content,
                  PassContext& pass, const at::Tensor& embedded) const;
    /// What pooled() takes of the flattened [B·time] hidden states, [texts] int64 on the model's device.
    [[nodiscard]] at::Tensor placesRead(const ModelInput& input, std::int64_t time) const;
    [[nodiscard]] at::Tensor placesReadApart(const ModelInput& input, std::int64_t time) const;
    [[nodiscard]] at::Tensor throughBlocks(at::Tensor x, PassContext& pass, const Way& way,
                                           std::vector<at::Tensor>* hiddenStates) const;
    [[nodiscard]] at::Tensor throughRecomputed(std::size_t layer, const at::Tensor& x,
                                               const PassContext& pass,
                                               const std::shared_ptr<PassContext>& kept,
                                               const at::Tensor& places) const;
    [[nodiscard]] at::Tensor hiddenApart(const Way& way, const ModelInput& input) const;

    [[nodiscard]] at::Tensor toStream(const at::Tensor& x, const ModelInput& input) const;

    bool m_isRecomputed = false;
    bool m_isMixed = false;
    ModelSpec m_spec;
    std::optional<Rope> m_rope;
    Embedding m_embedding;
    std::vector<Block> m_blocks;
    std::optional<Norm> m_finalNorm;
    std::optional<Projection> m_finalProjection;
    std::optional<Projection> m_dense; // of the head
    std::optional<Norm> m_headNorm;
    at::Tensor m_headWeight; // [outputs, D] or undefined
    at::Tensor m_headBias;   // [outputs] or undefined
    AdapterStack<SiteAdapter> m_headAdapters;
    FrozenMatrixCache m_headFrozen;
};

} // namespace lathe
