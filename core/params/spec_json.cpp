#include "core/params/spec_json.h"

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace lathe::spec_json {

namespace {

constexpr std::array<std::pair<TextDomain::Kind, std::string_view>, 4> kTextKinds{{
    {TextDomain::Kind::Plain, "plain"},
    {TextDomain::Kind::Folder, "folder"},
    {TextDomain::Kind::File, "file"},
    {TextDomain::Kind::Multiline, "multiline"},
}};

/// JSON has no infinity; it is written as the text "inf".
Json realToJson(double value) { return std::isfinite(value) ? Json(value) : Json(toText(value)); }

Json toJsonValue(const BoolDomain&) { return {{"type", "bool"}}; }

Json toJsonValue(const IntDomain& domain) {
    return {{"type", "int"},
            {"low", domain.low},
            {"high", domain.high},
            {"step", domain.step},
            {"log", domain.logScale}};
}

Json toJsonValue(const RealDomain& domain) {
    Json json{{"type", "real"},
              {"low", realToJson(domain.low)},
              {"high", realToJson(domain.high)},
              {"log", domain.logScale},
              {"low_open", domain.lowOpen}};
    if (domain.step > 0)
        json["step"] = domain.step;
    return json;
}

Json toJsonValue(const ChoiceDomain& domain) {
    return {{"type", "choice"},
            {"values", domain.values},
            {"labels", domain.labels},
            {"ordered", domain.ordered}};
}

Json toJsonValue(const TextDomain& domain) {
    std::string_view kind;
    for (const auto& [value, name] : kTextKinds)
        if (value == domain.kind)
            kind = name;
    return {{"type", "text"}, {"kind", kind}, {"may_be_empty", domain.mayBeEmpty}};
}

Result<Domain> intFromJson(const Json& json) {
    IntDomain domain;
    LATHE_TRY(read(json, "low", domain.low));
    LATHE_TRY(read(json, "high", domain.high));
    LATHE_TRY(read(json, "step", domain.step));
    LATHE_TRY(read(json, "log", domain.logScale));
    return Domain(domain);
}

Result<Domain> realFromJson(const Json& json) {
    RealDomain domain;
    LATHE_TRY(read(json, "low", domain.low));
    LATHE_TRY(read(json, "high", domain.high));
    LATHE_TRY(read(json, "log", domain.logScale));
    LATHE_TRY(read(json, "low_open", domain.lowOpen));
    LATHE_TRY(read(json, "step", domain.step));
    return Domain(domain);
}

Result<Domain> choiceFromJson(const Json& json) {
    ChoiceDomain domain;
    LATHE_TRY(read(json, "values", domain.values));
    LATHE_TRY(read(json, "labels", domain.labels));
    LATHE_TRY(read(json, "ordered", domain.ordered));
    return Domain(std::move(domain));
}

Result<Domain> textFromJson(const Json& json) {
    TextDomain domain;
    std::string kind = "plain";
    LATHE_TRY(read(json, "kind", kind));
    LATHE_TRY(read(json, "may_be_empty", domain.mayBeEmpty));
    for (const auto& [value, name] : kTextKinds) {
        if (name == kind) {
            domain.kind = value;
            return Domain(domain);
        }
    }
    return inputError("kind", "\"" + kind + "\" is not one of plain, folder, file, multiline");
}

} // namespace

Json toJsonValue(const Condition& condition) {
    Json terms = Json::array();
    for (const Condition::Term& term : condition.terms)
        terms.push_back({{"key", term.key}, {"any_of", term.anyOf}});
    return terms;
}

Json toJsonValue(const Domain& domain) {
    return std::visit([](const auto& d) { return toJsonValue(d); }, domain);
}

Status convert(const Json& json, bool& target) {
    if (!json.is_boolean())
        return inputError({}, "true or false");
    target = json.get<bool>();
    return ok();
}

Status convert(const Json& json, std::int64_t& target) {
    // A number above the signed range would wrap around silently.
    const bool fits =
        json.is_number_integer() &&
        (!json.is_number_unsigned() ||
         json.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits)
        return inputError({}, "a whole number of 64 bits");
    target = json.get<std::int64_t>();
    return ok();
}

Status convert(const Json& json, std::uint64_t& target) {
    if (!json.is_number_unsigned())
        return inputError({}, "a whole number from 0");
    target = json.get<std::uint64_t>();
    return ok();
}

Status convert(const Json& json, double& target) {
    if (json == "inf" || json == "-inf") {
        target = json == "inf" ? std::numeric_limits<double>::infinity()
                               : -std::numeric_limits<double>::infinity();
        return ok();
    }
    if (!json.is_number())
        return inputError({}, "a number");
    target = json.get<double>();
    return ok();
}

Status convert(const Json& json, std::string& target) {
    if (!json.is_string())
        return inputError({}, "a text");
    target = json.get<std::string>();
    return ok();
}

Status convert(const Json& json, std::vector<std::string>& target) {
    if (!json.is_array())
        return inputError({}, "a list of texts");
    target.clear();
    for (const Json& entry : json)
        LATHE_TRY(convert(entry, target.emplace_back()));
    return ok();
}

Status convert(const Json& json, ParamValues& target) {
    if (!json.is_object())
        return inputError({}, "an object");
    LATHE_ASSIGN(target, paramValuesFromJson(json.dump()));
    return ok();
}

Result<Domain> domainFromJson(const Json& json) {
    std::string type;
    if (json.is_object())
        LATHE_TRY(read(json, "type", type));
    if (type == "bool")
        return Domain(BoolDomain{});
    if (type == "int")
        return intFromJson(json);
    if (type == "real")
        return realFromJson(json);
    if (type == "choice")
        return choiceFromJson(json);
    if (type == "text")
        return textFromJson(json);
    return inputError("type", "\"" + type + "\" is not one of bool, int, real, choice, text");
}

Status convert(const Json& json, Condition& target) {
    if (!json.is_array())
        return inputError({}, "a list of terms");
    target.terms.clear();
    for (const Json& entry : json) {
        if (!entry.is_object())
            return inputError({}, "a list of terms");
        Condition::Term& term = target.terms.emplace_back();
        LATHE_TRY(read(entry, "key", term.key));
        LATHE_TRY(read(entry, "any_of", term.anyOf));
    }
    return ok();
}

const Json* memberOf(const Json& object, const std::string& key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

Error notReadable(const std::string& key, const Json& found, const Error& needed) {
    return inputError(key,
                      "is a JSON " + std::string(found.type_name()) + "; " + needed.message + " is needed");
}

} // namespace lathe::spec_json
