#pragma once

#include <span>
#include <string>
#include <vector>

namespace lathe {

/// A projection of a model, and whether the recipe's adapter is there.
struct AdapterPlace {
    std::string name;   ///< "model.layers.0.self_attn.q_proj"
    std::string column; ///< its path inside of the layer, "self_attn.q_proj"; outside of them its name
    int layer = -1;     ///< -1: before, behind or beside the layers
    bool isFeedForward = false;
    bool isOn = false;
    bool operator==(const AdapterPlace&) const = default;
};

/// The recipe's fields that say where an adapter goes.
struct TargetTexts {
    std::string modules; ///< "target_modules"
    std::string layers;  ///< "target_layers"
    std::string exclude; ///< "exclude_modules"
    bool operator==(const TargetTexts&) const = default;
};

/// The shortest texts that mean exactly the places that are on: "all-linear" where all are; modules and
/// layers where the layers are alike; else modules without single places. No module where nothing is on.
[[nodiscard]] TargetTexts targetTexts(std::span<const AdapterPlace> places);

} // namespace lathe
