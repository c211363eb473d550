#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

/// BLOOM, BigScience 2022 (arXiv:2211.05100): ALiBi, a norm behind the token table.
Result<ModelSpec> describeBloom(const nlohmann::json& config) {
    ConfigReader reader(config);
    const std::int64_t width = reader.size(reader.present({"hidden_size", "n_embed"}), 64);
    const std::int64_t layers = reader.size(reader.present({"n_layer", "num_hidden_layers"}), 2);
    const std::int64_t heads = reader.size(reader.present({"n_head", "num_attention_heads"}), 8);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const bool hasNormedResidual = reader.flag("apply_residual_connection_post_layernorm", false);
    ModelSpec spec;
    spec.family = "bloom";
    spec.basePrefix = "transformer.";
    spec.width = width;
    spec.vocabulary = reader.size("vocab_size", 250880);
    readCommon(config, reader, spec);
    checkSizes(reader, layers, {width, heads, spec.vocabulary});
    checkHeads(reader, width, heads);
    LATHE_TRY(reader.problem());
    spec.alibi = AlibiSpec{};
    spec.embedding.tokens = "transformer.word_embeddings";
    spec.embedding.width = width;
    spec.embedding.norm = layerNorm("transformer.word_embeddings_layernorm", width, eps);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.hasNormedResidual = hasNormedResidual;
        block.attentionNorm = layerNorm(path + "input_layernorm", width, eps);
        block.mlpNorm = layerNorm(path + "post_attention_layernorm", width, eps);
        AttentionSpec& attention = block.attention;
        attention.heads = attention.keyValueHeads = heads;
        attention.headSize = width / heads;
        attention.inputs = AttentionSpec::Inputs::Grouped;
        attention.projections = {linear(path + "self_attention.query_key_value", width, 3 * width)};
        attention.output = linear(path + "self_attention.dense", width, width);
        attention.scale = 1 / std::sqrt(static_cast<double>(attention.headSize));
        block.mlp.activation = Activation::GeluTanh;
        block.mlp.inputs = {linear(path + "mlp.dense_h_to_4h", width, 4 * width)};
        block.mlp.output = linear(path + "mlp.dense_4h_to_h", 4 * width, width);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = layerNorm("transformer.ln_f", width, eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", true);
    head.output = linear("lm_head", width, spec.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
