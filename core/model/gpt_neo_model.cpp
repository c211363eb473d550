#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// "global" or "local" for each layer: `attention_layers`, or `attention_types` [[[names…], times]…] written
/// out.
std::vector<std::string> readKinds(const nlohmann::json& config, ConfigReader& reader, std::int64_t layers) {
    std::vector<std::string> kinds;
    const auto add = [&kinds](const nlohmann::json& names) {
        for (const auto& name : names)
            kinds.push_back(name.is_string() ? name.get<std::string>() : name.dump());
    };
    if (const auto listed = config.find("attention_layers"); listed != config.end() && listed->is_array()) {
        add(*listed);
    } else if (const auto types = config.find("attention_types");
               types != config.end() && types->is_array()) {
        for (const auto& group : *types) {
            const bool isGroup =
                group.is_array() && group.size() == 2 && group[0].is_array() && group[1].is_number_integer();
            for (std::int64_t i = 0;
                 isGroup && i < group[1].get<std::int64_t>() && std::ssize(kinds) < layers; ++i)
                add(group[0]);
        }
    } else {
        for (std::int64_t layer = 0; layer < layers; ++layer)
            kinds.emplace_back(layer % 2 == 0 ? "global" : "local");
    }
    if (std::ssize(kinds) != layers)
        reader.refuse("attention_types", "gives " + std::to_string(kinds.size()) + " layers, not the " +
                                             std::to_string(layers) + " of num_layers");
    for (const std::string& kind : kinds)
        if (kind != "global" && kind != "local")
            reader.refuse("attention_types", "names \"" + kind + "\"; global and local are supported");
    return kinds;
}

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size("hidden_size", 2048);
    c.layers = reader.size(reader.present({"num_layers", "num_hidden_layers"}), 24);
    c.heads = reader.size(reader.present({"num_heads", "num_attention_heads"}), 16);
    c.feedForward = reader.size("intermediate_size", 4 * c.width);
    c.vocabulary = reader.size("vocab_size", 50257);
    c.maxPositions = reader.size("max_position_embeddings", 2048);
    return c;
}

} // namespace

/// GPT-Neo, Black et al. 2021: GPT-2 with scores that are not scaled and every other layer looking back over
/// a window only.
Result<ModelSpec> describeGptNeo(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const std::int64_t window = reader.size("window_size", 256);
    const double eps = reader.real("layer_norm_epsilon", 1e-5);
    const Activation activation = readActivation(reader, "activation_function", "gelu_new");
    ModelSpec spec = startModel(config, reader, "gpt_neo", "transformer.", "wte", c);
    LATHE_TRY(reader.problem());
    const std::vector<std::string> kinds = readKinds(config, reader, c.layers);
    LATHE_TRY(reader.problem());
    addPositions(spec, "transformer.wpe");
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("transformer.h", layer);
        BlockSpec block;
        block.attentionNorm = layerNorm(path + "ln_1", c.width, eps);
        block.mlpNorm = layerNorm(path + "ln_2", c.width, eps);
        block.attention = plainAttention(path + "attn.attention.", {"q_proj", "k_proj", "v_proj", "out_proj"},
                                         c.width, c.heads, false);
        block.attention.output.hasBias = true;
        block.attention.scale = 1;
        block.attention.window = kinds[static_cast<std::size_t>(layer)] == "local" ? window : 0;
        block.mlp = plainMlp(path + "mlp.", "c_fc", "c_proj", c, activation);
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
