#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// What both generations share: norms by 1 + w, embeddings times the root of the width.
ModelSpec gemmaModel(const nlohmann::json& config, ConfigReader& reader, std::string family,
                     GatedShape& shape) {
    shape.vocabulary = 256000;
    shape.headSize = 256;
    shape.maxPositions = 8192;
    shape.hasTiedHead = true;
    shape.norm = NormSpec::Kind::RmsPlusOne;
    readGatedShape(config, reader, shape);
    shape.hasInputBias = shape.hasOutputBias = reader.flag("attention_bias", false);
    // The first checkpoints say hidden_act "gelu" and mean its tanh form, which hidden_activation names.
    shape.activation = readActivation(reader, "hidden_activation", "gelu_pytorch_tanh");
    RopeSpec rope = readRope(config, reader, shape.headSize);
    ModelSpec spec = gatedModel(config, reader, std::move(family), shape, std::move(rope));
    spec.embedding.scale = std::sqrt(static_cast<double>(shape.width));
    if (!spec.padId)
        spec.padId = 0;
    return spec;
}

} // namespace

/// Gemma, Gemma Team 2024 (arXiv:2403.08295).
Result<ModelSpec> describeGemma(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.width = 3072;
    shape.feedForward = 24576;
    shape.layers = 28;
    shape.heads = shape.keyValueHeads = 16;
    ModelSpec spec = gemmaModel(config, reader, "gemma", shape);
    LATHE_TRY(reader.problem());
    return spec;
}

/// Gemma 2, Gemma Team 2024 (arXiv:2408.00118): norms before and behind each part, capped scores and logits,
/// every other layer with a sliding window.
Result<ModelSpec> describeGemma2(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.width = 2304;
    shape.feedForward = 9216;
    shape.layers = 26;
    shape.heads = 8;
    shape.keyValueHeads = 4;
    ModelSpec spec = gemmaModel(config, reader, "gemma2", shape);
    if (reader.flag("use_bidirectional_attention", false))
        reader.refuse("use_bidirectional_attention", "is true, which is not supported");
    const auto cap = [&](const char* key, double fallback) {
        const bool isOff = config.contains(key) && config[key].is_null();
        return isOff ? 0.0 : reader.real(key, fallback);
    };
    const double scalar = reader.real("query_pre_attn_scalar", 256);
    if (!(scalar > 0))
        reader.refuse("query_pre_attn_scalar", "must be above 0");
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer) {
        const std::string path = layerPath("model.layers", static_cast<std::int64_t>(layer));
        BlockSpec& block = spec.blocks[layer];
        block.order = BlockSpec::Order::Sandwich;
        block.afterAttention = block.mlpNorm;
        const auto norm = [&](const std::string& name) {
            return NormSpec{shape.norm, path + name, shape.width, shape.normEps, true};
        };
        block.mlpNorm = norm("pre_feedforward_layernorm");
        block.afterMlp = norm("post_feedforward_layernorm");
        block.attention.scale = 1 / std::sqrt(scalar);
        block.attention.softcap = cap("attn_logit_softcapping", 50);
    }
    spec.head.softcap = spec.head.kind == HeadKind::CausalLm ? cap("final_logit_softcapping", 30) : 0;
    readWindows(config, reader, spec, reader.size("sliding_window", 4096),
                [](std::int64_t layer) { return layer % 2 == 0; });
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
