#pragma once

#include "core/base/result.h"
#include "core/data/table.h"

#include <string>
#include <string_view>

namespace lathe {

/// What an index in the cache says about its rows beside their places. Of the table: columns, dropped rows,
/// notes, hash and format, but for its schema.
struct TableFacts {
    Table table;
    std::size_t unlistedDropped = 0;
    bool isTextInSource = false;
    std::uint64_t textSize = 0; ///< of the file that holds the rows
};

[[nodiscard]] std::string writeFacts(const TableFacts& facts);
/// Io error if the text is not what writeFacts() wrote.
[[nodiscard]] Result<TableFacts> readFacts(std::string_view text);

} // namespace lathe
