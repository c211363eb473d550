#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lathe {

/// One row of a data file: column name → text. Numbers and booleans are kept as they were written.
using Row = std::map<std::string, std::string, std::less<>>;

/// A row that could not be used, with its place in the file (from 1) and why.
struct DroppedRow {
    std::size_t line = 0;
    std::string reason;
};

/// What was read from a data file, and what was not.
struct Table {
    std::filesystem::path source;
    std::vector<std::string> columns; ///< in order of first appearance
    std::vector<Row> rows;
    std::vector<std::size_t> lines; ///< line (or array index, from 1) of each row
    std::vector<DroppedRow> dropped;
    std::string sha256; ///< of the file's bytes
};

/// Reads .jsonl, .json (an array of objects) or .txt (column "text", one row a blank-line separated
/// paragraph; or one a line where there is no blank line). Input error: missing file, unknown ending (the
/// known ones are listed), not one usable row.
[[nodiscard]] Result<Table> readTable(const std::filesystem::path& file);

} // namespace lathe
