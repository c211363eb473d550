#pragma once

#include <filesystem>
#include <string>
#include <string_view>

/// Private to core/store. A path below the database's folder is stored relative to it, so that a project
/// folder can be moved; any other is stored whole.
namespace lathe {

[[nodiscard]] inline std::string toStoredPath(const std::filesystem::path& database,
                                              const std::filesystem::path& path) {
    if (path.empty())
        return {};
    const auto whole = std::filesystem::absolute(path).lexically_normal();
    const auto root = std::filesystem::absolute(database).lexically_normal().parent_path();
    const auto relative = whole.lexically_relative(root);
    const bool isInside = !relative.empty() && *relative.begin() != "..";
    return isInside ? relative.generic_string() : whole.generic_string();
}

[[nodiscard]] inline std::filesystem::path fromStoredPath(const std::filesystem::path& database,
                                                          std::string_view stored) {
    return stored.empty() ? std::filesystem::path()
                          : std::filesystem::absolute(database).parent_path() / stored;
}

} // namespace lathe
