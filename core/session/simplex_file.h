#pragma once

#include "core/analysis/simplex_loss.h"

#include <filesystem>
#include <optional>

namespace lathe {

/// What a method that trains a simplex leaves in its trial's folder.
inline constexpr const char* kSimplexLossRecord = "simplex_loss.json";

/// What it tells; nothing: it is not there yet. Io or Input error naming the file and what is wrong with it.
[[nodiscard]] Result<std::optional<SimplexLoss>> readSimplexLoss(const std::filesystem::path& folder);

} // namespace lathe
