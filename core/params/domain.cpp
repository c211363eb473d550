#include "core/base/text.h"
#include "core/params/param_schema.h"
#include "core/params/real_grid.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string shown(const ParamValue& value) {
    return std::holds_alternative<std::string>(value) ? quoted(toText(value)) : toText(value);
}

std::string describeInt(const IntDomain& domain) {
    std::string text = domain.high == std::numeric_limits<std::int64_t>::max()
                           ? std::to_string(domain.low) + " or more"
                           : std::to_string(domain.low) + " to " + std::to_string(domain.high);
    if (domain.step > 1)
        text += " in steps of " + std::to_string(domain.step);
    return text;
}

std::string describeReal(const RealDomain& domain) {
    const std::string low = toText(domain.low);
    const std::string high = toText(domain.high);
    const std::string steps = domain.step > 0 ? " in steps of " + toText(domain.step) : std::string();
    if (std::isinf(domain.high))
        return (domain.lowOpen ? "above " + low : low + " or more") + steps;
    return (domain.lowOpen ? low + " < x ≤ " + high : low + " to " + high) + steps;
}

std::string describeText(const TextDomain& domain) {
    const bool isFolder = domain.kind == TextDomain::Kind::Folder;
    const bool isFile = domain.kind == TextDomain::Kind::File;
    const std::string what = isFolder ? "a folder" : isFile ? "a file" : "a text";
    return domain.mayBeEmpty ? what + " or nothing" : what;
}

using Answer = std::optional<std::string>;

Answer intProblem(const IntDomain& domain, const ParamValue& value) {
    const auto* given = std::get_if<std::int64_t>(&value);
    const std::string choose = "; choose " + describeInt(domain);
    if (given == nullptr)
        return shown(value) + " is not a whole number" + choose;
    if (*given < domain.low)
        return shown(value) + " is below " + std::to_string(domain.low) + choose;
    if (*given > domain.high)
        return shown(value) + " is above " + std::to_string(domain.high) + choose;
    // Unsigned: the distance of two 64-bit numbers need not fit the signed type.
    const auto distance = static_cast<std::uint64_t>(*given) - static_cast<std::uint64_t>(domain.low);
    if (domain.step > 1 && distance % static_cast<std::uint64_t>(domain.step) != 0)
        return shown(value) + " is not on the grid" + choose;
    return std::nullopt;
}

Answer realProblem(const RealDomain& domain, const ParamValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    const auto* real = std::get_if<double>(&value);
    const std::string choose = "; choose " + describeReal(domain);
    if (whole == nullptr && real == nullptr)
        return shown(value) + " is not a number" + choose;
    const double given = whole != nullptr ? static_cast<double>(*whole) : *real;
    if (!std::isfinite(given))
        return shown(value) + " is not a finite number" + choose;
    if (domain.lowOpen && given <= domain.low)
        return shown(value) + " must be above " + toText(domain.low) + choose;
    if (given < domain.low)
        return shown(value) + " is below " + toText(domain.low) + choose;
    if (given > domain.high)
        return shown(value) + " is above " + toText(domain.high) + choose;
    if (domain.step > 0 && !isOnGrid(domain, given))
        return shown(value) + " is not on the grid" + choose;
    return std::nullopt;
}

Answer choiceProblem(const ChoiceDomain& domain, const ParamValue& value) {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr || std::ranges::find(domain.values, *given) == domain.values.end())
        return shown(value) + " is not one of " + joined(domain.values);
    return std::nullopt;
}

Answer textProblem(const TextDomain& domain, const ParamValue& value) {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr)
        return shown(value) + " is not a text";
    if (given->empty() && !domain.mayBeEmpty)
        return "is empty; give " + describeText(domain);
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<bool> readFlag(std::string_view text) {
    constexpr std::array<std::string_view, 4> kYes{"true", "yes", "on", "1"};
    constexpr std::array<std::string_view, 4> kNo{"false", "no", "off", "0"};
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (std::ranges::find(kYes, lower) != kYes.end())
        return true;
    if (std::ranges::find(kNo, lower) != kNo.end())
        return false;
    return std::nullopt;
}

/// std::from_chars reads the same in every locale; unlike people, it does not know a leading plus.
template <typename Number>
std::optional<Number> readNumber(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-')
        text.remove_prefix(1);
    Number number{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

template <typename T>
Result<ParamValue> parsed(const std::string& key, std::string_view text, const std::optional<T>& value,
                          std::string_view wanted) {
    if (!value)
        return inputError(key, quoted(text) + " is not " + std::string(wanted));
    return ParamValue(*value);
}

} // namespace

std::optional<std::string> problemWith(const Domain& domain, const ParamValue& value) {
    return std::visit(Overloaded{[&value](const BoolDomain&) -> Answer {
                                     if (std::holds_alternative<bool>(value))
                                         return std::nullopt;
                                     return shown(value) + " is neither true nor false";
                                 },
                                 [&value](const IntDomain& d) { return intProblem(d, value); },
                                 [&value](const RealDomain& d) { return realProblem(d, value); },
                                 [&value](const ChoiceDomain& d) { return choiceProblem(d, value); },
                                 [&value](const TextDomain& d) { return textProblem(d, value); }},
                      domain);
}

Result<ParamValue> parseValue(const ParamSpec& spec, std::string_view text) {
    const std::string& key = spec.key;
    const std::string_view word = trimmed(text);
    return std::visit(
        Overloaded{[&](const BoolDomain&) {
                       return parsed(key, word, readFlag(word), "true or false (or yes, no, on, off, 1, 0)");
                   },
                   [&](const IntDomain&) {
                       return parsed(key, word, readNumber<std::int64_t>(word), "a whole number such as 8");
                   },
                   [&](const RealDomain&) {
                       return parsed(key, word, readNumber<double>(word), "a number such as 0.0003 or 3e-4");
                   },
                   [&](const ChoiceDomain&) { return Result<ParamValue>(ParamValue(std::string(word))); },
                   [&](const TextDomain&) { return Result<ParamValue>(ParamValue(std::string(text))); }},
        spec.domain);
}

std::string describe(const Domain& domain) {
    return std::visit(Overloaded{[](const BoolDomain&) { return std::string("true or false"); },
                                 [](const IntDomain& d) { return describeInt(d); },
                                 [](const RealDomain& d) { return describeReal(d); },
                                 [](const ChoiceDomain& d) { return "one of " + joined(d.values); },
                                 [](const TextDomain& d) { return describeText(d); }},
                      domain);
}

} // namespace lathe
