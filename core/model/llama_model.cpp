#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <nlohmann/json.hpp>

namespace lathe {

/// LLaMA, Touvron et al. 2023 (arXiv:2302.13971).
Result<ModelSpec> describeLlama(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    shape.hasInputBias = shape.hasOutputBias = reader.flag("attention_bias", false);
    shape.hasMlpBias = reader.flag("mlp_bias", false);
    RopeSpec rope = readRope(config, reader, shape.headSize);
    ModelSpec spec = gatedModel(config, reader, "llama", shape, std::move(rope));
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
