#include "core/model/architecture.h"
#include "core/model/llama_family.h"

#include <nlohmann/json.hpp>

namespace lathe {

/// Mistral, Jiang et al. 2023 (arXiv:2310.06825): LLaMA with a sliding window.
Result<ModelSpec> describeMistral(const nlohmann::json& config) {
    ConfigReader reader(config);
    GatedShape shape;
    shape.feedForward = 14336;
    shape.keyValueHeads = 8;
    shape.maxPositions = 131072;
    readGatedShape(config, reader, shape);
    shape.activation = readActivation(reader, "hidden_act", "silu");
    RopeSpec rope = readRope(config, reader, shape.headSize);
    ModelSpec spec = gatedModel(config, reader, "mistral", shape, std::move(rope));
    const bool isFull = config.contains("sliding_window") && config["sliding_window"].is_null();
    const std::int64_t window = isFull ? 0 : reader.size("sliding_window", 4096);
    readWindows(config, reader, spec, window, [window](std::int64_t) { return window > 0; });
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe
