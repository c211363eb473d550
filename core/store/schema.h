#pragma once

#include "core/base/result.h"
#include "core/store/sqlite.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

/// Private to core/store: what the tables are, and how a file becomes one of ours.
namespace lathe::sql {

/// "LATH" in the file's header: tells our databases from those of other programs.
inline constexpr std::int64_t kApplicationId = 0x4C415448;

/// The statements that lead from the version before to this one.
struct Migration {
    std::int64_t version = 0;
    std::vector<const char*> statements;
};

/// From version 1 on, in order. A published entry is never edited: a change is a new entry at the end.
[[nodiscard]] std::span<const Migration> migrations();
[[nodiscard]] std::int64_t latestVersion(std::span<const Migration> list);

/// What the first bytes of the file say, without opening it as a database: SQLite may write to a file merely
/// because it was opened.
struct FileState {
    bool exists = false; ///< false also for an empty file
    std::int64_t version = 0;
};
/// Database error, nothing touched: not an SQLite file, another program's, or from a later version.
[[nodiscard]] Result<FileState> inspectFile(const std::filesystem::path& path);

/// Makes a new database under another name and renames it when it is whole, so that a crash leaves none.
[[nodiscard]] Status createFile(const std::filesystem::path& path);

/// Runs what is missing, each migration in one transaction. Error if the file's version is later than the
/// list's last.
[[nodiscard]] Status migrate(Database& database, std::span<const Migration> list);

} // namespace lathe::sql
