#include "core/data/delimited.h"

#include <algorithm>
#include <optional>

namespace lathe {

namespace {

using State = DelimitedRecord::State;

/// The line ending at `at`: 1 for LF, 2 for CRLF, otherwise 0.
std::size_t lineEndingAt(std::string_view text, std::size_t at) {
    if (text[at] == '\n')
        return 1;
    return text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 0;
}

/// The position of the quote that closes the cell whose inside begins at `from`. Nothing if the text ends
/// first, or perhaps ends within a doubled quote.
std::optional<std::size_t> closingQuote(std::string_view text, std::size_t from, TextEnd end, char quote,
                                        DelimitedCell& cell) {
    while (true) {
        const std::size_t at = text.find(quote, from);
        if (at == std::string_view::npos || (at + 1 == text.size() && end == TextEnd::MayGoOn))
            return std::nullopt;
        if (at + 1 == text.size() || text[at + 1] != quote)
            return at;
        cell.hasDoubledQuotes = true;
        from = at + 2;
    }
}

/// Where the cell ends, behind its closing quote. Nothing if the text ends first.
std::optional<std::size_t> readQuotedCell(std::string_view text, std::size_t from, TextEnd end, char quote,
                                          DelimitedCell& cell) {
    const auto closing = closingQuote(text, from + 1, end, quote, cell);
    if (!closing)
        return std::nullopt;
    cell.text = text.substr(from + 1, *closing - from - 1);
    cell.isQuoted = true;
    return *closing + 1;
}

/// The same for a cell without quotes, which always ends.
std::optional<std::size_t> readPlainCell(std::string_view text, std::size_t from, char delimiter,
                                         DelimitedCell& cell) {
    std::size_t end = from;
    while (end < text.size() && text[end] != delimiter && text[end] != '\n')
        ++end;
    const bool isLast = end == text.size() || text[end] == '\n';
    if (isLast && end > from && text[end - 1] == '\r')
        --end;
    cell.text = text.substr(from, end - from);
    return end;
}

} // namespace

DelimitedRecord readRecord(std::string_view text, TextEnd end, const Dialect& dialect,
                           std::vector<DelimitedCell>& cells) {
    cells.clear();
    const DelimitedRecord unfinished{end == TextEnd::Final ? State::Open : State::NeedsMore, 0, 0};
    std::size_t at = 0;
    while (true) {
        DelimitedCell cell;
        const bool isQuoted = dialect.quote != '\0' && at < text.size() && text[at] == dialect.quote;
        const auto cellEnd = isQuoted ? readQuotedCell(text, at, end, dialect.quote, cell)
                                      : readPlainCell(text, at, dialect.delimiter, cell);
        if (!cellEnd)
            return unfinished;
        cells.push_back(cell);
        if (*cellEnd < text.size() && text[*cellEnd] == dialect.delimiter) {
            at = *cellEnd + 1;
            continue;
        }
        const std::string_view rest = text.substr(*cellEnd);
        if (rest.empty() || rest == "\r")
            return end == TextEnd::Final ? DelimitedRecord{State::Complete, text.size(), *cellEnd}
                                         : unfinished;
        const std::size_t ending = lineEndingAt(text, *cellEnd);
        return {ending == 0 ? State::Broken : State::Complete, *cellEnd + ending, *cellEnd};
    }
}

std::string cellText(const DelimitedCell& cell, char quote) {
    std::string text(cell.text);
    if (!cell.hasDoubledQuotes)
        return text;
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[end++] = text[i];
        if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote)
            ++i;
    }
    text.resize(end);
    return text;
}

} // namespace lathe
