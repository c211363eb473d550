#include "core/store/optuna_distribution.h"

#include "core/params/real_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe::optuna {

namespace {

using Json = nlohmann::ordered_json;

/// The largest whole number below which a double holds each.
constexpr std::int64_t kLargestExact = std::int64_t{1} << 53;

Error refuse(const std::string& name, const std::string& why) { return inputError({}, name + " " + why); }

std::string text(const char* name, Json attributes) {
    return Json{{"name", name}, {"attributes", std::move(attributes)}}.dump();
}

bool isExact(std::int64_t value) { return value >= -kLargestExact && value <= kLargestExact; }

Result<Param> param(const std::string& key, const BoolDomain&, const ParamValue& value) {
    const bool* flag = std::get_if<bool>(&value);
    if (flag == nullptr)
        return refuse(key, "has the value " + toText(value) + ", which is neither true nor false");
    return Param{*flag ? 1.0 : 0.0, text("CategoricalDistribution", {{"choices", {false, true}}})};
}

Result<Param> param(const std::string& key, const IntDomain& domain, const ParamValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    if (whole == nullptr)
        return refuse(key, "has the value " + toText(value) + ", which is not a whole number");
    if (!isExact(*whole) || !isExact(domain.low) || !isExact(domain.high))
        return refuse(key, "goes beyond 2^53, up to which Optuna's files hold whole numbers");
    const std::int64_t step = domain.logScale ? 1 : domain.step;
    const std::int64_t high = domain.low + (domain.high - domain.low) / step * step;
    return Param{static_cast<double>(*whole),
                 text("IntDistribution",
                      {{"log", domain.logScale}, {"step", step}, {"low", domain.low}, {"high", high}})};
}

Result<Param> param(const std::string& key, const RealDomain& domain, const ParamValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    const auto* real = std::get_if<double>(&value);
    if (whole == nullptr && real == nullptr)
        return refuse(key, "has the value " + toText(value) + ", which is not a number");
    if (const auto problem = problemWithStep(domain))
        return refuse(key, *problem);
    const bool hasStep = domain.step > 0; // then both of Optuna's ends lie on the grid
    const double low = hasStep ? gridValue(domain, 0) : domain.low;
    const double high = hasStep ? gridValue(domain, gridCount(domain) - 1) : domain.high;
    return Param{whole != nullptr ? static_cast<double>(*whole) : *real,
                 text("FloatDistribution", {{"step", hasStep ? Json(domain.step) : Json(nullptr)},
                                            {"low", low},
                                            {"high", high},
                                            {"log", domain.logScale}})};
}

/// The choice as the type of `pattern`, or as the text it is.
ParamValue likePattern(const ParamValue& pattern, const std::string& choice) {
    ParamSpec spec;
    if (std::holds_alternative<bool>(pattern))
        spec.domain = BoolDomain{};
    else if (std::holds_alternative<std::int64_t>(pattern))
        spec.domain = IntDomain{};
    else if (std::holds_alternative<double>(pattern))
        spec.domain = RealDomain{};
    else
        spec.domain = TextDomain{};
    return parseValue(spec, choice).value_or(ParamValue(choice));
}

Result<Param> param(const std::string& key, const ChoiceDomain& domain, const ParamValue& value) {
    std::vector<ParamValue> choices;
    for (const std::string& choice : domain.values)
        choices.push_back(likePattern(value, choice));
    const auto found = std::ranges::find(choices, value);
    if (found == choices.end())
        return refuse(key, "has the value " + toText(value) + ", which is not one of its choices");
    Json list = Json::array();
    for (const ParamValue& choice : choices)
        std::visit([&list](const auto& v) { list.push_back(v); }, choice);
    return Param{static_cast<double>(found - choices.begin()),
                 text("CategoricalDistribution", {{"choices", std::move(list)}})};
}

Result<Param> param(const std::string& key, const TextDomain&, const ParamValue&) {
    return refuse(key, "is free text, for which Optuna has no distribution");
}

Result<double> finite(const std::string& name, const Json& attributes, const char* key) {
    const auto found = attributes.find(key);
    if (found == attributes.end() || !found->is_number() || !std::isfinite(found->get<double>()))
        return refuse(name, std::string("has a distribution without a finite number as \"") + key + "\"");
    return found->get<double>();
}

Result<std::int64_t> whole(const std::string& name, const Json& attributes, const char* key) {
    LATHE_ASSIGN(const double value, finite(name, attributes, key));
    if (value != std::floor(value) || std::abs(value) > static_cast<double>(kLargestExact))
        return refuse(name, "has a distribution whose \"" + std::string(key) + "\" is " + toText(value) +
                                ", not a whole number up to 2^53");
    return static_cast<std::int64_t>(value);
}

bool isLog(const Json& attributes) {
    const auto found = attributes.find("log");
    return found != attributes.end() && *found == true;
}

template <typename T>
Status checkRange(const std::string& name, T low, T high, bool logScale) {
    if (low > high)
        return refuse(name, "has a distribution from " + toText(low) + " to " + toText(high) +
                                ", which holds nothing");
    if (logScale && low <= 0)
        return refuse(name, "has a logarithmic distribution from " + toText(low) + ", which is not above 0");
    return ok();
}

Result<Distribution> realFrom(const std::string& name, const Json& attributes) {
    RealDomain domain;
    domain.logScale = isLog(attributes);
    LATHE_ASSIGN(domain.low, finite(name, attributes, "low"));
    LATHE_ASSIGN(domain.high, finite(name, attributes, "high"));
    LATHE_TRY(checkRange(name, domain.low, domain.high, domain.logScale));
    if (const auto step = attributes.find("step"); step != attributes.end() && !step->is_null()) {
        LATHE_ASSIGN(domain.step, finite(name, attributes, "step"));
        if (domain.step == 0) // which means "none" to the domain
            return refuse(name, "has a distribution with the step 0");
    }
    if (const auto problem = problemWithStep(domain))
        return refuse(name, *problem);
    return Distribution{domain, {}};
}

Result<Distribution> intFrom(const std::string& name, const Json& attributes) {
    IntDomain domain{.low = 0, .high = 0, .step = 1, .logScale = isLog(attributes)};
    LATHE_ASSIGN(domain.low, whole(name, attributes, "low"));
    LATHE_ASSIGN(domain.high, whole(name, attributes, "high"));
    LATHE_TRY(checkRange(name, domain.low, domain.high, domain.logScale));
    if (attributes.contains("step")) {
        LATHE_ASSIGN(domain.step, whole(name, attributes, "step"));
    }
    if (domain.step < 1)
        return refuse(name, "has a distribution with the step " + std::to_string(domain.step) +
                                "; 1 is the smallest");
    return Distribution{domain, {}};
}

Result<ParamValue> choiceFrom(const std::string& name, const Json& choice) {
    if (choice.is_boolean())
        return ParamValue(choice.get<bool>());
    if (choice.is_number_unsigned() &&
        choice.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargestExact))
        return refuse(name, "has the choice " + choice.dump() + ", which is above 2^53");
    if (choice.is_number_integer())
        return ParamValue(choice.get<std::int64_t>());
    if (choice.is_number_float())
        return ParamValue(choice.get<double>());
    if (choice.is_string())
        return ParamValue(choice.get<std::string>());
    return refuse(name, "has the choice " + choice.dump(-1, ' ', false, Json::error_handler_t::replace) +
                            "; only texts, numbers, true and false can be taken");
}

/// Numbers that go up: neighbours are alike.
bool isOrdered(const std::vector<ParamValue>& choices) {
    double last = -std::numeric_limits<double>::infinity();
    return choices.size() > 1 && std::ranges::all_of(choices, [&last](const ParamValue& choice) {
               const auto* integer = std::get_if<std::int64_t>(&choice);
               const auto* real = std::get_if<double>(&choice);
               if (integer == nullptr && real == nullptr)
                   return false;
               const double next = integer != nullptr ? static_cast<double>(*integer) : *real;
               const bool isAbove = next > last;
               last = next;
               return isAbove;
           });
}

Result<Distribution> choicesFrom(const std::string& name, const Json& attributes) {
    const auto list = attributes.find("choices");
    if (list == attributes.end() || !list->is_array() || list->empty())
        return refuse(name, "has a categorical distribution without choices");
    Distribution distribution;
    ChoiceDomain domain;
    std::set<std::string> seen;
    for (const Json& entry : *list) {
        LATHE_ASSIGN(ParamValue choice, choiceFrom(name, entry));
        domain.values.push_back(toText(choice));
        if (!seen.insert(domain.values.back()).second)
            return refuse(name, "has two choices that read " + domain.values.back());
        distribution.choices.push_back(std::move(choice));
    }
    const bool isBool = list->size() == 2 && (*list)[0].is_boolean() && (*list)[1].is_boolean();
    domain.ordered = isOrdered(distribution.choices);
    distribution.domain = isBool ? Domain(BoolDomain{}) : Domain(std::move(domain));
    return distribution;
}

Error differ(const std::string& name, const char* what) {
    return refuse(name, std::string("has two distributions in one study that differ in their ") + what);
}

} // namespace

Result<Param> toParam(const SearchDimension& dimension, const ParamValue& value) {
    if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real))
        return refuse(dimension.key, "has the value " + toText(value) + ", which Optuna cannot hold");
    return std::visit([&](const auto& domain) { return param(dimension.key, domain, value); },
                      dimension.domain);
}

Result<Distribution> distributionFrom(const std::string& name, std::string_view json) {
    const Json object = Json::parse(json, nullptr, false);
    if (!object.is_object() || !object.contains("name") || !object["name"].is_string() ||
        !object.contains("attributes") || !object["attributes"].is_object())
        return refuse(name, "has a distribution that is not a JSON object with name and attributes");
    const std::string kind = object["name"].get<std::string>();
    const Json& attributes = object["attributes"];
    if (kind == "FloatDistribution")
        return realFrom(name, attributes);
    if (kind == "IntDistribution")
        return intFrom(name, attributes);
    if (kind == "CategoricalDistribution")
        return choicesFrom(name, attributes);
    return refuse(name, "has a \"" + kind +
                            "\", which cannot be taken; FloatDistribution, IntDistribution and "
                            "CategoricalDistribution can");
}

Status widen(const std::string& name, Distribution& known, const Distribution& other) {
    if (known.domain.index() != other.domain.index())
        return differ(name, "kind");
    if (known.choices != other.choices)
        return differ(name, "choices");
    if (auto* real = std::get_if<RealDomain>(&known.domain)) {
        const auto& more = std::get<RealDomain>(other.domain);
        if (real->logScale != more.logScale)
            return differ(name, "scale");
        if (real->step != more.step || (more.step > 0 && !isOnGrid(*real, more.low)))
            return differ(name, "steps");
        real->low = std::min(real->low, more.low);
        real->high = std::max(real->high, more.high);
    } else if (auto* integer = std::get_if<IntDomain>(&known.domain)) {
        const auto& more = std::get<IntDomain>(other.domain);
        if (integer->logScale != more.logScale)
            return differ(name, "scale");
        if (integer->step != more.step || (integer->low - more.low) % integer->step != 0)
            return differ(name, "steps");
        integer->low = std::min(integer->low, more.low);
        integer->high = std::max(integer->high, more.high);
    }
    return ok();
}

Result<ParamValue> valueFrom(const std::string& name, const Distribution& distribution, double value) {
    if (!distribution.choices.empty()) {
        const bool isIndex = value >= 0 && value == std::floor(value) &&
                             value < static_cast<double>(distribution.choices.size());
        if (!isIndex)
            return refuse(name, "has the choice number " + toText(value) + ", of " +
                                    std::to_string(distribution.choices.size()));
        const ParamValue& choice = distribution.choices[static_cast<std::size_t>(value)];
        const bool isBool = std::holds_alternative<BoolDomain>(distribution.domain);
        return isBool ? choice : ParamValue(toText(choice));
    }
    ParamValue typed = value;
    if (std::holds_alternative<IntDomain>(distribution.domain)) {
        if (value != std::floor(value) || std::abs(value) > static_cast<double>(kLargestExact))
            return refuse(name, "has the value " + toText(value) + ", which is not a whole number");
        typed = static_cast<std::int64_t>(value);
    }
    if (const auto problem = problemWith(distribution.domain, typed))
        return refuse(name, "has a value outside of its distribution: " + *problem);
    return typed;
}

} // namespace lathe::optuna
