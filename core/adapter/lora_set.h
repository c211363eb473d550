#pragma once

#include "core/base/result.h"

#include <ATen/core/Tensor.h>
#include <filesystem>
#include <map>
#include <string>

namespace lathe {

/// A low-rank product scale · B A for one module.
struct LoraProduct {
    at::Tensor a; ///< [R, in]
    at::Tensor b; ///< [out, R]
    double scale = 1;
    bool isTable = false; ///< of a token table, which has other names in files
};

/// What a LoRA folder adds to a model, without the model: products by module path. Such sets can be counted
/// with.
struct LoraSet {
    std::map<std::string, LoraProduct> products;
    std::map<std::string, at::Tensor> whole; ///< tensors of modules that are saved whole, by name in the file
    bool isConv1d = false;                   ///< the base keeps its projections transposed (fan_in_fan_out)
    std::string taskType = "CAUSAL_LM";
    std::string modulesToSave; ///< that setting as JSON
};

/// Input error as PeftFolder::read(); a folder that is no plain LoRA (DoRA, trained biases, PiSSA or OLoRA
/// that is not converted, the older fused layout), a product without its other half.
[[nodiscard]] Result<LoraSet> readLoraSet(const std::filesystem::path& folder);

/// Writes a PEFT folder; scales go into alpha, ranks that differ into rank_pattern. `baseModel`: its folder,
/// for the settings. Input error where there is no product.
[[nodiscard]] Status writeLoraSet(const std::filesystem::path& folder, const LoraSet& set,
                                  const std::filesystem::path& baseModel);

} // namespace lathe
