#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace lathe {

/// What to do with a file of the name that an export is to have.
enum class Existing { Refuse, Replace };

/// Whether an export may be written there. Input error: a file of the name is there and not to be replaced, a
/// folder is there, or a Lathe database, which is never replaced.
[[nodiscard]] Status checkExportTarget(const std::filesystem::path& target, Existing existing);

} // namespace lathe
