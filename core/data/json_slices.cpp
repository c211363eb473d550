#include "core/data/json_slices.h"

#include <nlohmann/json.hpp>

#include <algorithm>

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
        problem = "broken JSON at byte " + std::to_string(position) + ": " + why;
        return false;
    }
};

std::size_t skipSpace(std::string_view text, std::size_t from) {
    return std::min(text.find_first_not_of(kJsonSpace, from), text.size());
}

/// The position behind the string that opens at `from`; text.size() + 1 if it does not close.
std::size_t endOfString(std::string_view text, std::size_t from) {
    for (std::size_t i = from + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i + 1;
    }
    return text.size() + 1;
}

/// The position behind the value that begins at `from`: before the comma or closing bracket of what holds it.
/// text.size() + 1 if the text ends first.
std::size_t endOfValue(std::string_view text, std::size_t from) {
    std::size_t depth = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        const char sign = text[i];
        if (sign == '"') {
            i = endOfString(text, i) - 1;
        } else if (sign == '{' || sign == '[') {
            ++depth;
        } else if (sign == '}' || sign == ']') {
            if (depth == 0)
                return i;
            --depth;
        } else if (sign == ',' && depth == 0) {
            return i;
        }
    }
    return text.size() + 1;
}

std::string_view trimmedEnd(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kJsonSpace) + 1);
}

std::string valueText(std::string_view written) {
    if (written == "null")
        return {};
    if (written.front() != '"')
        return std::string(written);
    return nlohmann::json::parse(written, nullptr, false).get<std::string>();
}

std::string lineOf(std::string_view text, std::size_t position) {
    return "line " +
           std::to_string(1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(position), '\n'));
}

} // namespace

Result<std::vector<JsonSlice>> sliceJsonArray(std::string_view text) {
    std::size_t at = skipSpace(text, 0);
    if (at == text.size() || text[at] != '[')
        return inputError("",
                          "does not begin with '['; a .json file must hold an array of objects (one object "
                          "a line is the ending .jsonl)");
    std::vector<JsonSlice> slices;
    at = skipSpace(text, at + 1);
    bool isClosed = at < text.size() && text[at] == ']';
    while (!isClosed) {
        const std::size_t end = endOfValue(text, at);
        if (end > text.size())
            return inputError("", "ends inside the row that begins at " +
                                      lineOf(text, std::min(at, text.size())) +
                                      ": a closing bracket is missing");
        slices.push_back({at, trimmedEnd(text.substr(at, end - at))});
        if (text[end] == '}')
            return inputError("", "has a '}' too many at " + lineOf(text, end));
        isClosed = text[end] == ']';
        at = isClosed ? end : skipSpace(text, end + 1);
    }
    if (const std::size_t rest = skipSpace(text, at + 1); rest < text.size())
        return inputError("", "goes on after the end of the array at " + lineOf(text, rest));
    return slices;
}

Result<std::vector<std::pair<std::string, std::string>>> readJsonObject(std::string_view text) {
    ProblemFinder finder;
    if (!nlohmann::json::sax_parse(text, &finder))
        return inputError("", finder.problem);
    std::size_t at = skipSpace(text, 0);
    if (text[at] != '{')
        return inputError("", "not an object in braces, but " + std::string(text.substr(at, 20)));
    std::vector<std::pair<std::string, std::string>> members;
    at = skipSpace(text, at + 1);
    while (text[at] != '}') {
        const std::size_t keyEnd = endOfString(text, at);
        std::string key = valueText(text.substr(at, keyEnd - at));
        const std::size_t valueAt = skipSpace(text, text.find(':', keyEnd) + 1);
        const std::size_t valueEnd = endOfValue(text, valueAt);
        std::string value = valueText(trimmedEnd(text.substr(valueAt, valueEnd - valueAt)));
        const auto known = std::find_if(members.begin(), members.end(),
                                        [&key](const auto& member) { return member.first == key; });
        if (known == members.end())
            members.emplace_back(std::move(key), std::move(value));
        else
            known->second = std::move(value);
        at = text[valueEnd] == ',' ? skipSpace(text, valueEnd + 1) : valueEnd;
    }
    return members;
}

} // namespace lathe
