#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// One projection for gate and up.
void fuseGateAndUp(ModelSpec& spec, const GatedShape& shape) {
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer)
        spec.blocks[layer].mlp.inputs = {
            linear(layerPath("model.layers", static_cast<std::int64_t>(layer)) + "mlp.gate_up_proj",
                   shape.width, 2 * shape.feedForward, false)};
}

/// ChatGLM2, ChatGLM3 and the first GLM-4 files, GLM Team 2024 (arXiv:2406.12793): the same computation as
/// describeGlm() under the names of the code they were published with.
struct ChatGlmShape {
    std::int64_t width, feedForward, layers, heads, groups, headSize;
    double eps;
    bool hasInputBias;
};

ChatGlmShape readChatGlmShape(const nlohmann::json& config, ConfigReader& reader) {
    if (config.contains("position_encoding_2d") || config.contains("inner_hidden_size"))
        reader.refuse("position_encoding_2d", "belongs to the first ChatGLM-6B, which is not supported; "
                                              "ChatGLM2, ChatGLM3 and GLM-4 are");
    ChatGlmShape c{};
    c.width = reader.size("hidden_size", 4096);
    c.feedForward = reader.size("ffn_hidden_size", 13696);
    c.layers = reader.size("num_layers", 28);
    c.heads = reader.size("num_attention_heads", 32);
    c.headSize = reader.size("kv_channels", 128);
    c.groups =
        reader.flag("multi_query_attention", false) ? reader.size("multi_query_group_num", 1) : c.heads;
    c.eps = reader.real("layernorm_epsilon", 1e-5);
    c.hasInputBias = reader.flag("add_qkv_bias", false);
    checkSizes(reader, c.layers, {c.width, c.feedForward, c.heads, c.groups, c.headSize});
    if (c.heads % c.groups != 0)
        reader.refuse("multi_query_group_num", "is " + std::to_string(c.groups) +
                                                   ", which does not divide the " + std::to_string(c.heads) +
                                                   " attention heads");
    const std::vector<std::pair<const char*, bool>> fixed{
        {"rmsnorm", true},
        {"post_layer_norm", true},
        {"original_rope", true},
        {"add_bias_linear", false},
        {"apply_residual_connection_post_layernorm", false}};
    for (const auto& [key, value] : fixed)
        if (reader.flag(key, value) != value)
            reader.refuse(key, std::string("is ") + (value ? "false" : "true") + ", which is not supported");
    return c;
}

BlockSpec chatGlmBlock(const ChatGlmShape& c, const std::string& path) {
    const std::int64_t q = c.heads * c.headSize;
    BlockSpec block;
    block.attentionNorm = rmsNormSpec(path + "input_layernorm", c.width, c.eps);
    block.mlpNorm = rmsNormSpec(path + "post_attention_layernorm", c.width, c.eps);
    AttentionSpec& attention = block.attention;
    attention.heads = c.heads;
    attention.keyValueHeads = c.groups;
    attention.headSize = c.headSize;
    attention.inputs = AttentionSpec::Inputs::Concatenated;
    attention.projections = {linear(path + "self_attention.query_key_value", c.width,
                                    q + 2 * c.groups * c.headSize, c.hasInputBias)};
    attention.output = linear(path + "self_attention.dense", q, c.width, false);
    attention.scale = 1 / std::sqrt(static_cast<double>(c.headSize));
    block.mlp.isGated = true;
    block.mlp.activation = Activation::Silu;
    block.mlp.inputs = {linear(path + "mlp.dense_h_to_4h", c.width, 2 * c.feedForward, false)};
    block.mlp.output = linear(path + "mlp.dense_4h_to_h", c.feedForward, c.width, false);
    return block;
}

} // namespace

/// GLM-4, GLM Team 2024 (arXiv:2406.12793), as transformers' own class: half of each head turns, in
/// neighbouring pairs.
Result<ModelSpec> describeGlm(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.feedForward = 13696;
    shape.layers = 40;
    shape.keyValueHeads = 2;
    shape.headSize = 128;
    shape.vocabulary = 151552;
    shape.maxPositions = 131072;
    shape.normEps = 1.5625e-07;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    shape.hasInputBias = reader.flag("attention_bias", true);
    RopeSpec rope = readRope(config, reader, shape.headSize, 0.5);
    rope.isInterleaved = true;
    ModelSpec spec = gatedModel(config, reader, "glm", shape, std::move(rope));
    fuseGateAndUp(spec, shape);
    LATHE_TRY(reader.problem());
    return spec;
}

Result<ModelSpec> describeChatGlm(const nlohmann::json& config) {
    ConfigReader reader(config);
    const ChatGlmShape c = readChatGlmShape(config, reader);
    ModelSpec spec;
    spec.family = "chatglm";
    spec.basePrefix = "transformer.";
    spec.width = c.width;
    spec.vocabulary = reader.size("padded_vocab_size", 65024);
    spec.maxPositions = reader.size("seq_length", 2048);
    readCommon(config, reader, spec);
    checkSizes(reader, c.layers, {spec.vocabulary, spec.maxPositions});
    LATHE_TRY(reader.problem());
    spec.embedding.tokens = "transformer.embedding.word_embeddings";
    spec.embedding.width = c.width;
    RopeSpec rope;
    rope.size = rope.dimensions = c.headSize / 2;
    rope.isInterleaved = true;
    rope.theta = 10000 * reader.real("rope_ratio", 1);
    if (rope.size < 2 || rope.size % 2 != 0 || !(rope.theta > 0))
        reader.refuse("kv_channels", "must be a multiple of 4, and rope_ratio above 0");
    spec.rope = rope;
    for (std::int64_t layer = 0; layer < c.layers; ++layer)
        spec.blocks.push_back(chatGlmBlock(c, layerPath("transformer.encoder.layers", layer)));
    spec.finalNorm = rmsNormSpec("transformer.encoder.final_layernorm", c.width, c.eps);
    spec.head.isTied = reader.flag("tie_word_embeddings", false);
    spec.head.output = linear("transformer.output_layer", c.width, spec.vocabulary, false);
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
