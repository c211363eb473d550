#include "core/data/json_text.h"

#include "core/data/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace lathe {

namespace {

constexpr std::string_view kJsonSpace = " \t\r\n";

/// Keeps only the first problem, so that a broken row costs no document and no exception.
struct ProblemFinder : nlohmann::json_sax<nlohmann::json> {
    std::string problem;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& reason) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 9: syntax error while … - why"
        std::string why = reason.what();
        if (const auto from = why.find(": "); from != std::string::npos)
            why.erase(0, from + 2);
        constexpr std::size_t kLongest = 300; // it quotes the token it stopped in, of whatever length
        if (why.size() > kLongest)
            why = std::string(utf8Beginning(why, 100)) + " \u2026 " + std::string(utf8End(why, 150));
        for (auto cut = firstInvalidUtf8(why); cut; cut = firstInvalidUtf8(why))
            why[*cut] = '?'; // it may stop within a character
        problem = "broken JSON at byte " + std::to_string(position) + ": " + why;
        return false;
    }
};

std::size_t skipSpace(std::string_view text, std::size_t from) {
    return std::min(text.find_first_not_of(kJsonSpace, from), text.size());
}

/// The position behind the string that opens at `from`. The text is well formed.
std::size_t endOfString(std::string_view text, std::size_t from) {
    for (std::size_t i = from + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i + 1;
    }
    return text.size();
}

std::string_view trimmedEnd(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kJsonSpace) + 1);
}

void setMember(JsonTexts& members, std::string key, std::string value) {
    const auto known = std::find_if(members.begin(), members.end(),
                                    [&key](const auto& member) { return member.first == key; });
    if (known == members.end())
        members.emplace_back(std::move(key), std::move(value));
    else
        known->second = std::move(value);
}

/// What the four digits of a \u escape at the beginning of `text` say. Nothing if there is none.
std::optional<unsigned> unicodeEscape(std::string_view text) {
    if (text.size() < 6 || !text.starts_with("\\u"))
        return std::nullopt;
    unsigned value = 0;
    const auto [end, problem] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
    return problem == std::errc() && end == text.data() + 6 ? std::optional(value) : std::nullopt;
}

void appendPoint(std::string& out, unsigned point) {
    const auto continuation = [point](unsigned shift) {
        return static_cast<char>(0x80U | (point >> shift & 0x3FU));
    };
    if (point < 0x80)
        out += static_cast<char>(point);
    else if (point < 0x800)
        out += {static_cast<char>(0xC0U | point >> 6U), continuation(0)};
    else if (point < 0x10000)
        out += {static_cast<char>(0xE0U | point >> 12U), continuation(6), continuation(0)};
    else
        out += {static_cast<char>(0xF0U | point >> 18U), continuation(12), continuation(6), continuation(0)};
}

/// Decodes the \u escape at the beginning of `rest`, a surrogate pair as one; returns its size. What is none,
/// in a text that was not checked, becomes the replacement character.
std::size_t appendUnicodeEscape(std::string& out, std::string_view rest) {
    constexpr unsigned kReplacement = 0xFFFD;
    const auto first = unicodeEscape(rest);
    const bool isHigh = first && *first >= 0xD800 && *first < 0xDC00;
    const auto second = isHigh ? unicodeEscape(rest.substr(6)) : std::nullopt;
    if (second && *second >= 0xDC00 && *second < 0xE000) {
        appendPoint(out, 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00));
        return 12;
    }
    const bool isPoint = first && (*first < 0xD800 || *first >= 0xE000);
    appendPoint(out, isPoint ? *first : kReplacement);
    return first ? 6 : 2;
}

char signOfEscape(char letter) {
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter; // a quote, a backslash, a slash
    }
}

} // namespace

std::string unescapedJson(std::string_view inner) {
    std::string text;
    text.reserve(inner.size());
    while (true) {
        const std::size_t plain = std::min(inner.find('\\'), inner.size());
        text += inner.substr(0, plain);
        inner.remove_prefix(plain);
        if (inner.size() < 2)
            return text;
        std::size_t size = 2;
        if (inner[1] == 'u')
            size = appendUnicodeEscape(text, inner);
        else
            text += signOfEscape(inner[1]);
        inner.remove_prefix(std::min(size, inner.size()));
    }
}

std::string jsonValueText(std::string_view written) {
    if (written == "null")
        return {};
    if (written.size() < 2 || written.front() != '"')
        return std::string(written);
    return unescapedJson(written.substr(1, written.size() - 2));
}

std::string quotedJson(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<JsonTexts> readJsonObject(std::string_view text) {
    if (const auto bad = firstInvalidUtf8(text))
        return inputError("", "not valid UTF-8 at byte " + std::to_string(*bad + 1));
    ProblemFinder finder;
    if (!nlohmann::json::sax_parse(text, &finder))
        return inputError("", finder.problem);
    std::size_t at = skipSpace(text, 0);
    if (text[at] != '{')
        return inputError("",
                          "not an object in braces, but " + std::string(utf8Beginning(text.substr(at), 20)));
    JsonTexts members;
    at = skipSpace(text, at + 1);
    while (text[at] != '}') {
        const std::size_t keyEnd = endOfString(text, at);
        const std::size_t valueAt = skipSpace(text, text.find(':', keyEnd) + 1);
        const std::size_t valueEnd = valueAt + JsonValueEnd().find(text.substr(valueAt)).value_or(0);
        setMember(members, jsonValueText(text.substr(at, keyEnd - at)),
                  jsonValueText(trimmedEnd(text.substr(valueAt, valueEnd - valueAt))));
        at = text[valueEnd] == ',' ? skipSpace(text, valueEnd + 1) : valueEnd;
    }
    return members;
}

std::optional<std::size_t> JsonValueEnd::find(std::string_view piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
        const char sign = piece[i];
        if (m_isEscaped) {
            m_isEscaped = false;
        } else if (m_isInString) {
            m_isEscaped = sign == '\\';
            m_isInString = sign != '"';
        } else if (sign == '"') {
            m_isInString = true;
        } else if (sign == '{' || sign == '[') {
            ++m_depth;
        } else if (sign == '}' || sign == ']') {
            if (m_depth == 0)
                return i;
            --m_depth;
        } else if (sign == ',' && m_depth == 0) {
            return i;
        }
    }
    return std::nullopt;
}

} // namespace lathe
