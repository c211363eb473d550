#pragma once

#include "core/analysis/allocation_history.h"

#include <filesystem>
#include <optional>

namespace lathe {

/// The files that a method which reallocates parameters keeps in its trial's folder.
inline constexpr const char* kAllocationRecord = "allocation.json";
inline constexpr const char* kAllocationHistoryRecord = "allocation_history.jsonl";

/// What they tell; nothing: no reallocation was recorded yet. A module that a line of the history does not
/// name was off, without a score. A line that is still being written is left out. Io or Input error naming
/// the file, the line and what is wrong with it.
[[nodiscard]] Result<std::optional<AllocationHistory>>
readAllocationHistory(const std::filesystem::path& folder);

} // namespace lathe
