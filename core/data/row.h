#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace lathe {

/// One row of a data file: column name → text. Strings are decoded, null is empty text; numbers, booleans and
/// nested values are kept as they are written.
using Row = std::map<std::string, std::string, std::less<>>;

/// A row that could not be used, with its place in the file (from 1) and why.
struct DroppedRow {
    std::size_t line = 0;
    std::string reason;
};

/// Where a row stands: its bytes in the text, and the line it begins in (in a Parquet file its number),
/// from 1.
struct RowPlace {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t line = 0;
};

} // namespace lathe
