#include "core/data/data_record.h"

#include "core/base/files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr std::size_t kReasonsInWords = 4;
constexpr int kVersion = 1;

/// Runs of digits become one sign, so that "has 812 tokens" and "has 913 tokens" count together.
std::string withoutNumbers(const std::string& reason) {
    std::string kind;
    for (const char c : reason) {
        const bool isDigit = c >= '0' && c <= '9';
        if (!isDigit)
            kind += c;
        else if (!kind.ends_with('#'))
            kind += '#';
    }
    return kind;
}

ordered_json toJson(const RowReasons& reasons) {
    ordered_json all = ordered_json::object();
    for (const auto& [reason, count] : reasons.byCount())
        all[reason] = count;
    return all;
}

ordered_json toJson(const FileRecord& file) {
    ordered_json listed = ordered_json::array();
    for (const DroppedRow& row : file.firstDropped)
        listed.push_back({{"line", row.line}, {"reason", row.reason}});
    return {{"role", file.role},
            {"path", file.path},
            {"sha256", file.sha256},
            {"format", file.format},
            {"rows", file.rows},
            {"used", file.used},
            {"left_out", file.leftOut},
            {"truncated", file.truncated},
            {"dropped", file.dropped.total()},
            {"dropped_by_reason", toJson(file.dropped)},
            {"cut_by_reason", toJson(file.cut)},
            {"dropped_rows", listed}};
}

RowReasons reasonsFrom(const json& object) {
    RowReasons reasons;
    for (const auto& [reason, count] : object.items())
        reasons.add(reason, count.get<std::size_t>());
    return reasons;
}

FileRecord fileFrom(const json& object) {
    FileRecord file;
    file.role = object.at("role").get<std::string>();
    file.path = object.at("path").get<std::string>();
    file.sha256 = object.at("sha256").get<std::string>();
    file.format = object.at("format").get<std::string>();
    file.rows = object.at("rows").get<std::size_t>();
    file.used = object.at("used").get<std::size_t>();
    file.leftOut = object.at("left_out").get<std::size_t>();
    file.truncated = object.at("truncated").get<std::size_t>();
    file.dropped = reasonsFrom(object.at("dropped_by_reason"));
    file.cut = reasonsFrom(object.at("cut_by_reason"));
    for (const json& row : object.at("dropped_rows"))
        file.firstDropped.push_back({row.at("line").get<std::size_t>(), row.at("reason").get<std::string>()});
    return file;
}

std::string percent(std::size_t part, std::size_t all) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g %%",
                  all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all));
    return text.data();
}

std::string fileInWords(const FileRecord& file) {
    std::string text = "For " + file.role + ": " + std::filesystem::path(file.path).filename().string() +
                       ", " + std::to_string(file.rows) + (file.rows == 1 ? " row, " : " rows, ") +
                       std::to_string(file.used) + " used";
    if (file.leftOut > 0)
        text += ", " + std::to_string(file.leftOut) + " left out by fixes";
    if (!file.dropped.empty())
        text += ", " + std::to_string(file.dropped.total()) + " dropped (" + file.dropped.inWords() + ")";
    if (file.truncated > 0)
        text += ", " + std::to_string(file.truncated) + " cut at the longest sequence";
    return text;
}

} // namespace

void RowReasons::add(const std::string& reason, std::size_t count) {
    Reason& known = m_counts[withoutNumbers(reason)];
    if (known.count == 0)
        known.text = reason;
    known.count += count;
}

std::size_t RowReasons::total() const {
    std::size_t all = 0;
    for (const auto& [kind, reason] : m_counts)
        all += reason.count;
    return all;
}

std::vector<std::pair<std::string, std::size_t>> RowReasons::byCount() const {
    std::vector<std::pair<std::string, std::size_t>> all;
    for (const auto& [kind, reason] : m_counts)
        all.emplace_back(reason.text, reason.count);
    std::ranges::stable_sort(all, std::greater(), [](const auto& reason) { return reason.second; });
    return all;
}

std::string RowReasons::inWords() const {
    std::string text;
    const auto all = byCount();
    for (std::size_t i = 0; i < std::min(kReasonsInWords, all.size()); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(all[i].second) + " × " + all[i].first;
    if (all.size() > kReasonsInWords)
        text += ", and " + std::to_string(all.size() - kReasonsInWords) + " more reasons";
    return text;
}

std::string toJson(const DataRecord& record) {
    ordered_json files = ordered_json::array();
    for (const FileRecord& file : record.files)
        files.push_back(toJson(file));
    ordered_json parts = ordered_json::array();
    for (const PartRecord& part : record.parts) {
        parts.push_back({{"name", part.name},
                         {"file", part.file},
                         {"examples", part.examples},
                         {"rows_sha256", part.rowsHash}});
        if (!part.rows.empty())
            parts.back()["rows"] = part.rows;
    }
    const ordered_json all{{"version", kVersion},        {"files", files}, {"reading", record.reading},
                           {"split", record.split},      {"parts", parts}, {"fixes", record.fixes},
                           {"warnings", record.warnings}};
    return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<DataRecord> dataRecordFrom(const std::string& text) {
    try {
        const json all = json::parse(text);
        DataRecord record;
        for (const json& file : all.at("files"))
            record.files.push_back(fileFrom(file));
        record.reading = all.at("reading").get<std::map<std::string, std::string>>();
        record.split = all.at("split").get<std::map<std::string, std::string>>();
        for (const json& part : all.at("parts"))
            record.parts.push_back({part.at("name").get<std::string>(), part.at("file").get<std::string>(),
                                    part.at("examples").get<std::size_t>(),
                                    part.at("rows_sha256").get<std::string>(),
                                    part.value("rows", std::vector<std::size_t>())});
        record.fixes = all.at("fixes").get<std::vector<std::string>>();
        record.warnings = all.at("warnings").get<std::vector<std::string>>();
        return record;
    } catch (const json::exception& problem) {
        return inputError(kDataRecordFile, std::string("is no record of data: ") + problem.what());
    }
}

std::optional<DataRecord> readDataRecord(const std::filesystem::path& trialFolder) {
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(trialFolder / kDataRecordFile, unreadable))
        return std::nullopt;
    const auto text = readFile(trialFolder / kDataRecordFile);
    auto record = text ? dataRecordFrom(*text) : Result<DataRecord>(text.error());
    return record ? std::optional(std::move(*record)) : std::nullopt;
}

std::string formatInWords(const DetectedFormat& format) {
    std::string text = format.reader.value + ", " + std::string(encodingName(format.encoding.value));
    if (format.delimiter.value == '\t')
        text += ", delimiter tab";
    else if (format.delimiter.value != '\0')
        text += std::string(", delimiter ") + format.delimiter.value;
    if (format.delimiter.value != '\0')
        text += format.hasHeader.value ? ", header" : ", no header";
    if (!format.arrayKey.value.empty())
        text += ", rows in \"" + format.arrayKey.value + "\"";
    if (format.reader.value == "text")
        text += format.isCutAtBlankLines.value ? ", paragraphs" : ", lines";
    return text + (format.isCompressed ? ", gzip" : "");
}

bool isSameData(const DataRecord& a, const DataRecord& b) {
    const auto isSameFile = [](const FileRecord& one, const FileRecord& other) {
        return one.role == other.role && one.sha256 == other.sha256;
    };
    const auto isSamePart = [](const PartRecord& one, const PartRecord& other) {
        return one.name == other.name && one.rowsHash == other.rowsHash && one.examples == other.examples;
    };
    return std::ranges::equal(a.files, b.files, isSameFile) &&
           std::ranges::equal(a.parts, b.parts, isSamePart) && a.reading == b.reading;
}

std::vector<std::string> inWords(const DataRecord& record) {
    std::vector<std::string> lines;
    for (const FileRecord& file : record.files)
        lines.push_back(fileInWords(file));
    std::string parts;
    for (const PartRecord& part : record.parts)
        parts += (parts.empty() ? "" : ", ") + part.name + " " + std::to_string(part.examples);
    if (const auto kind = record.split.find("split"); kind != record.split.end() && !parts.empty())
        lines.push_back("Split " + kind->second + ": " + parts);
    lines.insert(lines.end(), record.warnings.begin(), record.warnings.end());
    return lines;
}

Status checkBadRows(const FileRecord& file, double maxBad) {
    const std::size_t bad = file.dropped.total();
    const std::size_t all = bad + file.used;
    if (file.used == 0)
        return inputError(file.path,
                          "has no usable row" +
                              (bad == 0 ? std::string("; a data file needs at least one")
                                        : " among " + std::to_string(bad) + ": " + file.dropped.inWords()));
    if (static_cast<double>(bad) <= maxBad * static_cast<double>(all))
        return ok();
    std::array<char, 32> enough{};
    std::snprintf(
        enough.data(), enough.size(), "%.2g",
        std::min(1.0, std::ceil(100.0 * static_cast<double>(bad) / static_cast<double>(all)) / 100));
    std::array<char, 32> allowed{};
    std::snprintf(allowed.data(), allowed.size(), "%.4g %%", 100 * maxBad);
    return inputError(file.path, std::to_string(bad) + " of " + std::to_string(all) + " rows (" +
                                     percent(bad, all) + ") cannot be used, more than the " + allowed.data() +
                                     " of max_bad_rows: " + file.dropped.inWords() +
                                     "; mend the file, or allow it with max_bad_rows " + enough.data());
}

} // namespace lathe
