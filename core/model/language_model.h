#pragma once

#include "core/model/key_value_cache.h"
#include "core/model/model_summary.h"
#include "core/model/site_adapter.h"
#include "core/model/tensor_file.h"

#include <ATen/core/Tensor.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lathe {

/// Dimension letters: B batch, T new tokens, P tokens in the cache, D width, V vocabulary.

/// One text a row, or several side by side in the only row. Virtual tokens that are attached to the model are
/// its own business: they stand in front of every text, and neither mask nor positions nor P speak of them.
struct ModelInput {
    at::Tensor ids;        ///< [B, T] int64
    at::Tensor mask;       ///< [B, P + T] bool, false on padding; undefined: no padding
    at::Tensor positions;  ///< [B, T] int64; undefined: as the reference class counts, mostly P, P+1, …
    at::Tensor types;      ///< [B, T] int64 token types; undefined: all 0
    at::Tensor embeddings; ///< [B, T, width of the token table] in place of the tokens' own, if given
    /// What an encoder-decoder model reads before it writes `ids`: [B, S] int64, and [B, S] bool or
    /// undefined.
    at::Tensor sourceIds, sourceMask;
    /// Tokens of each of several texts that stand side by side in the only row, without padding; their sum is
    /// T. Each text sees itself alone, and its positions count from 0: as if it had a row of its own. Then
    /// there is no mask, no cache and no position from outside. Empty: one text a row.
    std::vector<std::int64_t> lengths;
    KeyValueCache* cache = nullptr; ///< read and extended, if given
    /// Gets the input of each block and what the head reads, if given.
    std::vector<at::Tensor>* hiddenStates = nullptr;
    bool isEager = false; ///< attention as the formula stands, in place of LibTorch's fused one

    [[nodiscard]] std::int64_t tokens() const { return ids.defined() ? ids.size(1) : embeddings.size(1); }
};

/// A language model: frozen or trainable weights, named sites, and nothing else of its inside. Belongs to one
/// thread.
class LanguageModel {
public:
    explicit LanguageModel(ModelSummary summary, std::vector<NamedTensor> weights);
    LanguageModel(const LanguageModel&) = delete;
    LanguageModel& operator=(const LanguageModel&) = delete;
    virtual ~LanguageModel() = default;

    /// Hidden states after the final norm, [B, T, D]; with the n vectors of a prompt in front of each text
    /// that begins, [B, n + T, D], or [1, texts · n + T, D]. At padded positions their values mean nothing.
    [[nodiscard]] virtual at::Tensor hidden(const ModelInput& input) = 0;
    /// What of the hidden states the head reads: all of them, [B, T, D], or one of each text, [texts, D]: the
    /// first token's, or the last's that is not padding.
    [[nodiscard]] virtual at::Tensor pooled(const at::Tensor& hidden, const ModelInput& input) = 0;
    /// The head. hidden: [..., D]. Returns [..., outputs] in the compute dtype; without a head, hidden.
    [[nodiscard]] virtual at::Tensor logits(const at::Tensor& hidden) = 0;
    /// The head's answer to the whole input: [B, T, outputs], or [B, outputs] where it pools.
    [[nodiscard]] at::Tensor output(const ModelInput& input);
    /// Whether ModelInput::lengths is understood.
    [[nodiscard]] virtual bool readsSideBySide() const { return false; }
    /// Puts an adapter at a site, over those that are there. Contract: there is a site of this name and kind.
    [[nodiscard]] Attachment attach(const std::string& site, std::shared_ptr<SiteAdapter> adapter);
    [[nodiscard]] Attachment attach(const std::string& site, std::shared_ptr<EmbeddingAdapter> adapter);
    [[nodiscard]] Attachment attach(const std::string& site, std::shared_ptr<ResidualAdapter> adapter);
    /// Contract: none are attached; takesVirtualTokens() of the summary.
    [[nodiscard]] Attachment attach(std::shared_ptr<VirtualTokens> tokens);
    /// Whether an adapter is attached anywhere.
    [[nodiscard]] bool isAdapted() const;
    /// Null where there are none.
    [[nodiscard]] const VirtualTokens* virtualTokens() const { return m_virtualTokens.get(); }

    [[nodiscard]] const ModelSummary& summary() const { return m_summary; }
    /// By checkpoint name, in the architecture's order. The tensors share storage with the model.
    [[nodiscard]] const std::vector<NamedTensor>& weights() const { return m_weights; }
    /// Contract: a tensor of this name exists.
    [[nodiscard]] const at::Tensor& weight(const std::string& name) const;
    [[nodiscard]] at::ScalarType dtype() const;
    [[nodiscard]] at::Device device() const;

protected:
    /// Tells where the sites are; the stacks lie in the model.
    void nameSite(const std::string& name, AdapterStack<SiteAdapter>& stack) { m_linears[name] = &stack; }
    void nameSite(const std::string& name, AdapterStack<EmbeddingAdapter>& stack) { m_tables[name] = &stack; }
    void nameSite(const std::string& name, AdapterStack<ResidualAdapter>& stack) {
        m_residuals[name] = &stack;
    }

private:
    template <typename Part>
    using Stacks = std::map<std::string, AdapterStack<Part>*, std::less<>>;
    template <typename Part>
    [[nodiscard]] Attachment put(const Stacks<Part>& stacks, const std::string& site,
                                 std::shared_ptr<Part> part);

    ModelSummary m_summary;
    std::vector<NamedTensor> m_weights;
    std::map<std::string, std::size_t, std::less<>> m_places;
    Stacks<SiteAdapter> m_linears;
    Stacks<EmbeddingAdapter> m_tables;
    Stacks<ResidualAdapter> m_residuals;
    std::shared_ptr<VirtualTokens> m_virtualTokens; // shared as in AdapterStack
};

} // namespace lathe
