#include "core/tasks/glue_file.h"

#include "core/base/files.h"
#include "core/data/utf8.h"

#include <algorithm>

namespace lathe {

namespace {

std::vector<std::string> cellsOf(std::string_view line) {
    std::vector<std::string> cells;
    while (true) {
        const std::size_t tab = line.find('\t');
        cells.emplace_back(line.substr(0, tab));
        if (tab == std::string_view::npos)
            return cells;
        line.remove_prefix(tab + 1);
    }
}

void addLine(Table& table, std::size_t number, std::string_view line) {
    if (firstInvalidUtf8(line)) {
        table.dropped.push_back({number, "not valid UTF-8"});
        return;
    }
    std::vector<std::string> cells = cellsOf(line);
    if (cells.size() < table.columns.size()) {
        table.dropped.push_back({number, "has " + std::to_string(cells.size()) + " of " +
                                             std::to_string(table.columns.size()) + " columns"});
        return;
    }
    Row row;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        row[table.columns[i]] = std::move(cells[i]);
    table.add(std::move(row), number);
}

} // namespace

Result<Table> readGlueFile(const std::filesystem::path& file, const std::vector<std::string>& headerless) {
    LATHE_ASSIGN(const std::string content, readFile(file));
    Table table;
    table.source = file;
    table.sha256 = sha256(content);
    std::string_view rest = content;
    if (rest.starts_with("\xEF\xBB\xBF"))
        rest.remove_prefix(3);
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const bool isHeader = number == 1 && (headerless.empty() || line.starts_with("index\t") ||
                                              line.starts_with("sentence\t"));
        if (number == 1)
            table.columns = isHeader ? cellsOf(line) : headerless;
        if (!isHeader)
            addLine(table, number, line);
    }
    if (table.size() == 0)
        return inputError(file.string(), "has no usable row; a file of GLUE has tab-separated lines");
    return table;
}

} // namespace lathe
