#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size(reader.present({"n_embd", "hidden_size"}), 4096);
    c.layers = reader.size(reader.present({"n_layer", "num_hidden_layers"}), 28);
    c.heads = reader.size(reader.present({"n_head", "num_attention_heads"}), 16);
    c.feedForward = reader.size("n_inner", 4 * c.width);
    c.vocabulary = reader.size("vocab_size", 50400);
    c.maxPositions = reader.size(reader.present({"n_positions", "max_position_embeddings"}), 2048);
    return c;
}

} // namespace

/// GPT-J, Wang and Komatsuzaki 2021: attention and feed-forward part beside each other, neighbouring
/// dimensions turn.
Result<ModelSpec> describeGptj(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const Activation activation = readActivation(reader, "activation_function", "gelu_new");
    ModelSpec spec = startModel(config, reader, "gptj", "transformer.", "wte", c);
    LATHE_TRY(reader.problem());
    const std::int64_t headSize = c.width / c.heads;
    const bool isWhole = config.contains("rotary_dim") && config["rotary_dim"].is_null();
    spec.rope = readRope(config, reader, headSize, 1, isWhole ? headSize : reader.size("rotary_dim", 64));
    spec.rope->isInterleaved = true;
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.order = BlockSpec::Order::Parallel;
        block.attentionNorm = layerNorm(path + "ln_1", c.width, eps);
        block.attention = plainAttention(path + "attn.", {"q_proj", "k_proj", "v_proj", "out_proj"}, c.width,
                                         c.heads, false);
        block.mlp = plainMlp(path + "mlp.", "fc_in", "fc_out", c, activation);
        spec.blocks.push_back(std::move(block));
    }
    spec.finalNorm = layerNorm("transformer.ln_f", c.width, eps);
    HeadSpec head;
    head.isTied = reader.flag("tie_word_embeddings", false);
    head.output = linear("lm_head", c.width, spec.vocabulary, true);
    readDecoderHead(config, reader, spec, std::move(head));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
