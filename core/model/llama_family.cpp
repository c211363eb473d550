#include "core/model/llama_family.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

void readGatedShape(const nlohmann::json& config, ConfigReader& reader, GatedShape& shape) {
    shape.width = reader.size("hidden_size", shape.width);
    shape.feedForward = reader.size("intermediate_size", shape.feedForward);
    shape.layers = reader.size("num_hidden_layers", shape.layers, 1, kMostLayers);
    shape.heads = reader.size("num_attention_heads", shape.heads);
    // A null means as many as heads, whatever the family's default.
    const bool isNull = config.contains("num_key_value_heads") && config["num_key_value_heads"].is_null();
    const std::int64_t fallback = isNull || shape.keyValueHeads == 0 ? shape.heads : shape.keyValueHeads;
    shape.keyValueHeads = reader.size("num_key_value_heads", fallback);
    shape.headSize = reader.size("head_dim", shape.headSize > 0 ? shape.headSize : shape.width / shape.heads);
    shape.vocabulary = reader.size("vocab_size", shape.vocabulary);
    shape.maxPositions = reader.size("max_position_embeddings", shape.maxPositions);
    shape.normEps = reader.real("rms_norm_eps", shape.normEps);
    shape.hasTiedHead = reader.flag("tie_word_embeddings", shape.hasTiedHead);
    checkSizes(
        reader, shape.layers,
        {shape.width, shape.feedForward, shape.heads, shape.keyValueHeads, shape.headSize, shape.vocabulary});
    if (shape.heads % shape.keyValueHeads != 0)
        reader.refuse("num_key_value_heads", "is " + std::to_string(shape.keyValueHeads) +
                                                 ", which does not divide the " +
                                                 std::to_string(shape.heads) + " attention heads");
    if (shape.headSize % 2 != 0)
        reader.refuse("head_dim",
                      "is " + std::to_string(shape.headSize) + "; rotary positions need an even size");
}

ModelSpec gatedModel(const nlohmann::json& config, ConfigReader& reader, std::string family,
                     const GatedShape& shape, RopeSpec rope) {
    ModelSpec spec;
    spec.family = std::move(family);
    spec.basePrefix = "model.";
    spec.width = shape.width;
    spec.vocabulary = shape.vocabulary;
    spec.maxPositions = shape.maxPositions;
    readCommon(config, reader, spec);
    spec.embedding.tokens = "model.embed_tokens";
    spec.embedding.width = shape.width;
    spec.rope = std::move(rope);
    const auto norm = [&shape](std::string name) {
        return NormSpec{shape.norm, std::move(name), shape.width, shape.normEps, true};
    };
    const std::int64_t q = shape.heads * shape.headSize;
    const std::int64_t kv = shape.keyValueHeads * shape.headSize;
    for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
        const std::string path = layerPath("model.layers", layer);
        BlockSpec block;
        block.attentionNorm = norm(path + "input_layernorm");
        block.mlpNorm = norm(path + "post_attention_layernorm");
        AttentionSpec& attention = block.attention;
        attention.heads = shape.heads;
        attention.keyValueHeads = shape.keyValueHeads;
        attention.headSize = shape.headSize;
        attention.scale = 1 / std::sqrt(static_cast<double>(shape.headSize));
        attention.projections = {linear(path + "self_attn.q_proj", shape.width, q, shape.hasInputBias),
                                 linear(path + "self_attn.k_proj", shape.width, kv, shape.hasInputBias),
                                 linear(path + "self_attn.v_proj", shape.width, kv, shape.hasInputBias)};
        attention.output = linear(path + "self_attn.o_proj", q, shape.width, shape.hasOutputBias);
        block.mlp.isGated = true;
        block.mlp.activation = shape.activation;
        block.mlp.inputs = {linear(path + "mlp.gate_proj", shape.width, shape.feedForward, shape.hasMlpBias),
                            linear(path + "mlp.up_proj", shape.width, shape.feedForward, shape.hasMlpBias)};
        block.mlp.output = linear(path + "mlp.down_proj", shape.feedForward, shape.width, shape.hasMlpBias);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = norm("model.norm");
    HeadSpec head;
    head.isTied = shape.hasTiedHead;
    head.output = linear("lm_head", shape.width, shape.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    return spec;
}

void readWindows(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec, std::int64_t window,
                 const std::function<bool(std::int64_t)>& byLayer) {
    const auto types = config.find("layer_types");
    const bool isListed = types != config.end() && types->is_array();
    if (isListed && types->size() != spec.blocks.size())
        reader.refuse("layer_types", "has " + std::to_string(types->size()) + " entries for " +
                                         std::to_string(spec.blocks.size()) + " layers");
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer) {
        bool isSliding = byLayer(static_cast<std::int64_t>(layer));
        if (isListed && layer < types->size()) {
            const std::string type = (*types)[layer].is_string() ? (*types)[layer].get<std::string>() : "";
            if (type != "sliding_attention" && type != "full_attention")
                reader.refuse("layer_types", "has the entry " + (*types)[layer].dump() +
                                                 "; sliding_attention and full_attention are supported");
            isSliding = type == "sliding_attention";
        }
        if (isSliding && window <= 0)
            reader.refuse("sliding_window", "is missing, though layers are said to slide");
        spec.blocks[layer].attention.window = isSliding ? window : 0;
    }
}

} // namespace lathe
