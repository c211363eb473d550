#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lathe {

/// One row of a data file: column name → text. Strings are decoded, null is empty text; numbers, booleans and
/// nested values are kept as they are written.
using Row = std::map<std::string, std::string, std::less<>>;

/// A row that could not be used, with its place in the file (from 1) and why.
struct DroppedRow {
    std::size_t line = 0;
    std::string reason;
};

/// What was read from a data file, and what was not. Reading rows is allowed from several threads at once.
class Table {
public:
    std::filesystem::path source;
    std::vector<std::string> columns; ///< in order of first appearance
    std::vector<DroppedRow> dropped;
    std::string sha256; ///< of the file's bytes

    [[nodiscard]] std::size_t size() const { return m_rows.size(); }
    /// Contract: index < size().
    [[nodiscard]] Row row(std::size_t index) const { return m_rows.at(index); }
    /// Where the row begins in the file, from 1.
    [[nodiscard]] std::size_t line(std::size_t index) const { return m_lines.at(index); }
    void add(Row row, std::size_t line) {
        m_rows.push_back(std::move(row));
        m_lines.push_back(line);
    }

private:
    std::vector<Row> m_rows;
    std::vector<std::size_t> m_lines;
};

/// Reads .jsonl, .json (an array of objects) or .txt (column "text", one row a blank-line separated
/// paragraph; or one a line where there is no blank line). UTF-8, with or without a byte order mark; LF or
/// CRLF. A row that is broken, no object, empty or not UTF-8 is dropped with its line and the reason; blank
/// lines at the end are no rows. Input error: missing or empty file, unknown ending (the known ones are
/// listed), UTF-16, an array that does not close, not one usable row (the first reason is told).
[[nodiscard]] Result<Table> readTable(const std::filesystem::path& file);

} // namespace lathe
