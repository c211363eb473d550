#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size(reader.present({"hidden_size", "n_embed"}), 64);
    c.layers = reader.size(reader.present({"n_layer", "num_hidden_layers"}), 2);
    c.heads = reader.size(reader.present({"n_head", "num_attention_heads"}), 8);
    c.feedForward = 4 * c.width;
    c.vocabulary = reader.size("vocab_size", 250880);
    return c;
}

} // namespace

/// BLOOM, BigScience 2022 (arXiv:2211.05100): ALiBi, a norm behind the token table.
Result<ModelSpec> describeBloom(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const bool hasNormedResidual = reader.flag("apply_residual_connection_post_layernorm", false);
    ModelSpec spec = startModel(config, reader, "bloom", "transformer.", "word_embeddings", c);
    LATHE_TRY(reader.problem());
    spec.alibi = AlibiSpec{};
    spec.embedding.norm = layerNorm("transformer.word_embeddings_layernorm", c.width, eps);
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.hasNormedResidual = hasNormedResidual;
        block.attentionNorm = layerNorm(path + "input_layernorm", c.width, eps);
        block.mlpNorm = layerNorm(path + "post_attention_layernorm", c.width, eps);
        block.attention = fusedAttention(path + "self_attention.", "query_key_value", "dense", c,
                                         AttentionSpec::Inputs::Grouped);
        block.mlp = plainMlp(path + "mlp.", "dense_h_to_4h", "dense_4h_to_h", c, Activation::GeluTanh);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = layerNorm("transformer.ln_f", c.width, eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", true);
    head.output = linear("lm_head", c.width, spec.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
