#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

struct FalconShape {
    std::int64_t width, feedForward, layers, heads, groups, vocabulary;
    double eps;
    bool hasAlibi, isNew, isMultiQuery, isParallel, hasBias, hasTwoNorms;
};

FalconShape readShape(const nlohmann::json& config, ConfigReader& reader) {
    FalconShape c{};
    c.width = reader.size("hidden_size", 4544);
    c.layers = reader.size("num_hidden_layers", 32);
    c.heads = reader.size("num_attention_heads", 71);
    c.vocabulary = reader.size("vocab_size", 65024);
    c.feedForward = reader.size("ffn_hidden_size", 4 * c.width);
    c.eps = reader.real("layer_norm_epsilon", 1e-5);
    c.hasAlibi = reader.flag("alibi", false);
    c.isNew = reader.flag("new_decoder_architecture", false);
    c.isMultiQuery = reader.flag("multi_query", true);
    c.isParallel = reader.flag("parallel_attn", true);
    c.hasBias = reader.flag("bias", false);
    c.groups = reader.size("num_kv_heads", c.heads);
    c.hasTwoNorms = c.isNew && reader.size("num_ln_in_parallel_attn", 2) == 2;
    checkSizes(reader, c.layers, {c.width, c.feedForward, c.heads, c.vocabulary, c.groups});
    checkHeads(reader, c.width, c.heads);
    if (c.isNew && c.heads % c.groups != 0)
        reader.refuse("num_kv_heads", "is " + std::to_string(c.groups) + ", which does not divide the " +
                                          std::to_string(c.heads) + " attention heads");
    if (c.isNew && !c.isParallel && !c.hasTwoNorms)
        reader.refuse("parallel_attn", "is false, which new_decoder_architecture does not allow");
    if (config.value("is_decoder", true) == false)
        reader.refuse("is_decoder", "is false, which is not supported");
    return c;
}

AttentionSpec attentionOf(const FalconShape& c, const std::string& path) {
    AttentionSpec attention;
    attention.heads = c.heads;
    attention.headSize = c.width / c.heads;
    attention.keyValueHeads = c.isNew ? c.groups : c.isMultiQuery ? 1 : c.heads;
    attention.inputs =
        c.isNew || !c.isMultiQuery ? AttentionSpec::Inputs::Grouped : AttentionSpec::Inputs::Concatenated;
    attention.projections = {linear(path + "query_key_value", c.width,
                                    (c.heads + 2 * attention.keyValueHeads) * attention.headSize, c.hasBias)};
    attention.output = linear(path + "dense", c.width, c.width, c.hasBias);
    attention.scale = 1 / std::sqrt(static_cast<double>(attention.headSize));
    return attention;
}

BlockSpec blockOf(const FalconShape& c, const std::string& path, Activation activation) {
    BlockSpec block;
    block.order = c.isParallel || c.isNew ? BlockSpec::Order::Parallel : BlockSpec::Order::PreNorm;
    block.attentionNorm = layerNorm(path + (c.hasTwoNorms ? "ln_attn" : "input_layernorm"), c.width, c.eps);
    if (c.hasTwoNorms)
        block.mlpNorm = layerNorm(path + "ln_mlp", c.width, c.eps);
    else if (!c.isParallel)
        block.mlpNorm = layerNorm(path + "post_attention_layernorm", c.width, c.eps);
    block.attention = attentionOf(c, path + "self_attention.");
    block.mlp.activation = activation;
    block.mlp.inputs = {linear(path + "mlp.dense_h_to_4h", c.width, c.feedForward, c.hasBias)};
    block.mlp.output = linear(path + "mlp.dense_4h_to_h", c.feedForward, c.width, c.hasBias);
    return block;
}

} // namespace

/// Falcon, Almazrouei et al. 2023 (arXiv:2311.16867), in its three layouts: multi-query, multi-head, and
/// grouped queries with two norms.
Result<ModelSpec> describeFalcon(const nlohmann::json& config) {
    ConfigReader reader(config);
    const FalconShape c = readShape(config, reader);
    const Activation activation = readActivation(reader, "activation", "gelu");
    LATHE_TRY(reader.problem());
    ModelSpec spec;
    spec.family = "falcon";
    spec.basePrefix = "transformer.";
    spec.width = c.width;
    spec.vocabulary = c.vocabulary;
    spec.maxPositions = c.hasAlibi ? 0 : reader.size("max_position_embeddings", 2048);
    readCommon(config, reader, spec);
    spec.embedding.tokens = "transformer.word_embeddings";
    spec.embedding.width = c.width;
    if (c.hasAlibi) // the scores are scaled with the bias in them, which is kept in bf16
        spec.alibi = AlibiSpec{true, 1 / std::sqrt(static_cast<double>(c.width / c.heads))};
    else
        spec.rope = readRope(config, reader, c.width / c.heads);
    for (std::int64_t layer = 0; layer < c.layers; ++layer)
        spec.blocks.push_back(blockOf(c, layerPath("transformer.h", layer), activation));
    spec.finalNorm = layerNorm("transformer.ln_f", c.width, c.eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", true);
    head.output = linear("lm_head", c.width, c.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
