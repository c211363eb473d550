#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size(reader.present({"n_embd", "hidden_size"}), 768);
    c.layers = reader.size(reader.present({"n_layer", "num_hidden_layers"}), 12);
    c.heads = reader.size(reader.present({"n_head", "num_attention_heads"}), 12);
    c.feedForward = reader.size("n_inner", 4 * c.width);
    c.vocabulary = reader.size("vocab_size", 50257);
    c.maxPositions = reader.size(reader.present({"n_positions", "max_position_embeddings", "n_ctx"}), 1024);
    return c;
}

/// Its class is GPT-2's Conv1D: stored [in, out].
void transpose(LinearSpec& spec) { spec.isTransposed = true; }

} // namespace

/// GPT-2, Radford et al. 2019.
Result<ModelSpec> describeGpt2(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const Activation activation = readActivation(reader, "activation_function", "gelu_new");
    const bool isScaled = reader.flag("scale_attn_weights", true);
    const bool isScaledByLayer = reader.flag("scale_attn_by_inverse_layer_idx", false);
    if (reader.flag("add_cross_attention", false))
        reader.refuse("add_cross_attention", "is true, which is not supported");
    ModelSpec spec = startModel(config, reader, "gpt2", "transformer.", "wte", c);
    LATHE_TRY(reader.problem());
    addPositions(spec, "transformer.wpe");
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.attentionNorm = layerNorm(path + "ln_1", c.width, eps);
        block.mlpNorm = layerNorm(path + "ln_2", c.width, eps);
        block.attention =
            fusedAttention(path + "attn.", "c_attn", "c_proj", c, AttentionSpec::Inputs::Concatenated);
        block.attention.scale =
            (isScaled ? block.attention.scale : 1) / static_cast<double>(isScaledByLayer ? layer + 1 : 1);
        block.mlp = plainMlp(path + "mlp.", "c_fc", "c_proj", c, activation);
        for (LinearSpec* each : {&block.attention.projections[0], &block.attention.output,
                                 &block.mlp.inputs[0], &block.mlp.output})
            transpose(*each);
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
