#pragma once

#include "core/params/param_schema.h"

#include <filesystem>
#include <span>

namespace lathe {

/// Reads a recipe: a JSON object of schema keys. Relative files and folders in it count from the recipe's own
/// folder, so that a recipe and its data can be moved together. Input error naming the file and what is
/// wrong; ranges are validate()'s business.
[[nodiscard]] Result<ParamValues> readRecipeFile(const std::filesystem::path& file,
                                                 std::span<const ParamSpec> schema);

/// Relative files and folders of a recipe as absolute ones below `base`: a run must find them again from
/// another working folder.
void makePathsAbsolute(ParamValues& values, std::span<const ParamSpec> schema,
                       const std::filesystem::path& base);

} // namespace lathe
