#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// Layers slide from max_window_layers on, where use_sliding_window says so.
void readQwenWindows(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec) {
    const bool isSliding = reader.flag("use_sliding_window", false);
    const std::int64_t window = isSliding ? reader.size("sliding_window", 4096) : 0;
    const std::int64_t first = reader.size("max_window_layers", 28, 0);
    readWindows(config, reader, spec, window,
                [=](std::int64_t layer) { return isSliding && layer >= first; });
}

} // namespace

/// Qwen2, Yang et al. 2024 (arXiv:2407.10671): LLaMA with biases of queries, keys and values.
Result<ModelSpec> describeQwen2(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.feedForward = 22016;
    shape.vocabulary = 151936;
    shape.keyValueHeads = 32;
    shape.maxPositions = 32768;
    shape.hasInputBias = true;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    RopeSpec rope = readRope(config, reader, shape.headSize);
    ModelSpec spec = gatedModel(config, reader, "qwen2", shape, std::move(rope));
    readQwenWindows(config, reader, spec);
    LATHE_TRY(reader.problem());
    return spec;
}

/// Qwen3, Yang et al. 2025 (arXiv:2505.09388): a head size of its own, and RMSNorm of each query and key.
Result<ModelSpec> describeQwen3(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.feedForward = 22016;
    shape.vocabulary = 151936;
    shape.keyValueHeads = 32;
    shape.headSize = 128;
    shape.maxPositions = 32768;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    shape.hasInputBias = shape.hasOutputBias = reader.flag("attention_bias", false);
    RopeSpec rope = readRope(config, reader, shape.headSize);
    ModelSpec spec = gatedModel(config, reader, "qwen3", shape, std::move(rope));
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer) {
        const std::string path = layerPath("model.layers", static_cast<std::int64_t>(layer)) + "self_attn.";
        AttentionSpec& attention = spec.blocks[layer].attention;
        attention.queryNorm = rmsNormSpec(path + "q_norm", shape.headSize, shape.normEps);
        attention.keyNorm = rmsNormSpec(path + "k_norm", shape.headSize, shape.normEps);
    }
    readQwenWindows(config, reader, spec);
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
