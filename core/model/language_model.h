#pragma once

#include "core/model/model_summary.h"
#include "core/model/tensor_file.h"

#include <ATen/core/Tensor.h>
#include <memory>
#include <string>
#include <vector>

namespace lathe {

/// Dimension letters: B batch, T new tokens, P tokens in the cache, D width, V vocabulary.

/// What an adapter does at a projection.
class SiteAdapter {
public:
    SiteAdapter() = default;
    SiteAdapter(const SiteAdapter&) = delete;
    SiteAdapter& operator=(const SiteAdapter&) = delete;
    virtual ~SiteAdapter() = default;

    /// The projection with the adapter: x [..., in], weight W [out, in], bias [out] or undefined; W and bias
    /// are frozen. Returns
    /// [..., out] in W's dtype. The adapter gets W itself, so that it can compute both paths in one node.
    [[nodiscard]] virtual at::Tensor apply(const at::Tensor& x, const at::Tensor& weight,
                                           const at::Tensor& bias) = 0;
};

/// Keys and values of the tokens seen so far, one pair a layer, each [B, key-value heads, P, head size].
struct KeyValueCache {
    std::vector<std::pair<at::Tensor, at::Tensor>> layers;
    [[nodiscard]] std::int64_t length() const { return layers.empty() ? 0 : layers.front().first.size(2); }
};

struct ModelInput {
    at::Tensor ids;       ///< [B, T] int64
    at::Tensor mask;      ///< [B, P + T] bool, false on padding; undefined: no padding
    at::Tensor positions; ///< [B, T] int64; undefined: P, P+1, … in every row, whatever the mask says
    KeyValueCache* cache = nullptr; ///< read and extended, if given
    std::vector<at::Tensor>* hiddenStates =
        nullptr; ///< gets the input of the first block and the output of each, if given
};

/// A causal language model: frozen or trainable weights, named sites, and nothing else of its inside. Belongs
/// to one thread.
class LanguageModel {
public:
    explicit LanguageModel(ModelSummary summary, std::vector<NamedTensor> weights);
    LanguageModel(const LanguageModel&) = delete;
    LanguageModel& operator=(const LanguageModel&) = delete;
    virtual ~LanguageModel() = default;

    /// Hidden states after the final norm, [B, T, D]. At padded positions their values mean nothing.
    [[nodiscard]] virtual at::Tensor hidden(const ModelInput& input) = 0;
    /// hidden: [..., D]. Returns [..., V] in the compute dtype.
    [[nodiscard]] virtual at::Tensor logits(const at::Tensor& hidden) = 0;
    /// Puts an adapter (null: none) at a site. Contract: the site exists.
    virtual void attach(const std::string& site, std::shared_ptr<SiteAdapter> adapter) = 0;

    [[nodiscard]] const ModelSummary& summary() const { return m_summary; }
    /// By checkpoint name, in the architecture's order. The tensors share storage with the model.
    [[nodiscard]] const std::vector<NamedTensor>& weights() const { return m_weights; }
    /// Contract: a tensor of this name exists.
    [[nodiscard]] const at::Tensor& weight(const std::string& name) const;
    [[nodiscard]] at::ScalarType dtype() const;
    [[nodiscard]] at::Device device() const;

private:
    ModelSummary m_summary;
    std::vector<NamedTensor> m_weights;
};

} // namespace lathe
