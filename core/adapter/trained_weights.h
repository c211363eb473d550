#pragma once

#include "core/model/model_summary.h"
#include "core/params/param_value.h"

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// A weight of the base model that an adapter trains along with its own tensors.
struct TrainedWeight {
    std::string weight; ///< in the model
    std::string file;   ///< in the adapter's file
};

/// What PEFT's settings `bias` ("none", "all", "<method>_only") and `modules_to_save` (names of modules)
/// train of a model, with the names it gives them in files; `sites`: those the adapter is at. Input error:
/// another bias, a module that is not there and none of PEFT's own "classifier" and "score".
[[nodiscard]] Result<std::vector<TrainedWeight>> trainedWeights(const nlohmann::json& config,
                                                                const ModelSummary& model,
                                                                std::span<const Site> sites,
                                                                const std::string& where);
/// The same out of a recipe: `bias` "none", "all" or "adapted"; `modules` as in matchTargets(), empty: none.
[[nodiscard]] Result<std::vector<TrainedWeight>>
trainedWeights(const std::string& bias, const std::vector<std::string>& modules, const ModelSummary& model,
               std::span<const Site> sites, const std::string& where);
/// The weights of a head that tells labels apart, by the names PEFT gives them in files.
[[nodiscard]] std::vector<TrainedWeight> headWeights(const ModelSummary& model);
/// The same out of the options "bias", where a method has it, and "modules_to_save".
[[nodiscard]] Result<std::vector<TrainedWeight>>
trainedWeights(const ParamValues& values, const ModelSummary& model, std::span<const Site> sites);
/// What PEFT's files say of these two options: "bias" ("<method>_only" for those of the adapted modules) and
/// "modules_to_save".
[[nodiscard]] nlohmann::json trainedSettings(const ParamValues& values, const std::string& method);
/// How many numbers these are.
[[nodiscard]] std::int64_t countOf(std::span<const TrainedWeight> weights, const ModelSummary& model);

} // namespace lathe
