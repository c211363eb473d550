#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

/// OPT, Zhang et al. 2022 (arXiv:2205.01068), with norms before or behind each part, and token tables
/// narrower than the model.
Result<ModelSpec> describeOpt(const nlohmann::json& config) {
    ConfigReader reader(config);
    const std::int64_t width = reader.size("hidden_size", 768);
    const std::int64_t layers = reader.size("num_hidden_layers", 12);
    const std::int64_t heads = reader.size("num_attention_heads", 12);
    const std::int64_t inner = reader.size("ffn_dim", 3072);
    const std::int64_t tableWidth = reader.size("word_embed_proj_dim", width);
    const bool isPreNorm = reader.flag("do_layer_norm_before", true);
    const bool hasBias = reader.flag("enable_bias", true);
    const bool hasNormWeights = reader.flag("layer_norm_elementwise_affine", true);
    const Activation activation = readActivation(reader, "activation_function", "relu");
    ModelSpec spec;
    spec.family = "opt";
    spec.basePrefix = "model.";
    spec.width = width;
    spec.vocabulary = reader.size("vocab_size", 50272);
    spec.maxPositions = reader.size("max_position_embeddings", 2048);
    readCommon(config, reader, spec);
    if (!spec.padId)
        spec.padId = 1;
    checkSizes(reader, layers, {width, heads, inner, tableWidth, spec.vocabulary, spec.maxPositions});
    checkHeads(reader, width, heads);
    LATHE_TRY(reader.problem());
    const auto norm = [&](std::string name) {
        NormSpec made = layerNorm(std::move(name), width, 1e-5);
        made.hasWeight = hasNormWeights;
        return made;
    };
    EmbeddingSpec& embedding = spec.embedding;
    embedding.tokens = "model.decoder.embed_tokens";
    embedding.width = tableWidth;
    embedding.positions = "model.decoder.embed_positions";
    embedding.positionOffset = 2; // the table keeps two rows that no token uses
    embedding.positionRows = spec.maxPositions + 2;
    embedding.counting = EmbeddingSpec::Counting::Mask;
    if (tableWidth != width) {
        embedding.projection = linear("model.decoder.project_in", tableWidth, width, false);
        spec.finalProjection = linear("model.decoder.project_out", width, tableWidth, false);
    }
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string path = layerPath("model.decoder.layers", layer);
        BlockSpec block;
        block.order = isPreNorm ? BlockSpec::Order::PreNorm : BlockSpec::Order::PostNorm;
        block.attentionNorm = norm(path + "self_attn_layer_norm");
        block.mlpNorm = norm(path + "final_layer_norm");
        block.attention = plainAttention(path + "self_attn.", {"q_proj", "k_proj", "v_proj", "out_proj"},
                                         width, heads, hasBias);
        block.mlp.activation = activation;
        block.mlp.inputs = {linear(path + "fc1", width, inner, hasBias)};
        block.mlp.output = linear(path + "fc2", inner, width, hasBias);
        spec.blocks.push_back(std::move(block));
    }
    if (isPreNorm && !reader.flag("_remove_final_layer_norm", false))
        spec.finalNorm = norm("model.decoder.final_layer_norm");
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", true);
    head.output = linear("lm_head", tableWidth, spec.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    if (spec.head.kind != HeadKind::CausalLm && spec.head.kind != HeadKind::None)
        spec.head.output.in = tableWidth;
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
