#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// GPT-2's Conv1D: a projection stored [in, out].
LinearSpec conv1d(std::string name, std::int64_t in, std::int64_t out) {
    return {std::move(name), in, out, true, true};
}

} // namespace

/// GPT-2, Radford et al. 2019.
Result<ModelSpec> describeGpt2(const nlohmann::json& config) {
    ConfigReader reader(config);
    const std::int64_t width = reader.size(reader.present({"n_embd", "hidden_size"}), 768);
    const std::int64_t layers = reader.size(reader.present({"n_layer", "num_hidden_layers"}), 12);
    const std::int64_t heads = reader.size(reader.present({"n_head", "num_attention_heads"}), 12);
    const std::int64_t inner = reader.size("n_inner", 4 * width);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const Activation activation = readActivation(reader, "activation_function", "gelu_new");
    const bool isScaled = reader.flag("scale_attn_weights", true);
    const bool isScaledByLayer = reader.flag("scale_attn_by_inverse_layer_idx", false);
    if (reader.flag("add_cross_attention", false))
        reader.refuse("add_cross_attention", "is true, which is not supported");
    ModelSpec spec;
    spec.family = "gpt2";
    spec.basePrefix = "transformer.";
    spec.width = width;
    spec.vocabulary = reader.size("vocab_size", 50257);
    spec.maxPositions =
        reader.size(reader.present({"n_positions", "max_position_embeddings", "n_ctx"}), 1024);
    readCommon(config, reader, spec);
    checkSizes(reader, layers, {width, heads, inner, spec.vocabulary, spec.maxPositions});
    checkHeads(reader, width, heads);
    LATHE_TRY(reader.problem());
    spec.embedding.tokens = "transformer.wte";
    spec.embedding.width = width;
    spec.embedding.positions = "transformer.wpe";
    spec.embedding.positionRows = spec.maxPositions;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.attentionNorm = layerNorm(path + "ln_1", width, eps);
        block.mlpNorm = layerNorm(path + "ln_2", width, eps);
        AttentionSpec& attention = block.attention;
        attention.heads = attention.keyValueHeads = heads;
        attention.headSize = width / heads;
        attention.inputs = AttentionSpec::Inputs::Concatenated;
        attention.projections = {conv1d(path + "attn.c_attn", width, 3 * width)};
        attention.output = conv1d(path + "attn.c_proj", width, width);
        attention.scale = isScaled ? 1 / std::sqrt(static_cast<double>(attention.headSize)) : 1;
        if (isScaledByLayer)
            attention.scale /= static_cast<double>(layer + 1);
        block.mlp.activation = activation;
        block.mlp.inputs = {conv1d(path + "mlp.c_fc", width, inner)};
        block.mlp.output = conv1d(path + "mlp.c_proj", inner, width);
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
