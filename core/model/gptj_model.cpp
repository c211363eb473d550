#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

/// GPT-J, Wang and Komatsuzaki 2021: attention and feed-forward part beside each other, neighbouring
/// dimensions turn.
Result<ModelSpec> describeGptj(const nlohmann::json& config) {
    ConfigReader reader(config);
    const std::int64_t width = reader.size(reader.present({"n_embd", "hidden_size"}), 4096);
    const std::int64_t layers = reader.size(reader.present({"n_layer", "num_hidden_layers"}), 28);
    const std::int64_t heads = reader.size(reader.present({"n_head", "num_attention_heads"}), 16);
    const std::int64_t inner = reader.size("n_inner", 4 * width);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const Activation activation = readActivation(reader, "activation_function", "gelu_new");
    ModelSpec spec;
    spec.family = "gptj";
    spec.basePrefix = "transformer.";
    spec.width = width;
    spec.vocabulary = reader.size("vocab_size", 50400);
    spec.maxPositions = reader.size(reader.present({"n_positions", "max_position_embeddings"}), 2048);
    readCommon(config, reader, spec);
    checkSizes(reader, layers, {width, heads, inner, spec.vocabulary});
    checkHeads(reader, width, heads);
    LATHE_TRY(reader.problem());
    const bool isWhole = config.contains("rotary_dim") && config["rotary_dim"].is_null();
    spec.rope =
        readRope(config, reader, width / heads, 1, isWhole ? width / heads : reader.size("rotary_dim", 64));
    spec.rope->isInterleaved = true;
    spec.embedding.tokens = "transformer.wte";
    spec.embedding.width = width;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.order = BlockSpec::Order::Parallel;
        block.attentionNorm = layerNorm(path + "ln_1", width, eps);
        block.attention =
            plainAttention(path + "attn.", {"q_proj", "k_proj", "v_proj", "out_proj"}, width, heads, false);
        block.mlp.activation = activation;
        block.mlp.inputs = {linear(path + "mlp.fc_in", width, inner)};
        block.mlp.output = linear(path + "mlp.fc_out", inner, width);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = layerNorm("transformer.ln_f", width, eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", false);
    head.output = linear("lm_head", width, spec.vocabulary, true);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
