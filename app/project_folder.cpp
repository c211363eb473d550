#include "app/project_folder.h"

#include <cstdlib>
#include <string>

namespace lathe {

namespace fs = std::filesystem;

namespace {

fs::path dataHome() {
    // The XDG specification: a relative path there is invalid and counts as unset.
    if (const char* given = std::getenv("XDG_DATA_HOME"); given != nullptr && fs::path(given).is_absolute())
        return given;
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
        return fs::path(home) / ".local" / "share";
    return fs::current_path();
}

} // namespace

fs::path defaultProjectFolder() { return dataHome() / "lathe" / "projects" / "default"; }

fs::path databaseIn(const fs::path& project) { return project / "lathe.db"; }

fs::path trialFolderIn(const fs::path& project, TrialId trial) {
    return project / "runs" / std::to_string(trial.value);
}

} // namespace lathe
