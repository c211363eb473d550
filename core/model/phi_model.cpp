#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <nlohmann/json.hpp>

namespace lathe {

/// Phi, Li et al. 2023 (arXiv:2309.05463): attention and feed-forward part beside each other behind one
/// LayerNorm.
Result<ModelSpec> describePhi(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape; // for the keys it shares
    shape.width = 2048;
    shape.feedForward = 8192;
    shape.layers = 24;
    shape.vocabulary = 51200;
    readGatedShape(config, reader, shape);
    const double eps = reader.real("layer_norm_eps", 1e-5);
    const bool hasHeadNorms = reader.flag("qk_layernorm", false);
    const Activation activation = readActivation(reader, "hidden_act", "gelu_new");
    shape.hasInputBias = true;
    RopeSpec rope = readRope(config, reader, shape.headSize, 0.5);
    ModelSpec spec = gatedModel(config, reader, "phi", shape, std::move(rope));
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer) {
        const std::string path = layerPath("model.layers", static_cast<std::int64_t>(layer));
        BlockSpec& block = spec.blocks[layer];
        block.order = BlockSpec::Order::Parallel;
        block.attentionNorm = layerNorm(path + "input_layernorm", shape.width, eps);
        block.mlpNorm.reset();
        block.attention.output = linear(path + "self_attn.dense", shape.heads * shape.headSize, shape.width);
        if (hasHeadNorms) {
            block.attention.queryNorm = layerNorm(path + "self_attn.q_layernorm", shape.headSize, eps);
            block.attention.keyNorm = layerNorm(path + "self_attn.k_layernorm", shape.headSize, eps);
        }
        block.mlp.isGated = false;
        block.mlp.activation = activation;
        block.mlp.inputs = {linear(path + "mlp.fc1", shape.width, shape.feedForward)};
        block.mlp.output = linear(path + "mlp.fc2", shape.feedForward, shape.width);
    }
    spec.finalNorm = layerNorm("model.final_layernorm", shape.width, eps);
    if (spec.head.kind == HeadKind::CausalLm)
        spec.head.output.hasBias = true;
    LATHE_TRY(reader.problem());
    return spec;
}

/// Phi-3, Abdin et al. 2024 (arXiv:2404.14219): LLaMA with one projection for queries, keys and values, and
/// one for gate and up.
Result<ModelSpec> describePhi3(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.width = 3072;
    shape.feedForward = 8192;
    shape.vocabulary = 32064;
    shape.maxPositions = 4096;
    shape.normEps = 1e-5;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    RopeSpec rope = readRope(config, reader, shape.headSize);
    ModelSpec spec = gatedModel(config, reader, "phi3", shape, std::move(rope));
    const std::int64_t outputs = (shape.heads + 2 * shape.keyValueHeads) * shape.headSize;
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer) {
        const std::string path = layerPath("model.layers", static_cast<std::int64_t>(layer));
        BlockSpec& block = spec.blocks[layer];
        block.attention.inputs = AttentionSpec::Inputs::Concatenated;
        block.attention.projections = {linear(path + "self_attn.qkv_proj", shape.width, outputs, false)};
        block.mlp.inputs = {linear(path + "mlp.gate_up_proj", shape.width, 2 * shape.feedForward, false)};
    }
    const std::int64_t window = reader.size("sliding_window", 0, 0);
    readWindows(config, reader, spec, window, [window](std::int64_t) { return window > 0; });
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
