#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size("hidden_size", 6144);
    c.layers = reader.size("num_hidden_layers", 44);
    c.heads = reader.size("num_attention_heads", 64);
    c.feedForward = reader.size("intermediate_size", 24576);
    c.vocabulary = reader.size("vocab_size", 50432);
    c.maxPositions = reader.size("max_position_embeddings", 2048);
    return c;
}

/// Older files have names of their own for the usual keys.
RopeSpec readNeoxRope(const nlohmann::json& config, ConfigReader& reader, std::int64_t headSize) {
    nlohmann::json renamed = config;
    if (config.contains("rotary_emb_base") && !config.contains("rope_theta"))
        renamed["rope_theta"] = config["rotary_emb_base"];
    if (config.contains("rotary_pct") && !config.contains("partial_rotary_factor"))
        renamed["partial_rotary_factor"] = config["rotary_pct"];
    ConfigReader names(renamed);
    RopeSpec rope = readRope(renamed, names, headSize, 0.25);
    if (!names.problem().has_value())
        reader.refuse("rope", names.problem().error().text());
    return rope;
}

} // namespace

/// GPT-NeoX, Black et al. 2022 (arXiv:2204.06745), and Pythia.
Result<ModelSpec> describeGptNeox(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const double eps = reader.real("layer_norm_eps", 1e-5);
    const bool isParallel = reader.flag("use_parallel_residual", true);
    const bool hasBias = reader.flag("attention_bias", true);
    const Activation activation = readActivation(reader, "hidden_act", "gelu");
    ModelSpec spec = startModel(config, reader, "gpt_neox", "gpt_neox.", "embed_in", c);
    LATHE_TRY(reader.problem());
    spec.rope = readNeoxRope(config, reader, c.width / c.heads);
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("gpt_neox.layers", layer);
        BlockSpec block;
        block.order = isParallel ? BlockSpec::Order::Parallel : BlockSpec::Order::PreNorm;
        block.attentionNorm = layerNorm(path + "input_layernorm", c.width, eps);
        block.mlpNorm = layerNorm(path + "post_attention_layernorm", c.width, eps);
        block.attention = fusedAttention(path + "attention.", "query_key_value", "dense", c,
                                         AttentionSpec::Inputs::Grouped, hasBias);
        block.mlp = plainMlp(path + "mlp.", "dense_h_to_4h", "dense_4h_to_h", c, activation);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = layerNorm("gpt_neox.final_layer_norm", c.width, eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", false);
    head.output = linear("embed_out", c.width, spec.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
