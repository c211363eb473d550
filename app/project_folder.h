#pragma once

#include "core/base/ids.h"

#include <filesystem>

namespace lathe {

/// Where a project keeps what it writes. The window and the command line use the same places, so that either
/// sees what the other has done.
/// ${XDG_DATA_HOME:-~/.local/share}/lathe/projects/default
[[nodiscard]] std::filesystem::path defaultProjectFolder();
[[nodiscard]] std::filesystem::path databaseIn(const std::filesystem::path& project);
[[nodiscard]] std::filesystem::path trialFolderIn(const std::filesystem::path& project, TrialId trial);

} // namespace lathe
