#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

/// GPT-NeoX, Black et al. 2022 (arXiv:2204.06745), and Pythia.
Result<ModelSpec> describeGptNeox(const nlohmann::json& config) {
    ConfigReader reader(config);
    const std::int64_t width = reader.size("hidden_size", 6144);
    const std::int64_t layers = reader.size("num_hidden_layers", 44);
    const std::int64_t heads = reader.size("num_attention_heads", 64);
    const std::int64_t inner = reader.size("intermediate_size", 24576);
    const double eps = reader.real("layer_norm_eps", 1e-5);
    const bool isParallel = reader.flag("use_parallel_residual", true);
    const bool hasBias = reader.flag("attention_bias", true);
    const Activation activation = readActivation(reader, "hidden_act", "gelu");
    ModelSpec spec;
    spec.family = "gpt_neox";
    spec.basePrefix = "gpt_neox.";
    spec.width = width;
    spec.vocabulary = reader.size("vocab_size", 50432);
    spec.maxPositions = reader.size("max_position_embeddings", 2048);
    readCommon(config, reader, spec);
    checkSizes(reader, layers, {width, heads, inner, spec.vocabulary});
    checkHeads(reader, width, heads);
    LATHE_TRY(reader.problem());
    nlohmann::json renamed = config; // its own names of the usual keys
    if (renamed.contains("rotary_emb_base") && !renamed.contains("rope_theta"))
        renamed["rope_theta"] = renamed["rotary_emb_base"];
    spec.rope = readRope(renamed, reader, width / heads, reader.real("rotary_pct", 0.25));
    if (!config.contains("rope_parameters") && config.contains("rotary_emb_base"))
        spec.rope->theta = reader.real("rotary_emb_base", 10000);
    spec.embedding.tokens = "gpt_neox.embed_in";
    spec.embedding.width = width;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string path = layerPath("gpt_neox.layers", layer);
        BlockSpec block;
        block.order = isParallel ? BlockSpec::Order::Parallel : BlockSpec::Order::PreNorm;
        block.attentionNorm = layerNorm(path + "input_layernorm", width, eps);
        block.mlpNorm = layerNorm(path + "post_attention_layernorm", width, eps);
        AttentionSpec& attention = block.attention;
        attention.heads = attention.keyValueHeads = heads;
        attention.headSize = width / heads;
        attention.inputs = AttentionSpec::Inputs::Grouped;
        attention.projections = {linear(path + "attention.query_key_value", width, 3 * width, hasBias)};
        attention.output = linear(path + "attention.dense", width, width, hasBias);
        attention.scale = 1 / std::sqrt(static_cast<double>(attention.headSize));
        block.mlp.activation = activation;
        block.mlp.inputs = {linear(path + "mlp.dense_h_to_4h", width, inner)};
        block.mlp.output = linear(path + "mlp.dense_4h_to_h", inner, width);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = layerNorm("gpt_neox.final_layer_norm", width, eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", false);
    head.output = linear("embed_out", width, spec.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
