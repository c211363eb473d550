#include "app/cli/data_flags.h"

#include "app/cli/terminal.h"
#include "core/data/row_reader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNone = "none";
constexpr const char* kTab = "tab";

std::string signName(char sign) { return sign == '\0' ? kNone : sign == '\t' ? kTab : std::string(1, sign); }

Result<std::optional<char>> signNamed(const std::string& flag, const std::string& text) {
    if (text.empty())
        return std::optional<char>();
    if (text == kNone)
        return std::optional('\0');
    if (text == kTab || text == "\\t")
        return std::optional('\t');
    if (text.size() != 1)
        return inputError(flag, "takes one sign of ASCII, tab or none, not " + text);
    return std::optional(text.front());
}

template <typename T>
std::vector<std::string> line(const char* what, const std::string& value, const Detected<T>& detected) {
    return {what, value, detected.isGiven ? "given" : percent(detected.sureness)};
}

template <typename T>
Json json(const Json& value, const Detected<T>& detected) {
    return {{"value", value}, {"sureness", detected.sureness}, {"given", detected.isGiven}};
}

bool isDelimited(const DetectedFormat& format) { return format.delimiter.value != '\0'; }

} // namespace

void addDataFlags(CLI::App& command, DataFlags& flags) {
    const auto add = [&command](const char* name, std::string& value, const char* help, const char* type) {
        command.add_option(name, value, help)->type_name(type);
    };
    add("--format", flags.format, "jsonl, json, json-columns, csv, tsv, text or parquet; else guessed",
        "NAME");
    add("--encoding", flags.encoding, "utf-8, utf-16le, utf-16be, windows-1252 or latin-1; else guessed",
        "NAME");
    add("--delimiter", flags.delimiter, "What separates cells: a sign or tab; else guessed", "SIGN");
    add("--quote", flags.quote, "What encloses cells: a sign or none; else guessed", "SIGN");
    add("--header", flags.header, "Whether the first row names the columns: yes or no; else guessed",
        "ANSWER");
    add("--array", flags.array, "The member of a JSON object that holds the rows; else guessed", "NAME");
    add("--cut-text", flags.cutText, "Plain text becomes lines or paragraphs; else guessed", "WHERE");
}

Result<ImportOptions> importOptions(const DataFlags& flags) {
    ImportOptions options;
    if (!flags.format.empty())
        options.reader = flags.format;
    if (!flags.encoding.empty()) {
        options.encoding = encodingNamed(flags.encoding);
        if (!options.encoding)
            return inputError("--encoding", "does not know " + flags.encoding +
                                                "; it is utf-8, utf-16le, utf-16be, windows-1252 or latin-1");
    }
    LATHE_ASSIGN(options.delimiter, signNamed("--delimiter", flags.delimiter));
    LATHE_ASSIGN(options.quote, signNamed("--quote", flags.quote));
    if (!flags.header.empty()) {
        if (flags.header != "yes" && flags.header != "no")
            return inputError("--header", "is yes or no, not " + flags.header);
        options.hasHeader = flags.header == "yes";
    }
    if (!flags.array.empty())
        options.arrayKey = flags.array;
    if (!flags.cutText.empty()) {
        if (flags.cutText != "lines" && flags.cutText != "paragraphs")
            return inputError("--cut-text", "is lines or paragraphs, not " + flags.cutText);
        options.isCutAtBlankLines = flags.cutText == "paragraphs";
    }
    return options;
}

std::vector<std::vector<std::string>> formatLines(const DetectedFormat& format) {
    std::vector<std::vector<std::string>> lines{
        line("format", format.reader.value + (format.isCompressed ? ", compressed" : ""), format.reader)};
    if (format.reader.value != "parquet")
        lines.push_back(line("encoding",
                             std::string(encodingName(format.encoding.value)) +
                                 (format.hasByteOrderMark ? " with byte order mark" : ""),
                             format.encoding));
    if (isDelimited(format)) {
        lines.push_back(line("delimiter", signName(format.delimiter.value), format.delimiter));
        lines.push_back(line("quote", signName(format.quote.value), format.quote));
        lines.push_back(line("header", format.hasHeader.value ? "yes" : "no", format.hasHeader));
    }
    if (!format.arrayKey.value.empty())
        lines.push_back(line("rows in", format.arrayKey.value, format.arrayKey));
    if (format.reader.value == "text")
        lines.push_back(line("a row is a", format.isCutAtBlankLines.value ? "paragraph" : "line",
                             format.isCutAtBlankLines));
    lines.push_back(line("rows are", std::string(schemaName(format.schema.value)), format.schema));
    return lines;
}

Json formatJson(const DetectedFormat& format) {
    Json answer{{"reader", json(format.reader.value, format.reader)},
                {"encoding", json(encodingName(format.encoding.value), format.encoding)},
                {"schema", json(schemaName(format.schema.value), format.schema)},
                {"compressed", format.isCompressed},
                {"byte_order_mark", format.hasByteOrderMark}};
    if (isDelimited(format)) {
        answer["delimiter"] = json(signName(format.delimiter.value), format.delimiter);
        answer["quote"] = json(signName(format.quote.value), format.quote);
        answer["header"] = json(format.hasHeader.value, format.hasHeader);
    }
    if (!format.arrayKey.value.empty())
        answer["array"] = json(format.arrayKey.value, format.arrayKey);
    if (format.reader.value == "text")
        answer["cut_at_blank_lines"] = json(format.isCutAtBlankLines.value, format.isCutAtBlankLines);
    return answer;
}

} // namespace lathe
