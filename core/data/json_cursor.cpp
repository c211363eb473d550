#include "core/data/json_cursor.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lathe {

namespace {

constexpr std::string_view kJsonSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kJsonSpace) + 1);
}

/// The position of the quote that closes the string at the beginning of `text`, or npos.
std::size_t closingQuote(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i;
    }
    return std::string_view::npos;
}

/// Takes white space and then `sign` from the beginning of `text`; false where another sign stands.
bool takeSign(std::string_view& text, char sign) {
    text.remove_prefix(std::min(text.find_first_not_of(kJsonSpace), text.size()));
    if (!text.starts_with(sign))
        return false;
    text.remove_prefix(1);
    return true;
}

/// Members that hold the rows where several lists of objects are in a file, the likeliest first.
constexpr std::array<std::string_view, 5> kUsualKeys{"data", "train", "rows", "examples", "instances"};

std::string likeliestKey(const std::vector<std::string>& keys) {
    for (const std::string_view usual : kUsualKeys)
        if (std::find(keys.begin(), keys.end(), usual) != keys.end())
            return std::string(usual);
    return keys.front();
}

} // namespace

void JsonCursor::advance(std::size_t size) {
    const std::string_view passed = m_window.view().substr(0, size);
    m_line += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    m_window.advance(size);
}

std::size_t JsonCursor::line() {
    advance(std::exchange(m_used, 0));
    return m_line;
}

Result<char> JsonCursor::peek() {
    advance(std::exchange(m_used, 0));
    while (true) {
        const std::string_view view = m_window.view();
        const std::size_t space = std::min(view.find_first_not_of(kJsonSpace), view.size());
        advance(space);
        if (!m_window.view().empty())
            return m_window.view().front();
        LATHE_ASSIGN(const bool isLonger, m_window.grow());
        if (!isLonger)
            return '\0';
    }
}

Result<std::optional<std::string>> JsonCursor::key() {
    LATHE_ASSIGN(const char first, peek());
    if (first != '"')
        return std::optional<std::string>();
    std::size_t end = std::string_view::npos;
    while ((end = closingQuote(m_window.view())) == std::string_view::npos) {
        LATHE_ASSIGN(const bool isLonger, m_window.grow());
        if (!isLonger || m_window.view().size() > kLargestRow)
            return std::optional<std::string>();
    }
    std::string name = unescapedJson(m_window.view().substr(1, end - 1));
    advance(end + 1);
    return std::optional(std::move(name));
}

Result<std::optional<JsonCursor::Value>> JsonCursor::value() {
    LATHE_TRY(peek());
    Value value{position(), line(), {}, false};
    JsonValueEnd valueEnd;
    std::size_t searched = 0;
    std::optional<std::size_t> end;
    while (!(end = valueEnd.find(m_window.view().substr(searched)))) {
        searched = m_window.view().size();
        value.isTooLong |= searched > kLargestRow;
        if (value.isTooLong)
            advance(std::exchange(searched, 0));
        LATHE_ASSIGN(const bool isLonger, m_window.grow());
        if (!isLonger)
            return std::optional<Value>();
    }
    m_used = searched + *end;
    if (!value.isTooLong)
        value.text = trimmed(m_window.view().substr(0, m_used));
    return std::optional(value);
}

JsonShape jsonShapeOf(std::string_view text) {
    if (takeSign(text, '['))
        return {JsonShape::Kind::Array, {}, takeSign(text, '{')};
    std::vector<std::string> lists;
    bool hasColumns = false;
    if (!takeSign(text, '{'))
        return {};
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_not_of(kJsonSpace), text.size()));
        const std::size_t keyEnd = text.starts_with('"') ? closingQuote(text) : std::string_view::npos;
        if (keyEnd == std::string_view::npos)
            break;
        const std::string key = unescapedJson(text.substr(1, keyEnd - 1));
        text.remove_prefix(keyEnd + 1);
        if (!takeSign(text, ':'))
            break;
        std::string_view inner = text;
        const bool isList = takeSign(inner, '[');
        if (isList && takeSign(inner, '{'))
            lists.push_back(key);
        else
            hasColumns |= isList; // a version, a licence and the like may stand beside the rows
        text.remove_prefix(JsonValueEnd().find(text).value_or(text.size()));
        if (!takeSign(text, ','))
            break;
    }
    if (!lists.empty())
        return {JsonShape::Kind::ArrayInObject, likeliestKey(lists), false};
    return {hasColumns ? JsonShape::Kind::Columns : JsonShape::Kind::Other, {}, false};
}

} // namespace lathe
