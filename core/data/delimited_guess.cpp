#include "core/data/delimited.h"
#include "core/data/text_window.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

namespace lathe {

namespace {

constexpr std::size_t kSampleSize = 1'000'000;
constexpr std::array<char, 4> kDelimiters{',', '\t', ';', '|'};

/// A sample read in one dialect.
struct Reading {
    std::size_t records = 0;
    std::size_t broken = 0; // records, of which the first line is passed over
    std::size_t columns = 0;
    double share = 0; // of records with so many cells, broken ones counted as others
    std::size_t cells = 0;
    std::size_t quoted = 0;
    std::size_t needed = 0; // of these, how many could not stand without quotes
};

void countQuotes(Reading& reading, const std::vector<DelimitedCell>& cells, const Dialect& dialect) {
    const std::array<char, 2> separators{dialect.delimiter, '\n'};
    for (const DelimitedCell& cell : cells) {
        ++reading.cells;
        reading.quoted += cell.isQuoted ? 1U : 0U;
        const bool isNeeded =
            cell.hasDoubledQuotes ||
            cell.text.find_first_of({separators.data(), separators.size()}) != std::string_view::npos;
        reading.needed += cell.isQuoted && isNeeded ? 1U : 0U;
    }
}

Reading readSample(std::string_view text, const Dialect& dialect) {
    Reading reading;
    std::map<std::size_t, std::size_t> counts;
    std::vector<DelimitedCell> cells;
    while (!text.empty()) {
        const DelimitedRecord record = readRecord(text, TextEnd::Final, dialect, cells);
        const std::size_t line = std::min(text.find('\n') + 1, text.size());
        if (record.state != DelimitedRecord::State::Complete) {
            ++reading.broken;
            text.remove_prefix(line == 0 ? text.size() : line);
            continue;
        }
        text.remove_prefix(record.size);
        if (cells.size() == 1 && isBlank(cells.front().text))
            continue;
        ++reading.records;
        ++counts[cells.size()];
        countQuotes(reading, cells, dialect);
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == counts.end())
        return reading;
    reading.columns = most->first;
    reading.share = static_cast<double>(most->second) / static_cast<double>(reading.records + reading.broken);
    return reading;
}

/// Files with tabs mostly have no quoting, and quotes in them are signs of the text: there quoting must show
/// that it is one, by cells that need it or by all cells having it.
bool isQuoting(const Reading& with, const Reading& without, char delimiter) {
    constexpr double kNearlyAll = 0.9;
    if (with.quoted == 0)
        return delimiter != '\t';
    if (delimiter == '\t')
        return with.broken == 0 && (with.needed > 0 || static_cast<double>(with.quoted) >
                                                           kNearlyAll * static_cast<double>(with.cells));
    return with.share >= without.share || with.quoted >= with.broken;
}

Detected<char> guessQuote(const Reading& with, const Reading& without, char delimiter) {
    const bool isUsed = isQuoting(with, without, delimiter);
    const bool isClear = with.quoted == 0 || (isUsed ? with.needed > 0 && with.broken == 0 : with.broken > 0);
    return {isUsed ? '"' : '\0', isClear ? 0.95 : 0.7};
}

bool isNumber(const std::string& text) {
    char* end = nullptr;
    std::strtod(text.c_str(), &end);
    return end != text.c_str() && *end == '\0';
}

/// The cells of the first records.
std::vector<std::vector<std::string>> firstRecords(std::string_view text, const Dialect& dialect) {
    constexpr std::size_t kMost = 200;
    std::vector<std::vector<std::string>> records;
    std::vector<DelimitedCell> cells;
    while (!text.empty() && records.size() < kMost) {
        const DelimitedRecord record = readRecord(text, TextEnd::Final, dialect, cells);
        if (record.state != DelimitedRecord::State::Complete)
            break;
        text.remove_prefix(record.size);
        if (cells.size() == 1 && isBlank(cells.front().text))
            continue;
        records.emplace_back();
        for (const DelimitedCell& cell : cells)
            records.back().push_back(cellText(cell, dialect.quote));
    }
    return records;
}

/// A header names its columns: each name once, short, no number, and none of them comes again as a value of
/// its column. It is surest where a column of numbers has a name.
Detected<bool> guessHeader(const std::vector<std::vector<std::string>>& records) {
    constexpr std::size_t kLongestName = 64;
    if (records.empty())
        return {true, 0.5};
    const std::vector<std::string>& names = records.front();
    if (std::set<std::string>(names.begin(), names.end()).size() < names.size())
        return {false, 0.9};
    bool hasNumbers = false;
    for (std::size_t column = 0; column < names.size(); ++column) {
        const std::string& name = names[column];
        if (isBlank(name) || isNumber(name) || name.size() > kLongestName)
            return {false, isNumber(name) ? 0.95 : 0.8};
        std::size_t numbers = 0;
        for (std::size_t i = 1; i < records.size(); ++i) {
            if (records[i].size() <= column || records[i] == names) // joined files have their header twice
                continue;
            if (records[i][column] == name)
                return {false, 0.9};
            numbers += isNumber(records[i][column]) ? 1U : 0U;
        }
        hasNumbers |= records.size() > 1 && 2 * numbers > records.size() - 1;
    }
    const bool isBare = std::all_of(names.begin(), names.end(), [](const std::string& name) {
        return name.find_first_of(" .!?") == std::string::npos;
    });
    return {true, hasNumbers ? 0.95 : isBare ? 0.8 : 0.6};
}

} // namespace

DialectGuess guessDialect(std::string_view sample, char usual, const ImportOptions& options) {
    sample = sample.substr(0, kSampleSize);
    if (sample.size() == kSampleSize) // what the cut left of the last line is no line
        sample = sample.substr(0, sample.rfind('\n') + 1);
    DialectGuess best;
    double bestScore = -1;
    for (const char delimiter : kDelimiters) {
        if (options.delimiter && delimiter != kDelimiters.front())
            break;
        const char tried = options.delimiter.value_or(delimiter);
        const Reading with = readSample(sample, {tried, '"'});
        const Reading without = readSample(sample, {tried, '\0'});
        const Detected<char> quote = givenOr(options.quote, guessQuote(with, without, tried));
        const Reading& reading = quote.value == '\0' ? without : with;
        constexpr double kPromised = 0.1;
        const double score = (reading.columns > 1 ? reading.share : 0) + (tried == usual ? kPromised : 0);
        if (score <= bestScore)
            continue;
        bestScore = score;
        best.delimiter = givenOr(options.delimiter, {tried, reading.columns > 1 ? reading.share : 0.5});
        best.quote = quote;
        best.columns = reading.columns;
        best.shareOfThese = reading.share;
        best.records = reading.records;
    }
    const Dialect dialect{best.delimiter.value, best.quote.value};
    best.hasHeader = givenOr(options.hasHeader, guessHeader(firstRecords(sample, dialect)));
    return best;
}

} // namespace lathe
