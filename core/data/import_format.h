#pragma once

#include "core/data/row.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lathe {

enum class TextEncoding { Utf8, Utf16Le, Utf16Be, Windows1252, Latin1 };

/// "utf-8", "utf-16le", "utf-16be", "windows-1252", "latin-1".
[[nodiscard]] std::string_view encodingName(TextEncoding encoding);
/// The encoding of that name, in any case of letters, or nothing.
[[nodiscard]] std::optional<TextEncoding> encodingNamed(std::string_view name);

/// What the rows of a file are, by their columns and values.
enum class RowSchema {
    Columns,    ///< none of the following
    Text,       ///< a column "text"
    Alpaca,     ///< instruction, output and perhaps input
    ShareGpt,   ///< a list of {"from", "value"}
    ChatMl,     ///< a list of {"role", "content"}
    Preference, ///< a chosen and a rejected answer
};

/// "columns", "text", "alpaca", "sharegpt", "chatml", "preference".
[[nodiscard]] std::string_view schemaName(RowSchema schema);

/// A value that was detected and how sure that is, from 0 to 1; or one that the user gave.
template <typename T>
struct Detected {
    T value{};
    double sureness = 1;
    bool isGiven = false;
};

/// Takes what the user gave, or else what was guessed.
template <typename T>
[[nodiscard]] Detected<T> givenOr(const std::optional<T>& given, Detected<T> guess) {
    return given ? Detected<T>{*given, 1, true} : guess;
}

/// How a file was read: each value can be given in ImportOptions instead.
struct DetectedFormat {
    Detected<std::string> reader; ///< id of a RowReader: "jsonl", "json", "json-columns", "csv", …
    Detected<TextEncoding> encoding;
    Detected<char> delimiter; ///< csv and tsv only, otherwise '\0'
    Detected<char> quote;     ///< '\0': a quote is a sign like any other
    Detected<bool> hasHeader;
    std::size_t columnCount = 0; ///< csv and tsv: cells of most rows at the beginning of the file
    Detected<std::string>
        arrayKey; ///< json only: the member that holds the rows; empty: the file is the array
    Detected<bool> isCutAtBlankLines; ///< text only: a row is a paragraph, otherwise a line
    Detected<RowSchema> schema;
    bool isCompressed = false; ///< gzip
    bool hasByteOrderMark = false;
};

/// What the user knows better than the detection, and where large files keep their index.
struct ImportOptions {
    std::optional<std::string> reader = {};
    std::optional<TextEncoding> encoding = {};
    std::optional<char> delimiter = {};
    std::optional<char> quote = {}; ///< '\0' for none
    std::optional<bool> hasHeader = {};
    std::optional<std::string> arrayKey = {};
    std::optional<bool> isCutAtBlankLines = {};

    /// Files up to this size are held in memory; larger ones are read from disk row by row.
    std::uint64_t memoryLimit = 16'000'000;
    std::filesystem::path cacheFolder = {}; ///< empty: datasetCacheFolder()
    /// The oldest entries of the folder are removed beyond this, which a note tells.
    std::uint64_t cacheLimit = 20'000'000'000;

    /// Called for each dropped row, also for those that Table::dropped has no room for; then what an earlier
    /// import left in the cache is not used.
    std::function<void(const DroppedRow&)> onDropped = {};
};

/// Something about the whole file that a user should know and that costs no row: how often, and where first.
struct ImportNote {
    std::string text;
    std::size_t count = 1;
    std::size_t line = 0; ///< 0: of no line
};

/// Bytes read of all bytes. Called by the importing thread, often.
using ImportProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

} // namespace lathe
