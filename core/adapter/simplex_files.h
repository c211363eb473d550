#pragma once

#include "core/adapter/peft_folder.h"
#include "core/adapter/simplex.h"

#include <map>

namespace lathe {

/// The files of a simplex beside those of its midpoint: simplex.safetensors and simplex_config.json.
struct SimplexFiles {
    SimplexSettings settings; ///< as far as the files tell
    std::map<std::string, at::Tensor> tensors;
    std::filesystem::path path; ///< of the tensors
};

/// Whether the folder has them.
[[nodiscard]] bool holdsSimplex(const PeftFolder& folder);
/// `vertices`: tensors with the vertices as the first dimension.
[[nodiscard]] Status writeSimplexFiles(const std::filesystem::path& folder, const SimplexSettings& settings,
                                       const std::vector<NamedTensor>& vertices);
/// Input error where one is missing, unreadable or names a scope that is not known. May throw what
/// nlohmann::json throws.
[[nodiscard]] Result<SimplexFiles> readSimplexFiles(const PeftFolder& folder);
/// Input error naming the first of these tensors that the folder's adapter has otherwise, but for rounding;
/// `file`: where the vertices are from.
[[nodiscard]] Status requireMidpoint(const PeftFolder& folder, const std::vector<NamedTensor>& midpoint,
                                     const std::filesystem::path& file);

} // namespace lathe
