#include "core/model/transformer.h"

#include "core/base/contract.h"
#include "core/kernels/packed_weight.h"
#include "core/model/alibi.h"
#include "core/model/textwise_tokens.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

namespace lathe {

namespace {

std::optional<Norm> makeNorm(const std::optional<NormSpec>& spec, const LanguageModel& model) {
    return spec ? std::optional<Norm>(std::in_place, *spec, model) : std::nullopt;
}

std::optional<Projection> makeProjection(const std::optional<LinearSpec>& spec, const LanguageModel& model) {
    return spec ? std::optional<Projection>(std::in_place, *spec, model) : std::nullopt;
}

/// What joins the residual stream x in place of a part's result h.
at::Tensor adapted(const AdapterStack<ResidualAdapter>& stack, at::Tensor h, const at::Tensor& x,
                   const std::function<at::Tensor(const at::Tensor&)>& norm = {}) {
    for (const auto& part : stack.parts())
        h = part->apply(h, x, norm);
    return h;
}

at::Tensor optionalWeight(const LanguageModel& model, const std::string& module) {
    return module.empty() ? at::Tensor() : model.weight(module + ".weight");
}

} // namespace

Block::Block(const BlockSpec& spec, const LanguageModel& model, const Rope* rope, std::int64_t layer)
    : m_order(spec.order),
      m_hasNormedResidual(spec.hasNormedResidual),
      m_attention(spec.attention, model, rope, layer),
      m_mlp(spec.mlp, model),
      m_attentionNorm(spec.attentionNorm, model),
      m_mlpNorm(makeNorm(spec.mlpNorm, model)),
      m_afterAttention(makeNorm(spec.afterAttention, model)),
      m_afterMlp(makeNorm(spec.afterMlp, model)) {}

at::Tensor Block::preNorm(const at::Tensor& x, PassContext& pass) const {
    const at::Tensor first = m_attentionNorm.forward(x);
    const at::Tensor& base = m_hasNormedResidual ? first : x;
    const at::Tensor middle = base + adapted(m_attentionResidual, m_attention.forward(first, pass), base);
    const at::Tensor second = mlpNorm().forward(middle);
    const at::Tensor& next = m_hasNormedResidual ? second : middle;
    return next + adapted(m_mlpResidual, m_mlp.forward(second), next);
}

at::Tensor Block::postNorm(const at::Tensor& x, PassContext& pass) const {
    const auto add = [](const AdapterStack<ResidualAdapter>& stack, const at::Tensor& h,
                        const at::Tensor& base, const Norm& norm) {
        return norm.forward(
            base + adapted(stack, h, base, [&norm](const at::Tensor& sum) { return norm.forward(sum); }));
    };
    const at::Tensor middle = add(m_attentionResidual, m_attention.forward(x, pass), x, m_attentionNorm);
    return add(m_mlpResidual, m_mlp.forward(middle), middle, mlpNorm());
}

at::Tensor Block::forward(const at::Tensor& x, PassContext& pass) const {
    if (auto y = atOnce(x, pass))
        return std::move(*y);
    switch (m_order) {
    case BlockSpec::Order::PreNorm:
        return preNorm(x, pass);
    case BlockSpec::Order::PostNorm:
        return postNorm(x, pass);
    case BlockSpec::Order::Parallel: {
        const at::Tensor normed = m_attentionNorm.forward(x);
        const at::Tensor middle = x + adapted(m_attentionResidual, m_attention.forward(normed, pass), x);
        return middle +
               adapted(m_mlpResidual, m_mlp.forward(m_mlpNorm ? m_mlpNorm->forward(x) : normed), middle);
    }
    case BlockSpec::Order::Sandwich: {
        const at::Tensor first =
            m_afterAttention->forward(m_attention.forward(m_attentionNorm.forward(x), pass));
        const at::Tensor middle = x + adapted(m_attentionResidual, first, x);
        const at::Tensor second = m_afterMlp->forward(m_mlp.forward(mlpNorm().forward(middle)));
        return middle + adapted(m_mlpResidual, second, middle);
    }
    }
    return x;
}

Embedding::Embedding(const ModelSpec& spec, const LanguageModel& model)
    : m_spec(spec.embedding),
      m_padId(spec.padId.value_or(0)),
      m_tokens(model.weight(spec.embedding.tokens + ".weight")),
      m_positions(optionalWeight(model, spec.embedding.positions)),
      m_types(optionalWeight(model, spec.embedding.types)),
      m_norm(makeNorm(spec.embedding.norm, model)),
      m_projection(makeProjection(spec.embedding.projection, model)) {}

at::Tensor Embedding::positionRows(const ModelInput& input, std::int64_t past) const {
    const std::int64_t count = input.tokens();
    const auto options = at::TensorOptions(at::kLong).device(m_positions.device());
    at::Tensor positions = input.positions;
    if (!positions.defined() && m_spec.counting == EmbeddingSpec::Counting::Mask && input.mask.defined()) {
        const at::Tensor whole = input.mask.to(at::kLong);
        positions = (whole.cumsum(1) * whole - 1).narrow(1, past, count);
    } else if (!positions.defined() && m_spec.counting == EmbeddingSpec::Counting::Ids &&
               input.ids.defined()) {
        const at::Tensor real = input.ids.ne(m_padId).to(at::kLong);
        positions = (real.cumsum(1) + past) * real - 1; // padding reads the row before the first
    } else if (!positions.defined()) {
        positions = at::arange(past, past + count, options);
    }
    return positions + m_spec.positionOffset;
}

at::Tensor Embedding::lookUp(const at::Tensor& ids) const {
    at::Tensor x = rowsOf(m_tokens, ids);
    for (const auto& part : m_adapters.parts())
        x = part->apply(ids, x);
    return m_spec.scale == 1 ? x : x * at::scalar_tensor(m_spec.scale, x.options());
}

at::Tensor Embedding::forward(const ModelInput& input, std::int64_t past) const {
    at::Tensor x = input.embeddings.defined() ? input.embeddings : lookUp(input.ids);
    if (m_projection)
        x = m_projection->forward(x);
    if (m_types.defined())
        x = x + (input.types.defined() ? at::embedding(m_types, input.types) : m_types.select(0, 0));
    if (m_positions.defined())
        x = x + at::embedding(m_positions, positionRows(input, past));
    return m_norm ? m_norm->forward(x) : x;
}

TransformerModel::TransformerModel(ModelSpec spec, ModelSummary summary, std::vector<NamedTensor> weights)
    : LanguageModel(std::move(summary), std::move(weights)),
      m_spec(std::move(spec)),
      m_rope(m_spec.rope ? std::optional<Rope>(*m_spec.rope) : std::nullopt),
      m_embedding(m_spec, *this),
      m_finalNorm(makeNorm(m_spec.finalNorm, *this)),
      m_finalProjection(makeProjection(m_spec.finalProjection, *this)),
      m_dense(makeProjection(m_spec.head.dense, *this)),
      m_headNorm(makeNorm(m_spec.head.norm, *this)) {
    const Rope* rope = m_rope ? &*m_rope : nullptr;
    m_blocks.reserve(m_spec.blocks.size()); // the sites point into them
    for (std::size_t layer = 0; layer < m_spec.blocks.size(); ++layer)
        m_blocks.emplace_back(m_spec.blocks[layer], *this, rope, static_cast<std::int64_t>(layer));
    const HeadSpec& head = m_spec.head;
    if (head.kind != HeadKind::None) {
        m_headWeight = weight((head.isTied ? m_spec.embedding.tokens : head.output.name) + ".weight");
        if (!head.biasName.empty() || head.output.hasBias)
            m_headBias = weight(head.biasName.empty() ? head.output.name + ".bias" : head.biasName);
    }
    nameSites();
}

void TransformerModel::nameSites() {
    nameSite(m_spec.embedding.tokens, m_embedding.adapters());
    if (m_spec.embedding.projection)
        nameSite(m_spec.embedding.projection->name, m_embedding.projection()->adapters());
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer)
        nameBlockSites(m_spec.blocks[layer], m_blocks[layer]);
    if (m_spec.finalProjection)
        nameSite(m_spec.finalProjection->name, m_finalProjection->adapters());
    if (m_dense)
        nameSite(m_spec.head.dense->name, m_dense->adapters());
    if (m_headWeight.defined())
        nameSite(m_spec.head.output.name, m_headAdapters);
}

void TransformerModel::nameBlockSites(const BlockSpec& spec, Block& block) {
    for (std::size_t i = 0; i < spec.attention.projections.size(); ++i)
        nameSite(spec.attention.projections[i].name, block.attention().projections()[i].adapters());
    nameSite(spec.attention.output.name, block.attention().output().adapters());
    for (std::size_t i = 0; i < spec.mlp.inputs.size(); ++i)
        nameSite(spec.mlp.inputs[i].name, block.mlp().inputs()[i].adapters());
    nameSite(spec.mlp.output.name, block.mlp().output().adapters());
    nameSite(blockPath(spec) + kAttentionResidual, block.attentionResidual());
    nameSite(blockPath(spec) + kMlpResidual, block.mlpResidual());
}

ModelInput TransformerModel::withVirtualTokens(const ModelInput& given, KeyValueCache& prefix) const {
    ModelInput input = given;
    const VirtualTokens* tokens = virtualTokens();
    if (tokens == nullptr)
        return input;
    const std::int64_t rows = given.ids.defined() ? given.ids.size(0) : given.embeddings.size(0);
    const std::int64_t count = tokens->count();
    if (given.mask.defined())
        input.mask = at::cat({at::ones({rows, count}, given.mask.options()), given.mask}, 1);
    if (given.positions.defined())
        input.positions = given.positions + count;
    if (given.cache != nullptr && given.cache->length() > 0)
        return input; // they stand in it
    const VirtualTokens::Content content = contentFor(*tokens, rows);
    if (!content.embeddings.defined() && content.keysAndValues.empty())
        return input; // it only wanted to know
    if (!content.embeddings.defined()) {
        input.cache = given.cache != nullptr ? given.cache : &prefix;
        for (std::size_t layer = 0; layer < content.keysAndValues.size(); ++layer) {
            const auto& [keys, values] = content.keysAndValues[layer];
            const auto all = [&](const at::Tensor& each) {
                const at::Tensor own = each.to(dtype());
                return own.dim() == 4 ? own : own.unsqueeze(0).expand({rows, -1, -1, -1});
            };
            (void)input.cache->append(static_cast<std::int64_t>(layer), all(keys), all(values));
        }
        return input;
    }
    const at::Tensor text = given.embeddings.defined() ? given.embeddings : m_embedding.lookUp(given.ids);
    input.embeddings =
        at::cat({content.embeddings.to(text.scalar_type()).unsqueeze(0).expand({rows, -1, -1}), text}, 1);
    input.ids = at::Tensor(); // whose number differs now
    const auto whole = at::TensorOptions(at::kLong).device(text.device());
    if (input.positions.defined())
        input.positions = at::cat({at::arange(count, whole).expand({rows, count}), input.positions}, 1);
    if (given.types.defined())
        input.types = at::cat({at::zeros({rows, count}, given.types.options()), given.types}, 1);
    return input;
}

PassContext TransformerModel::context(const ModelInput& input, std::int64_t past,
                                      const at::Tensor& embedded) const {
    PassContext pass(input, past, m_spec.isCausal, embedded.options());
    if (m_rope)
        pass.angles = input.positions.defined() ? m_rope->atPositions(input.positions, embedded.options())
                                                : m_rope->range(past, input.tokens(), embedded.options());
    if (m_spec.alibi)
        pass.setBias(alibiBias(*m_spec.alibi, m_spec.blocks.front().attention.heads, input.mask,
                               past + input.tokens(), embedded.options()));
    return pass;
}

at::Tensor TransformerModel::pooled(const at::Tensor& hidden, const ModelInput& input) {
    if (m_spec.head.pooling == HeadSpec::Pooling::None)
        return hidden;
    return hidden.reshape({-1, hidden.size(2)}).index_select(0, placesRead(input, hidden.size(1)));
}

std::optional<at::Tensor> TransformerModel::pooledPlaces(const ModelInput& input) const {
    if (m_spec.head.pooling == HeadSpec::Pooling::None || virtualTokens() != nullptr)
        return std::nullopt;
    return placesRead(input, input.tokens());
}

at::Tensor TransformerModel::placesRead(const ModelInput& input, std::int64_t time) const {
    if (!input.lengths.empty())
        return placesReadApart(input, time);
    const std::int64_t rows = input.ids.defined() ? input.ids.size(0) : input.embeddings.size(0);
    const auto options = at::TensorOptions(at::kLong).device(device());
    const at::Tensor first = at::arange(0, rows * time, time, options);
    if (m_spec.head.pooling == HeadSpec::Pooling::FirstToken)
        return first;
    // The reference goes by the ids; without a padding id it takes one row at a time, and the mask tells
    // more.
    const bool isByMask = !m_spec.padId && input.mask.defined() && input.mask.size(1) == input.tokens();
    if (!isByMask && (!input.ids.defined() || !m_spec.padId))
        return first + (time - 1);
    const at::Tensor isText = isByMask ? input.mask.to(at::kLong) : input.ids.ne(*m_spec.padId).to(at::kLong);
    const std::int64_t length = isText.size(1); // virtual tokens may stand before it
    return first + (isText * at::arange(length, options)).argmax(1) + (time - length);
}

at::Tensor TransformerModel::logits(const at::Tensor& hidden) {
    const HeadSpec& head = m_spec.head;
    const at::Tensor given = m_isMixed ? hidden.to(dtype()) : hidden;
    at::Tensor x = m_dense ? m_dense->forward(given) : given;
    if (head.activation)
        x = activate(*head.activation, x);
    if (m_headNorm)
        x = m_headNorm->forward(x);
    if (!m_headWeight.defined())
        return x;
    x = adaptedLinear(x, m_headWeight, m_headBias, m_headAdapters);
    if (head.scale != 1)
        x = x * head.scale;
    return head.softcap > 0 ? at::tanh(x / head.softcap) * head.softcap : x;
}

} // namespace lathe
