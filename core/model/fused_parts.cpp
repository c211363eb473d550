#include "core/model/fused_parts.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

bool isCovered(const NormSpec& norm) { return norm.kind == NormSpec::Kind::Rms && norm.hasWeight; }
bool isCovered(const LinearSpec& linear) { return !linear.isTransposed; }

bool isCovered(const BlockSpec& block) {
    const AttentionSpec& attention = block.attention;
    const auto all = [](const auto& specs) {
        return std::all_of(specs.begin(), specs.end(), [](const auto& spec) { return isCovered(spec); });
    };
    return block.order == BlockSpec::Order::PreNorm && isCovered(block.attentionNorm) && block.mlpNorm &&
           isCovered(*block.mlpNorm) && !block.afterAttention && !block.afterMlp &&
           !block.hasNormedResidual && attention.inputs == AttentionSpec::Inputs::Separate &&
           all(attention.projections) && isCovered(attention.output) &&
           (!attention.queryNorm || isCovered(*attention.queryNorm)) &&
           (!attention.keyNorm || isCovered(*attention.keyNorm)) && attention.softcap == 0 &&
           block.mlp.isGated && block.mlp.activation == Activation::Silu && block.mlp.inputs.size() == 2 &&
           all(block.mlp.inputs) && isCovered(block.mlp.output);
}

const float* dataOf(const LanguageModel& model, const std::string& name) {
    return model.weight(name).const_data_ptr<float>();
}

FusedLinear linearOf(const LanguageModel& model, const LinearSpec& spec) {
    return {dataOf(model, spec.name + ".weight"), spec.hasBias ? dataOf(model, spec.name + ".bias") : nullptr,
            spec.in, spec.out};
}

FusedNorm normOf(const LanguageModel& model, const std::optional<NormSpec>& spec) {
    return spec ? FusedNorm{dataOf(model, spec->name + ".weight"), spec->eps} : FusedNorm{};
}

FusedLayer layerOf(const LanguageModel& model, const BlockSpec& block) {
    const AttentionSpec& a = block.attention;
    return {normOf(model, block.attentionNorm),
            normOf(model, block.mlpNorm),
            normOf(model, a.queryNorm),
            normOf(model, a.keyNorm),
            linearOf(model, a.projections[0]),
            linearOf(model, a.projections[1]),
            linearOf(model, a.projections[2]),
            linearOf(model, a.output),
            linearOf(model, block.mlp.inputs[0]),
            linearOf(model, block.mlp.inputs[1]),
            linearOf(model, block.mlp.output),
            a.heads,
            a.keyValueHeads,
            a.headSize,
            a.window,
            static_cast<float>(a.scale)};
}

} // namespace

bool isFusable(const ModelSpec& spec) {
    const EmbeddingSpec& embedding = spec.embedding;
    const bool isPlainInput = embedding.scale == 1 && embedding.positions.empty() &&
                              embedding.types.empty() && !embedding.norm && !embedding.projection;
    const bool isPlainHead = spec.head.kind == HeadKind::CausalLm && !spec.head.dense && !spec.head.norm &&
                             !spec.head.activation && spec.head.softcap == 0 && spec.head.scale == 1;
    const bool turnsByPosition = spec.rope && !spec.rope->isInterleaved &&
                                 spec.rope->type != RopeSpec::Type::Dynamic &&
                                 spec.rope->type != RopeSpec::Type::LongRope;
    return isPlainInput && isPlainHead && turnsByPosition && !spec.alibi && spec.isCausal && spec.finalNorm &&
           isCovered(*spec.finalNorm) && !spec.finalProjection && !spec.blocks.empty() &&
           std::all_of(spec.blocks.begin(), spec.blocks.end(),
                       [](const BlockSpec& block) { return isCovered(block); });
}

FusedModel fusedModelOf(const ModelSpec& spec, const LanguageModel& model) {
    FusedModel fused;
    fused.width = spec.width;
    fused.embedding = dataOf(model, spec.embedding.tokens + ".weight");
    fused.vocabulary = model.weight(spec.embedding.tokens + ".weight").size(0);
    for (const BlockSpec& block : spec.blocks)
        fused.layers.push_back(layerOf(model, block));
    fused.finalNorm = normOf(model, spec.finalNorm);
    const std::string name = spec.head.isTied ? spec.embedding.tokens : spec.head.output.name;
    const std::string bias = !spec.head.biasName.empty() ? spec.head.biasName
                             : spec.head.output.hasBias  ? spec.head.output.name + ".bias"
                                                         : std::string();
    const at::Tensor& weight = model.weight(name + ".weight");
    fused.head = {weight.const_data_ptr<float>(), bias.empty() ? nullptr : dataOf(model, bias),
                  weight.size(1), weight.size(0)};
    fused.rope = *spec.rope;
    return fused;
}

Turns::Turns(const RopeSpec& spec)
    : m_frequencies(ropeFrequencies(spec, 0)), m_factor(static_cast<float>(spec.attentionFactor)) {}

const float* Turns::cos(std::int64_t position) {
    extend(position);
    return m_cos.data() + position * half();
}

const float* Turns::sin(std::int64_t position) {
    extend(position);
    return m_sin.data() + position * half();
}

void Turns::extend(std::int64_t position) {
    for (; m_positions <= position; ++m_positions)
        for (const double frequency : m_frequencies) {
            // In fp32, as the reference computes them.
            const float angle = static_cast<float>(m_positions) * static_cast<float>(frequency);
            m_cos.push_back(std::cos(angle) * m_factor);
            m_sin.push_back(std::sin(angle) * m_factor);
        }
}

} // namespace lathe
