#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size("hidden_size", 768);
    c.layers = reader.size("num_hidden_layers", 12);
    c.heads = reader.size("num_attention_heads", 12);
    c.feedForward = reader.size("ffn_dim", 3072);
    c.vocabulary = reader.size("vocab_size", 50272);
    c.maxPositions = reader.size("max_position_embeddings", 2048);
    return c;
}

/// Positions behind two free rows, and the projections of a token table that is narrower than the model.
void readTables(ConfigReader& reader, ModelSpec& spec) {
    EmbeddingSpec& embedding = spec.embedding;
    addPositions(spec, "model.decoder.embed_positions");
    embedding.positionOffset = 2;
    embedding.positionRows += 2;
    embedding.counting = EmbeddingSpec::Counting::Mask;
    embedding.width = reader.size("word_embed_proj_dim", spec.width);
    checkSizes(reader, 0, {embedding.width});
    if (embedding.width != spec.width) {
        embedding.projection = linear("model.decoder.project_in", embedding.width, spec.width, false);
        spec.finalProjection = linear("model.decoder.project_out", spec.width, embedding.width, false);
    }
    if (!spec.padId)
        spec.padId = 1;
}

} // namespace

/// OPT, Zhang et al. 2022 (arXiv:2205.01068), with norms before or behind each part.
Result<ModelSpec> describeOpt(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const bool isPreNorm = reader.flag("do_layer_norm_before", true);
    const bool hasBias = reader.flag("enable_bias", true);
    const bool hasNormWeights = reader.flag("layer_norm_elementwise_affine", true);
    const Activation activation = readActivation(reader, "activation_function", "relu");
    ModelSpec spec = startModel(config, reader, "opt", "model.", "decoder.embed_tokens", c);
    LATHE_TRY(reader.problem());
    readTables(reader, spec);
    const auto norm = [&](std::string name) {
        return NormSpec{NormSpec::Kind::Layer, std::move(name), c.width, 1e-5, hasNormWeights};
    };
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("model.decoder.layers", layer);
        BlockSpec block;
        block.order = isPreNorm ? BlockSpec::Order::PreNorm : BlockSpec::Order::PostNorm;
        block.attentionNorm = norm(path + "self_attn_layer_norm");
        block.mlpNorm = norm(path + "final_layer_norm");
        block.attention = plainAttention(path + "self_attn.", {"q_proj", "k_proj", "v_proj", "out_proj"},
                                         c.width, c.heads, hasBias);
        block.mlp = plainMlp(path, "fc1", "fc2", c, activation);
        block.mlp.inputs[0].hasBias = block.mlp.output.hasBias = hasBias;
        spec.blocks.push_back(std::move(block));
    }
    if (isPreNorm && !reader.flag("_remove_final_layer_norm", false))
        spec.finalNorm = norm("model.decoder.final_layer_norm");
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", true);
    head.output = linear("lm_head", spec.embedding.width, spec.vocabulary, false);
    readDecoderHead(config, reader, spec, std::move(head));
    spec.head.output.in = spec.embedding.width;
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
