#include "core/base/contract.h"
#include "core/model/recompute.h"
#include "core/model/transformer.h"

#include <ATen/core/grad_mode.h>

/// How a pass goes through the blocks of a transformer: all of them or some, keeping what the backward pass
/// needs or computing it twice.

namespace lathe {

namespace {

bool startsWithModule(const std::string& name, const std::string& module) {
    return name.starts_with(module + ".");
}

bool isWithinBlock(const AdapterStack<ResidualAdapter>& stack) {
    return std::ranges::none_of(stack.parts(), [](const auto& part) {
        const auto* reaching = dynamic_cast<const AcrossBlocks*>(part.get());
        return reaching != nullptr && reaching->reachesOtherBlocks();
    });
}

} // namespace

bool Block::isSelfContained() const {
    return isWithinBlock(m_attentionResidual) && isWithinBlock(m_mlpResidual);
}

bool Block::isAdapted() {
    const auto holdsAny = [](std::vector<Projection>& projections) {
        return std::ranges::any_of(projections, [](Projection& each) { return !each.adapters().isEmpty(); });
    };
    return !m_attentionResidual.isEmpty() || !m_mlpResidual.isEmpty() ||
           holdsAny(m_attention.projections()) || holdsAny(m_mlp.inputs()) ||
           !m_attention.output().adapters().isEmpty() || !m_mlp.output().adapters().isEmpty();
}

at::Tensor TransformerModel::hidden(const ModelInput& input) { return hiddenAlong({}, input); }

at::Tensor TransformerModel::inputOf(std::int64_t block, const ModelInput& input) {
    LATHE_EXPECT(block >= 0 && block <= static_cast<std::int64_t>(m_blocks.size()));
    LATHE_EXPECT(virtualTokens() == nullptr && input.cache == nullptr);
    return hiddenAlong({{}, block}, input);
}

at::Tensor TransformerModel::hiddenAt(const at::Tensor& places, const BlockStart& start,
                                      const ModelInput& input) {
    LATHE_EXPECT(places.dim() == 1 && start.block <= std::ssize(m_blocks));
    LATHE_EXPECT(virtualTokens() == nullptr && input.cache == nullptr && input.hiddenStates == nullptr);
    return hiddenAlong({start, -1, places}, input);
}

at::Tensor TransformerModel::toStream(const at::Tensor& x, const ModelInput& input) const {
    return m_isMixed && input.cache == nullptr && !input.isEager ? x.to(at::kFloat) : x;
}

at::Tensor TransformerModel::hiddenAlong(const Way& way, const ModelInput& given) {
    if (!given.lengths.empty())
        return hiddenApart(way, given);
    KeyValueCache prefix;
    const ModelInput input = withVirtualTokens(given, prefix);
    const std::int64_t past = input.cache != nullptr ? input.cache->length() : 0;
    const at::Tensor x =
        way.start.input.defined() ? way.start.input : toStream(m_embedding.forward(input, past), input);
    PassContext pass = context(input, past, x);
    return throughBlocks(x, pass, way, input.hiddenStates);
}

at::Tensor TransformerModel::throughBlocks(at::Tensor x, PassContext& pass, const Way& way,
                                           std::vector<at::Tensor>* hiddenStates) const {
    const bool isRecomputed = m_isRecomputed && at::GradMode::is_enabled();
    std::shared_ptr<PassContext> kept; // shared: with the blocks' nodes, which need it in the backward pass
    if (isRecomputed) {
        kept = std::make_shared<PassContext>(pass);
        kept->cache = nullptr;
        kept->prefix.assign(pass.prefix.size(), {});
    }
    // An adapter of the final projection knows its rows by their number.
    const bool isOfSome = way.places.defined() && !m_finalProjection;
    const std::size_t end = way.end < 0 ? m_blocks.size() : static_cast<std::size_t>(way.end);
    for (auto layer = static_cast<std::size_t>(way.start.block); layer < end; ++layer) {
        if (hiddenStates != nullptr)
            hiddenStates->push_back(x);
        const at::Tensor places = isOfSome && layer + 1 == end ? way.places : at::Tensor();
        x = isRecomputed && m_blocks[layer].isSelfContained()
                ? throughRecomputed(layer, x, pass, kept, places)
                : m_blocks[layer].run(x, pass, places);
    }
    if (way.end >= 0)
        return x;
    if (m_finalNorm)
        x = m_finalNorm->forward(x);
    if (m_finalProjection)
        x = m_finalProjection->forward(x);
    if (way.places.defined() && x.dim() == 3) // no block was left, or there is that projection
        x = x.reshape({-1, x.size(2)}).index_select(0, way.places);
    if (hiddenStates != nullptr) // as transformers does: the last one is what the head reads
        hiddenStates->push_back(x);
    return x;
}

/// What stands in front of the texts is an input like x: gradients flow to it. A cache of the block's own
/// takes it, so that nothing of the first computation outlives it.
at::Tensor TransformerModel::throughRecomputed(std::size_t layer, const at::Tensor& x,
                                               const PassContext& pass,
                                               const std::shared_ptr<PassContext>& kept,
                                               const at::Tensor& places) const {
    const auto number = static_cast<std::int64_t>(layer);
    RecomputeInputs inputs{x, {}, {}};
    if (!pass.prefix.empty())
        std::tie(inputs.keys, inputs.values) = pass.prefix[layer];
    else if (pass.cache != nullptr)
        std::tie(inputs.keys, inputs.values) = pass.cache->kept(number);
    const auto run = [&block = m_blocks[layer], kept, layer, number, places](const RecomputeInputs& given) {
        KeyValueCache cache;
        if (!kept->prefix.empty()) {
            kept->prefix[layer] = {given.keys, given.values};
        } else if (given.keys.defined()) {
            (void)cache.append(number, given.keys, given.values);
            kept->cache = &cache;
        }
        const at::Tensor y = block.run(given.x, *kept, places);
        kept->cache = nullptr;
        if (!kept->prefix.empty())
            kept->prefix[layer] = {};
        return y;
    };
    return recomputed(run, inputs);
}

std::string TransformerModel::trainedBefore() const {
    const EmbeddingSpec& spec = m_spec.embedding;
    for (const auto& [name, weight] : weights()) {
        const bool isTable = name == spec.tokens + ".weight" ||
                             (!spec.positions.empty() && startsWithModule(name, spec.positions)) ||
                             (!spec.types.empty() && startsWithModule(name, spec.types));
        if (weight.requires_grad() && (isTable || (spec.norm && startsWithModule(name, spec.norm->name)) ||
                                       (spec.projection && startsWithModule(name, spec.projection->name))))
            return name;
    }
    return {};
}

std::string TransformerModel::trainedIn(const BlockSpec& block) const {
    for (const auto& [name, weight] : weights())
        if (weight.requires_grad() && startsWithModule(name, blockPath(block)))
            return name;
    return {};
}

FrozenBlocks TransformerModel::frozenBlocks() {
    if (virtualTokens() != nullptr)
        return {0, "trained tokens stand in front of each text"};
    if (m_rope &&
        (m_spec.rope->type == RopeSpec::Type::Dynamic || m_spec.rope->type == RopeSpec::Type::LongRope))
        return {0, "its positions depend on the longest text at hand"};
    if (!m_embedding.adapters().isEmpty() ||
        (m_embedding.projection() && !m_embedding.projection()->adapters().isEmpty()))
        return {0, "the token table has an adapter"};
    if (const std::string name = trainedBefore(); !name.empty())
        return {0, name + " is trained"};
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const auto count = static_cast<std::int64_t>(layer);
        if (m_blocks[layer].isAdapted())
            return {count, "layer " + std::to_string(layer) + " has an adapter"};
        if (const std::string name = trainedIn(m_spec.blocks[layer]); !name.empty())
            return {count, name + " is trained"};
    }
    return {static_cast<std::int64_t>(m_blocks.size()), {}};
}

} // namespace lathe
