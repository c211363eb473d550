#pragma once

#include "core/data/import_format.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// What separates the cells of a line, and what encloses those that hold such a sign ('\0': nothing does).
struct Dialect {
    char delimiter = ',';
    char quote = '"';
};

/// A cell as it is written, without its quotes.
struct DelimitedCell {
    std::string_view text;
    bool hasDoubledQuotes = false;
    bool isQuoted = false;
};

/// One record at the beginning of a text: RFC 4180, and lines that end with LF alone. A quote within a cell
/// that does not begin with one is a sign like any other.
struct DelimitedRecord {
    enum class State {
        Complete,
        NeedsMore, ///< the text ends in it, and goes on elsewhere
        Open,      ///< a quote is not closed before the end of the text
        Broken,    ///< something stands between a closing quote and the next delimiter
    };
    State state = State::NeedsMore;
    std::size_t size = 0;   ///< with its line ending
    std::size_t inside = 0; ///< without
};
enum class TextEnd { Final, MayGoOn };
/// `cells` is cleared first; they are views into `text`.
[[nodiscard]] DelimitedRecord readRecord(std::string_view text, TextEnd end, const Dialect& dialect,
                                         std::vector<DelimitedCell>& cells);

/// The cell's text, doubled quotes halved.
[[nodiscard]] std::string cellText(const DelimitedCell& cell, char quote);

/// What a sample says about how its file is written.
struct DialectGuess {
    Detected<char> delimiter;
    Detected<char> quote;
    Detected<bool> hasHeader;
    std::size_t columns = 0; ///< cells of most records
    double shareOfThese = 0; ///< of the records that have so many
    std::size_t records = 0;
};
/// `usual`: the delimiter that the file's name promises. What `options` gives is taken.
[[nodiscard]] DialectGuess guessDialect(std::string_view sample, char usual, const ImportOptions& options);

} // namespace lathe
