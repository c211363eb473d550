#include "core/data/row_schema.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace lathe {

using nlohmann::json;

namespace {

constexpr std::size_t kRowsLookedAt = 64;

bool hasColumn(const Table& table, std::string_view name) {
    return std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end();
}

/// True for a list, not empty, whose elements are objects with both keys.
bool isListOf(const std::string& text, const char* first, const char* second) {
    if (!text.starts_with('['))
        return false;
    const json list = json::parse(text, nullptr, false);
    return list.is_array() && !list.empty() && std::all_of(list.begin(), list.end(), [&](const json& turn) {
               return turn.is_object() && turn.contains(first) && turn.contains(second);
           });
}

std::string valueOf(const Row& row, const std::string& column) {
    const auto found = row.find(column);
    return found == row.end() ? std::string() : found->second;
}

template <typename Fits>
double shareOfRows(const Table& table, Fits fits) {
    const std::size_t rows = std::min(table.size(), kRowsLookedAt);
    std::size_t fitting = 0;
    for (std::size_t i = 0; i < rows; ++i)
        fitting += fits(table.row(i)) ? 1U : 0U;
    return rows == 0 ? 0 : static_cast<double>(fitting) / static_cast<double>(rows);
}

/// The schema of conversations that most rows of the column follow, or Columns.
Detected<RowSchema> conversationIn(const Table& table, const std::string& column) {
    const double shareGpt =
        shareOfRows(table, [&](const Row& row) { return isListOf(valueOf(row, column), "from", "value"); });
    const double chatMl =
        shareOfRows(table, [&](const Row& row) { return isListOf(valueOf(row, column), "role", "content"); });
    constexpr double kMost = 0.5;
    if (std::max(shareGpt, chatMl) < kMost)
        return {RowSchema::Columns, 1};
    return shareGpt >= chatMl ? Detected<RowSchema>{RowSchema::ShareGpt, shareGpt}
                              : Detected<RowSchema>{RowSchema::ChatMl, chatMl};
}

bool areThere(const Row& row, std::initializer_list<const char*> columns) {
    return std::all_of(columns.begin(), columns.end(),
                       [&row](const char* column) { return !valueOf(row, column).empty(); });
}

} // namespace

Detected<RowSchema> guessSchema(const Table& table) {
    if (hasColumn(table, "chosen") && hasColumn(table, "rejected"))
        return {RowSchema::Preference, shareOfRows(table, [](const Row& row) {
                    return areThere(row, {"chosen", "rejected"});
                })};
    constexpr std::array<const char*, 5> kConversations{"conversations", "messages", "conversation", "dialog",
                                                        "chat"};
    for (const char* column : kConversations)
        if (hasColumn(table, column))
            if (const auto found = conversationIn(table, column); found.value != RowSchema::Columns)
                return found;
    if (hasColumn(table, "instruction") && hasColumn(table, "output"))
        return {RowSchema::Alpaca, shareOfRows(table, [](const Row& row) {
                    return areThere(row, {"instruction", "output"});
                })};
    if (table.columns.size() == 1 && table.columns.front() == "text")
        return {RowSchema::Text, 1};
    return {RowSchema::Columns, 1};
}

} // namespace lathe
