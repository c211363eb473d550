#include "core/data/import_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace lathe {

namespace {

constexpr std::array<std::pair<TextEncoding, std::string_view>, 5> kEncodings{
    {{TextEncoding::Utf8, "utf-8"},
     {TextEncoding::Utf16Le, "utf-16le"},
     {TextEncoding::Utf16Be, "utf-16be"},
     {TextEncoding::Windows1252, "windows-1252"},
     {TextEncoding::Latin1, "latin-1"}}};

constexpr std::array<std::pair<RowSchema, std::string_view>, 6> kSchemas{
    {{RowSchema::Columns, "columns"},
     {RowSchema::Text, "text"},
     {RowSchema::Alpaca, "alpaca"},
     {RowSchema::ShareGpt, "sharegpt"},
     {RowSchema::ChatMl, "chatml"},
     {RowSchema::Preference, "preference"}}};

template <typename Names, typename Value>
std::string_view nameOf(const Names& names, Value value) {
    return std::find_if(names.begin(), names.end(), [value](const auto& pair) { return pair.first == value; })
        ->second;
}

} // namespace

std::string_view encodingName(TextEncoding encoding) { return nameOf(kEncodings, encoding); }

std::optional<TextEncoding> encodingNamed(std::string_view name) {
    const auto isSame = [name](const auto& pair) {
        return std::equal(name.begin(), name.end(), pair.second.begin(), pair.second.end(),
                          [](unsigned char a, char b) { return std::tolower(a) == b; });
    };
    const auto* found = std::find_if(kEncodings.begin(), kEncodings.end(), isSame);
    return found == kEncodings.end() ? std::nullopt : std::optional(found->first);
}

std::string_view schemaName(RowSchema schema) { return nameOf(kSchemas, schema); }

} // namespace lathe
