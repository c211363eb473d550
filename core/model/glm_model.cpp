#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// One projection for gate and up.
void fuseGateAndUp(ModelSpec& spec, const GatedShape& shape) {
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer)
        spec.blocks[layer].mlp.inputs = {
            linear(layerPath("model.layers", static_cast<std::int64_t>(layer)) + "mlp.gate_up_proj",
                   shape.width, 2 * shape.feedForward, false)};
}

} // namespace

/// GLM-4, GLM Team 2024 (arXiv:2406.12793), as transformers' own class: half of each head turns, in
/// neighbouring pairs.
Result<ModelSpec> describeGlm(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.feedForward = 13696;
    shape.layers = 40;
    shape.keyValueHeads = 2;
    shape.headSize = 128;
    shape.vocabulary = 151552;
    shape.maxPositions = 131072;
    shape.normEps = 1.5625e-07;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    shape.hasInputBias = reader.flag("attention_bias", true);
    RopeSpec rope = readRope(config, reader, shape.headSize, 0.5);
    rope.isInterleaved = true;
    ModelSpec spec = gatedModel(config, reader, "glm", shape, std::move(rope));
    fuseGateAndUp(spec, shape);
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
