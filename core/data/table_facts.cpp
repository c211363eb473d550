#include "core/data/table_facts.h"

#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

template <typename T>
json written(const Detected<T>& detected) {
    json value;
    if constexpr (std::is_enum_v<T>)
        value = static_cast<int>(detected.value);
    else if constexpr (std::is_same_v<T, char>)
        value = static_cast<int>(static_cast<unsigned char>(detected.value));
    else
        value = detected.value;
    return json::array({value, detected.sureness, detected.isGiven});
}

template <typename T>
void read(const json& facts, const char* key, Detected<T>& detected) {
    const json& parts = facts.at(key);
    if constexpr (std::is_enum_v<T> || std::is_same_v<T, char>)
        detected.value = static_cast<T>(parts.at(0).get<int>());
    else
        detected.value = parts.at(0).get<T>();
    detected.sureness = parts.at(1).get<double>();
    detected.isGiven = parts.at(2).get<bool>();
}

json formatFacts(const DetectedFormat& format) {
    return {{"reader", written(format.reader)},
            {"encoding", written(format.encoding)},
            {"delimiter", written(format.delimiter)},
            {"quote", written(format.quote)},
            {"has_header", written(format.hasHeader)},
            {"column_count", format.columnCount},
            {"array_key", written(format.arrayKey)},
            {"is_cut_at_blank_lines", written(format.isCutAtBlankLines)},
            {"is_compressed", format.isCompressed},
            {"has_byte_order_mark", format.hasByteOrderMark}};
}

DetectedFormat readFormat(const json& facts) {
    DetectedFormat format;
    read(facts, "reader", format.reader);
    read(facts, "encoding", format.encoding);
    read(facts, "delimiter", format.delimiter);
    read(facts, "quote", format.quote);
    read(facts, "has_header", format.hasHeader);
    format.columnCount = facts.at("column_count").get<std::size_t>();
    read(facts, "array_key", format.arrayKey);
    read(facts, "is_cut_at_blank_lines", format.isCutAtBlankLines);
    format.isCompressed = facts.at("is_compressed").get<bool>();
    format.hasByteOrderMark = facts.at("has_byte_order_mark").get<bool>();
    return format;
}

TableFacts factsOf(const json& facts) {
    TableFacts read;
    read.table.format = readFormat(facts.at("format"));
    read.table.columns = facts.at("columns").get<std::vector<std::string>>();
    read.table.sha256 = facts.at("sha256").get<std::string>();
    for (const json& row : facts.at("dropped"))
        read.table.dropped.push_back({row.at(0).get<std::size_t>(), row.at(1).get<std::string>()});
    for (const json& note : facts.at("notes"))
        read.table.notes.push_back(
            {note.at(0).get<std::string>(), note.at(1).get<std::size_t>(), note.at(2).get<std::size_t>()});
    read.unlistedDropped = facts.at("unlisted_dropped").get<std::size_t>();
    read.isTextInSource = facts.at("is_text_in_source").get<bool>();
    read.textSize = facts.at("text_size").get<std::uint64_t>();
    return read;
}

} // namespace

std::string writeFacts(const TableFacts& facts) {
    json dropped = json::array();
    for (const DroppedRow& row : facts.table.dropped)
        dropped.push_back({row.line, row.reason});
    json notes = json::array();
    for (const ImportNote& note : facts.table.notes)
        notes.push_back({note.text, note.count, note.line});
    const json all{{"format", formatFacts(facts.table.format)},
                   {"columns", facts.table.columns},
                   {"sha256", facts.table.sha256},
                   {"dropped", std::move(dropped)},
                   {"notes", std::move(notes)},
                   {"unlisted_dropped", facts.unlistedDropped},
                   {"is_text_in_source", facts.isTextInSource},
                   {"text_size", facts.textSize}};
    // A reason may quote bytes that are not UTF-8.
    return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<TableFacts> readFacts(std::string_view text) {
    try {
        return factsOf(json::parse(text));
    } catch (const json::exception& e) {
        return ioError("", std::string("the facts of a table are damaged: ") + e.what());
    }
}

} // namespace lathe
