#include "tests/support/shared_files.h"

#include <cstdlib>

namespace lathe::test {

namespace fs = std::filesystem;

fs::path sharedDir() {
    if (const char* given = std::getenv("LATHE_SHARED"); given && *given)
        return given;
    return fs::path(LATHE_SOURCE_DIR).parent_path() / "shared";
}

fs::path sharedFile(std::string_view relative) { return sharedDir() / relative; }

fs::path sourceFile(std::string_view relative) { return fs::path(LATHE_SOURCE_DIR) / relative; }

bool hasShared(std::string_view relative) {
    std::error_code unreadable;
    return fs::exists(sharedFile(relative), unreadable);
}

} // namespace lathe::test
