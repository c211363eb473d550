#include "core/data/table.h"

#include "core/base/files.h"
#include "core/data/json_slices.h"
#include "core/data/utf8.h"

#include <algorithm>
#include <cctype>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Line {
    std::size_t number = 0;
    std::string_view text;
};

/// Lines without their ending, be it LF or CRLF; a last line without one counts too.
std::vector<Line> splitLines(std::string_view content) {
    std::vector<Line> lines;
    while (!content.empty()) {
        const std::size_t end = std::min(content.find('\n'), content.size());
        std::string_view text = content.substr(0, end);
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        lines.push_back({lines.size() + 1, text});
        content.remove_prefix(std::min(end + 1, content.size()));
    }
    return lines;
}

bool isBlank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

void keep(Table& table, std::size_t line, Row row) { table.add(std::move(row), line); }

void addColumn(Table& table, const std::string& name) {
    if (std::find(table.columns.begin(), table.columns.end(), name) == table.columns.end())
        table.columns.push_back(name);
}

void addObject(Table& table, std::size_t line, std::string_view text) {
    if (const auto bad = firstInvalidUtf8(text)) {
        table.dropped.push_back({line, "not valid UTF-8 at byte " + std::to_string(*bad + 1)});
        return;
    }
    auto members = readJsonObject(text);
    if (!members) {
        table.dropped.push_back({line, members.error().message});
        return;
    }
    if (std::all_of(members->begin(), members->end(), [](const auto& m) { return m.second.empty(); })) {
        table.dropped.push_back({line, "the row is empty"});
        return;
    }
    Row row;
    for (auto& [key, value] : *members) {
        addColumn(table, key);
        row.emplace(std::move(key), std::move(value));
    }
    keep(table, line, std::move(row));
}

Status readJsonLines(Table& table, std::string_view content) {
    std::vector<Line> lines = splitLines(content);
    while (!lines.empty() && isBlank(lines.back().text))
        lines.pop_back(); // blank lines at the end are no rows
    for (const Line& line : lines) {
        if (isBlank(line.text))
            table.dropped.push_back({line.number, "the line is empty"});
        else
            addObject(table, line.number, line.text);
    }
    if (table.size() == 0 && !lines.empty() && lines.front().text.starts_with('['))
        return inputError(table.source.string(),
                          "begins with '['; for an array of objects use the ending .json");
    return ok();
}

Status readJsonArray(Table& table, std::string_view content) {
    const auto slices = sliceJsonArray(content);
    if (!slices)
        return inputError(table.source.string(), slices.error().message);
    std::size_t line = 1;
    std::size_t counted = 0;
    for (const JsonSlice& slice : *slices) {
        const auto begin = content.begin();
        line +=
            static_cast<std::size_t>(std::count(begin + static_cast<std::ptrdiff_t>(counted),
                                                begin + static_cast<std::ptrdiff_t>(slice.position), '\n'));
        counted = slice.position;
        addObject(table, line, slice.text);
    }
    return ok();
}

void addText(Table& table, std::size_t line, std::string text) {
    if (const auto bad = firstInvalidUtf8(text)) {
        const auto before = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*bad), '\n');
        table.dropped.push_back({line + static_cast<std::size_t>(before), "not valid UTF-8"});
        return;
    }
    keep(table, line, Row{{"text", std::move(text)}});
}

Status readPlainText(Table& table, std::string_view content) {
    table.columns = {"text"};
    std::vector<Line> lines = splitLines(content);
    while (!lines.empty() && isBlank(lines.back().text))
        lines.pop_back();
    const bool hasParagraphs =
        std::any_of(lines.begin(), lines.end(), [](const Line& line) { return isBlank(line.text); });
    std::string paragraph;
    std::size_t firstLine = 0;
    const auto finishParagraph = [&] {
        if (!paragraph.empty())
            addText(table, firstLine, std::exchange(paragraph, {}));
    };
    for (const Line& line : lines) {
        if (!hasParagraphs || isBlank(line.text))
            finishParagraph();
        if (isBlank(line.text))
            continue;
        if (paragraph.empty())
            firstLine = line.number;
        else
            paragraph += '\n';
        paragraph += line.text;
    }
    finishParagraph();
    return ok();
}

std::string lowerCaseEnding(const fs::path& file) {
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char sign) { return static_cast<char>(std::tolower(sign)); });
    return ending;
}

Status readRows(Table& table, std::string_view content) {
    const std::string ending = lowerCaseEnding(table.source);
    if (content.starts_with("\xFF\xFE") || content.starts_with("\xFE\xFF"))
        return inputError(table.source.string(), "is UTF-16 text; save it as UTF-8");
    if (content.starts_with(kByteOrderMark))
        content.remove_prefix(kByteOrderMark.size());
    if (isBlank(content))
        return inputError(table.source.string(), "is empty; a data file needs at least one row");
    if (ending == ".jsonl")
        return readJsonLines(table, content);
    if (ending == ".json")
        return readJsonArray(table, content);
    return readPlainText(table, content);
}

} // namespace

Result<Table> readTable(const fs::path& file) {
    const std::string ending = lowerCaseEnding(file);
    if (ending != ".jsonl" && ending != ".json" && ending != ".txt")
        return inputError(file.string(),
                          (ending.empty() ? "has no file name ending" : "has the unknown ending " + ending) +
                              std::string("; known are .jsonl, .json and .txt"));
    std::error_code unreadable;
    if (!fs::exists(file, unreadable))
        return inputError(file.string(), "does not exist; give a data file (.jsonl, .json or .txt)");
    LATHE_ASSIGN(const std::string content, readFile(file));
    Table table;
    table.source = file;
    table.sha256 = sha256(content);
    LATHE_TRY(readRows(table, content));
    if (table.size() == 0)
        return inputError(file.string(), table.dropped.empty()
                                             ? "has no row; a data file needs at least one"
                                             : "has no usable row; the first problem is in line " +
                                                   std::to_string(table.dropped.front().line) + ": " +
                                                   table.dropped.front().reason);
    return table;
}

} // namespace lathe
