#include "app/search/search_json.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

/// Python's json module writes these three for numbers that JSON has no word for.
std::string withoutNonFinite(std::string_view text) {
    constexpr std::string_view kWords[] = {"NaN", "-Infinity", "Infinity"};
    std::string plain;
    bool isInText = false;
    for (std::size_t i = 0; i < text.size();) {
        const char sign = text[i];
        if (isInText && sign == '\\' && i + 1 < text.size()) {
            plain += text.substr(i, 2);
            i += 2;
            continue;
        }
        isInText ^= sign == '"';
        std::size_t length = 0;
        for (const std::string_view word : kWords)
            if (!isInText && length == 0 && text.substr(i).starts_with(word))
                length = word.size();
        plain += length > 0 ? "null" : std::string(1, sign);
        i += std::max<std::size_t>(1, length);
    }
    return plain;
}

/// "[json.exception.parse_error.101] parse error at …" without the number and not longer than a line.
std::string reasonOf(const std::exception& problem) {
    constexpr std::size_t kMost = 200;
    std::string_view words = problem.what();
    if (const std::size_t bracket = words.find("] "); bracket != std::string_view::npos)
        words.remove_prefix(bracket + 2);
    return std::string(words.substr(0, kMost)) + (words.size() > kMost ? " …" : "");
}

Result<Json> parseStrictly(std::string_view text) {
    std::vector<std::set<std::string, std::less<>>> open; // the keys of each object that has not ended
    std::string twice;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start)
            open.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            open.pop_back();
        else if (event == Json::parse_event_t::key)
            if (const auto key = parsed.get<std::string>(); !open.back().insert(key).second)
                twice = key;
        return true;
    };
    try {
        Json json = Json::parse(text, watch);
        if (!twice.empty())
            return inputError({}, "\"" + twice + "\" stands twice in one JSON object; keep one of the two");
        return json;
    } catch (const std::exception& problem) { // nlohmann's, also of numbers beyond a double
        return inputError({}, "this is not JSON: " + reasonOf(problem));
    }
}

Result<double> number(const Json& json, const std::string& where) {
    if (json.is_null())
        return std::numeric_limits<double>::quiet_NaN();
    if (!json.is_number())
        return inputError(where, "is " + shownJson(json) + "; a number is needed");
    return json.get<double>();
}

Result<bool> flag(const Json& object, const char* field) {
    const auto found = object.find(field);
    if (found == object.end())
        return false;
    if (!found->is_boolean())
        return inputError(field, "is " + shownJson(*found) + "; true or false is needed");
    return found->get<bool>();
}

Status readConstraints(const Json& object, std::vector<double>& target) {
    const auto found = object.find("constraints");
    if (found == object.end())
        return ok();
    if (!found->is_array())
        return inputError("constraints", "is " + shownJson(*found) + "; a list of numbers is needed");
    for (const Json& entry : *found) {
        LATHE_ASSIGN(target.emplace_back(), number(entry, "constraints"));
    }
    return ok();
}

Status readValues(const Json& object, TrialReport& report) {
    const auto one = object.find("value");
    const auto several = object.find("values");
    if (one != object.end()) {
        LATHE_ASSIGN(report.value, number(*one, "value"));
    }
    if (several == object.end())
        return ok();
    if (one != object.end() || !several->is_array() || several->empty())
        return inputError("values", "is " + shownJson(*several) +
                                        "; a list of numbers is needed, one for each objective, and no value "
                                        "beside it");
    for (const Json& entry : *several) {
        LATHE_ASSIGN(report.furtherValues.emplace_back(), number(entry, "values"));
    }
    report.value = report.furtherValues.front();
    report.furtherValues.erase(report.furtherValues.begin());
    return ok();
}

Status readIntermediate(const Json& object, std::map<std::int64_t, double>& target) {
    const auto found = object.find("intermediate");
    if (found == object.end())
        return ok();
    if (!found->is_object())
        return inputError("intermediate",
                          "is " + shownJson(*found) + R"(; steps and values are needed, as in {"10": 0.5})");
    for (const auto& [name, value] : found->items()) {
        std::int64_t step = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), step);
        if (read.ec != std::errc() || read.ptr != name.data() + name.size() || step < 0)
            return inputError("intermediate", "\"" + name + "\" is no step; a whole number from 0 is needed");
        LATHE_ASSIGN(target[step], number(value, "intermediate " + name));
    }
    return ok();
}

Status readMetrics(const Json& object, std::map<std::string, double>& target) {
    const auto found = object.find("metrics");
    if (found == object.end())
        return ok();
    if (!found->is_object())
        return inputError("metrics", "is " + shownJson(*found) +
                                         R"(; names and numbers are needed, as in {"seconds": 12})");
    for (const auto& [name, value] : found->items()) {
        LATHE_ASSIGN(target[name], number(value, "metrics " + name));
    }
    return ok();
}

} // namespace

Result<Json> parseJson(std::string_view text) {
    Result<Json> json = parseStrictly(text);
    if (json.has_value())
        return json;
    const std::string plain = withoutNonFinite(text);
    return plain == text ? json : parseStrictly(plain);
}

Result<std::int64_t> wholeNumber(const Json& object, const char* field) {
    const auto found = object.find(field);
    if (found == object.end())
        return inputError(field, "is missing; a whole number is needed");
    constexpr double kLimit = 9007199254740992.0; // 2^53: up to here a double holds every whole number
    const bool isWhole = found->is_number() && std::abs(found->get<double>()) <= kLimit &&
                         std::floor(found->get<double>()) == found->get<double>();
    if (!isWhole)
        return inputError(field, "is " + shownJson(*found) + "; a whole number is needed");
    return static_cast<std::int64_t>(found->get<double>());
}

Result<TrialReport> reportFromJson(const Json& object) {
    TrialReport report;
    LATHE_TRY(readValues(object, report));
    LATHE_ASSIGN(report.isFailed, flag(object, "failed"));
    LATHE_ASSIGN(report.isPruned, flag(object, "pruned"));
    LATHE_TRY(readConstraints(object, report.constraints));
    LATHE_TRY(readIntermediate(object, report.intermediate));
    LATHE_TRY(readMetrics(object, report.metrics));
    if (const auto reason = object.find("reason"); reason != object.end()) {
        if (!reason->is_string())
            return inputError("reason", "is " + shownJson(*reason) + "; a text is needed");
        report.reason = reason->get<std::string>();
    }
    return report;
}

std::string shownJson(const Json& json) {
    constexpr std::size_t kMost = 80;
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() <= kMost ? text : text.substr(0, kMost) + " …";
}

} // namespace lathe
