#pragma once

#include "core/model/spec_parts.h"

#include <functional>

namespace lathe {

/// The shape that LLaMA and its kin share: RMSNorm, rotary positions, gated feed-forward parts,
/// grouped-query attention. A family reads it with its defaults and changes what differs.
struct GatedShape {
    std::int64_t width = 4096, feedForward = 11008, layers = 32, heads = 32;
    std::int64_t keyValueHeads = 0; ///< 0: as many as heads
    std::int64_t headSize = 0;      ///< 0: width / heads
    std::int64_t vocabulary = 32000, maxPositions = 2048;
    double normEps = 1e-6;
    bool hasInputBias = false, hasOutputBias = false, hasMlpBias = false;
    bool hasTiedHead = false;
    Activation activation = Activation::Silu;
    NormSpec::Kind norm = NormSpec::Kind::Rms;
};

/// Reads the usual keys over the given defaults; biases and the activation are the family's to read.
void readGatedShape(const nlohmann::json& config, ConfigReader& reader, GatedShape& shape);

/// A model of this shape under the names of the LLaMA class. `rope`: already read.
[[nodiscard]] ModelSpec gatedModel(const nlohmann::json& config, ConfigReader& reader, std::string family,
                                   const GatedShape& shape, RopeSpec rope);

/// Sliding windows by `layer_types`, or by `byLayer` where that key is absent.
void readWindows(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec, std::int64_t window,
                 const std::function<bool(std::int64_t)>& byLayer);

} // namespace lathe
