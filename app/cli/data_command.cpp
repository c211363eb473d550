#include "app/cli/command_set.h"
#include "app/cli/data_flags.h"
#include "app/cli/stop_signal.h"
#include "app/cli/text_table.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/data/cache_file.h"
#include "core/data/column_roles.h"
#include "core/data/json_text.h"
#include "core/data/table.h"
#include "core/data/utf8.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <unistd.h>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kExamplesShown = 3;
constexpr std::size_t kReasonsShown = 20;
constexpr std::size_t kLongestExample = 60;

struct DataRequest {
    std::string file;
    DataFlags flags;
    std::string convertTo;
    std::string droppedTo;
};

/// The beginning of a text in one line, cut between characters.
std::string shortened(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char sign) { return sign < 0x20; }, ' ');
    if (text.size() <= kLongestExample)
        return text;
    return std::string(utf8Beginning(text, kLongestExample)) + "…";
}

/// Values of the column in the first rows that have one.
std::vector<std::string> examplesOf(const Table& table, const std::string& column) {
    constexpr std::size_t kRowsLookedAt = 100;
    std::vector<std::string> examples;
    for (std::size_t i = 0; i < std::min(table.size(), kRowsLookedAt) && examples.size() < kExamplesShown;
         ++i) {
        const Row row = table.row(i);
        if (const auto cell = row.find(column); cell != row.end() && !cell->second.empty())
            examples.push_back(shortened(cell->second));
    }
    return examples;
}

struct ReasonCount {
    std::string reason; // of the first row
    std::size_t rows = 0;
    std::size_t firstLine = 0;
};

/// Reasons that differ in numbers only count as one; the most frequent first.
std::vector<ReasonCount> reasonsOf(const Table& table) {
    std::map<std::string, ReasonCount> byKind;
    for (const DroppedRow& row : table.dropped) {
        std::string kind = row.reason.substr(0, row.reason.find(':'));
        std::erase_if(kind, [](unsigned char sign) { return sign >= '0' && sign <= '9'; });
        ReasonCount& count = byKind[kind];
        if (count.rows++ == 0)
            count = {row.reason, 1, row.line};
    }
    std::vector<ReasonCount> counts;
    for (auto& [kind, count] : byKind)
        counts.push_back(std::move(count));
    std::sort(counts.begin(), counts.end(),
              [](const ReasonCount& a, const ReasonCount& b) { return a.rows > b.rows; });
    return counts;
}

/// What a training takes each column for, where its recipe says nothing else; without those it leaves alone.
std::map<std::string, std::string> roleOfColumn(const Table& table) {
    std::map<std::string, std::string> roles;
    for (const auto& [role, column] : guessRoles(table))
        roles[column] = roleId(role);
    return roles;
}

Json jsonOf(const Table& table) {
    const auto roles = roleOfColumn(table);
    Json columns = Json::array();
    for (const std::string& column : table.columns) {
        columns.push_back({{"name", column}, {"examples", examplesOf(table, column)}});
        if (const auto role = roles.find(column); role != roles.end())
            columns.back()["role"] = role->second;
    }
    Json reasons = Json::array();
    for (const ReasonCount& count : reasonsOf(table))
        reasons.push_back({{"reason", count.reason}, {"rows", count.rows}, {"first_line", count.firstLine}});
    Json notes = Json::array();
    for (const ImportNote& note : table.notes)
        notes.push_back({{"note", note.text}, {"count", note.count}, {"first_line", note.line}});
    return {{"file", table.source.string()},      {"sha256", table.sha256},
            {"format", formatJson(table.format)}, {"rows", table.size()},
            {"dropped", table.droppedCount()},    {"reasons", std::move(reasons)},
            {"columns", std::move(columns)},      {"notes", std::move(notes)}};
}

/// Without the last line ending, which say() adds.
std::string tableText(const std::vector<std::vector<std::string>>& rows) {
    std::string text = textTable(rows);
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

void sayFindings(const Terminal& terminal, const Table& table) {
    std::vector<std::vector<std::string>> format{{"detected", "value", "sure"}};
    for (auto& line : formatLines(table.format))
        format.push_back(std::move(line));
    terminal.say(table.source.string());
    terminal.say(tableText(format));
    const auto roles = roleOfColumn(table);
    std::vector<std::vector<std::string>> columns{{"column", "read as", "examples"}};
    for (const std::string& column : table.columns) {
        const std::vector<std::string> examples = examplesOf(table, column);
        std::string text;
        for (const std::string& example : examples)
            text += (text.empty() ? "" : " | ") + example;
        const auto role = roles.find(column);
        columns.push_back({column, role == roles.end() ? "" : role->second, text});
    }
    terminal.say(tableText(columns));
    terminal.say(std::to_string(table.size()) + " rows used, " + std::to_string(table.droppedCount()) +
                 " dropped");
    const std::vector<ReasonCount> reasons = reasonsOf(table);
    for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i)
        terminal.say("  " + std::to_string(reasons[i].rows) + " × " + reasons[i].reason + " (first in line " +
                     std::to_string(reasons[i].firstLine) + ")");
    if (reasons.size() > kReasonsShown)
        terminal.say("  and " + std::to_string(reasons.size() - kReasonsShown) +
                     " other reasons: --dropped FILE.csv lists all");
    for (const ImportNote& note : table.notes)
        terminal.say("note: " + note.text +
                     (note.count > 1 ? " (" + std::to_string(note.count) + " times)" : ""));
}

/// A row as a line of JSON, its columns in the table's order. All values are texts.
std::string jsonLine(const Row& row, const std::vector<std::string>& columns) {
    std::string line = "{";
    for (const std::string& column : columns)
        if (const auto cell = row.find(column); cell != row.end())
            line += (line.size() > 1 ? ", " : "") + quotedJson(column) + ": " + quotedJson(cell->second);
    return line + "}\n";
}

Status convert(const Table& table, const std::string& file, const std::stop_token& stop) {
    std::size_t next = 0;
    std::string part;
    return writeFileAtomically(file, [&]() -> Result<std::optional<std::string_view>> {
        constexpr std::size_t kPart = 1'000'000;
        if (stop.stop_requested())
            return Error{Error::Kind::Cancelled, file, "the conversion was cancelled"};
        part.clear();
        while (next < table.size() && part.size() < kPart)
            part += jsonLine(table.row(next++), table.columns);
        return part.empty() ? std::nullopt : std::optional<std::string_view>(part);
    });
}

/// The dropped rows as CSV, written while the file is read: they may be more than memory holds.
class DroppedFile {
public:
    Status open(const std::string& file) {
        m_path = std::filesystem::absolute(file);
        LATHE_ASSIGN(m_writer, CacheFileWriter::create(m_path.parent_path()));
        return m_writer->append("line,reason\n");
    }
    void add(const DroppedRow& row) {
        if (m_status)
            m_status = m_writer->append(std::to_string(row.line) + "," + csvField(row.reason) + "\n");
    }
    Status finish(const std::stop_token& stop) {
        LATHE_TRY(m_status);
        return m_writer->commit(m_path.filename(), stop);
    }

private:
    std::filesystem::path m_path;
    std::unique_ptr<CacheFileWriter> m_writer;
    Status m_status = ok();
};

/// Redraws a line on a terminal; elsewhere nothing.
ImportProgress progressLine() {
    if (::isatty(STDERR_FILENO) == 0)
        return {};
    return [drawn = std::chrono::steady_clock::time_point()](std::uint64_t done, std::uint64_t all) mutable {
        const auto now = std::chrono::steady_clock::now();
        if (now - drawn < std::chrono::milliseconds(100) || all == 0)
            return;
        drawn = now;
        std::fprintf(stderr, "\r%3.0f %% of %.0f MB\r",
                     100.0 * static_cast<double>(done) / static_cast<double>(all),
                     static_cast<double>(all) / 1e6);
    };
}

ExitCode showData(const Terminal& terminal, const DataRequest& request) {
    auto options = importOptions(request.flags);
    if (!options)
        return terminal.refuse(options.error());
    DroppedFile dropped;
    if (!request.droppedTo.empty()) {
        if (const Status opened = dropped.open(request.droppedTo); !opened)
            return terminal.refuse(opened.error());
        options->onDropped = [&dropped](const DroppedRow& row) { dropped.add(row); };
    }
    catchStopSignals();
    const StopOnSignal stop;
    const auto table = importTable(request.file, *options, progressLine(), stop.token());
    if (!table)
        return terminal.fail(table.error(), table.error().kind == Error::Kind::Cancelled
                                                ? ExitCode::Interrupted
                                                : ExitCode::BadInput);
    sayFindings(terminal, *table);
    Status written = ok();
    if (!request.convertTo.empty())
        written = convert(*table, request.convertTo, stop.token());
    if (written && !request.droppedTo.empty())
        written = dropped.finish(stop.token());
    if (!written)
        return terminal.fail(written.error(), written.error().kind == Error::Kind::Cancelled
                                                  ? ExitCode::Interrupted
                                                  : ExitCode::Failed);
    terminal.emit(jsonOf(*table));
    return ExitCode::Done;
}

} // namespace

void addDataCommand(CLI::App& root, CommandSet& commands) {
    CLI::App& command =
        commands.add(root, "data", "Say how a data file is read, which rows can be used and which cannot");
    const auto request = std::make_shared<DataRequest>();
    command.add_option("file", request->file, "Data file (" + knownDataEndings() + ")")
        ->required()
        ->type_name("FILE");
    addDataFlags(command, request->flags);
    command.add_option("--convert", request->convertTo, "Write the usable rows as JSON Lines")
        ->type_name("FILE");
    command.add_option("--dropped", request->droppedTo, "Write the dropped rows' lines and reasons as CSV")
        ->type_name("FILE");
    commands.actions.emplace_back(
        &command, [request](const Terminal& terminal) { return showData(terminal, *request); });
}

} // namespace lathe
