#include "core/params/black_box_space.h"

#include "core/base/text.h"
#include "core/params/real_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

/// Samplers count in doubles; beyond this they would miss whole numbers.
constexpr std::int64_t kWidest = std::int64_t{1} << 53;

constexpr std::string_view kExample = R"({"x": {"type": "float", "low": 0, "high": 1}})";

std::string kindOf(const Json& json) {
    return (json.is_array() || json.is_object() ? "an " : "a ") + std::string(json.type_name());
}

/// As the file has it, but not a page of it.
std::string shown(const Json& json) {
    constexpr std::size_t kMost = 60;
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() <= kMost ? text : text.substr(0, kMost) + " …";
}

Status checkFields(const std::string& key, const Json& json, const std::string& type,
                   const std::vector<std::string>& known) {
    for (const auto& [field, value] : json.items())
        if (field != "type" && field != "if" && std::ranges::find(known, field) == known.end())
            return inputError(key, "\"" + field + "\" is not known of a " + type + "; there are type, if" +
                                       (known.empty() ? "" : ", ") + joined(known));
    return ok();
}

Status read(const std::string& key, const Json& json, const char* field, bool& target) {
    const auto found = json.find(field);
    if (found == json.end())
        return ok();
    if (!found->is_boolean())
        return inputError(key,
                          "\"" + std::string(field) + "\" is " + shown(*found) + "; write true or false");
    target = found->get<bool>();
    return ok();
}

Status read(const std::string& key, const Json& json, const char* field, double& target) {
    const auto found = json.find(field);
    if (found == json.end())
        return ok();
    if (!found->is_number())
        return inputError(key, "\"" + std::string(field) + "\" is " + shown(*found) + "; write a number");
    target = found->get<double>();
    return ok();
}

Status read(const std::string& key, const Json& json, const char* field, std::int64_t& target) {
    const auto found = json.find(field);
    if (found == json.end())
        return ok();
    double real = 0;
    LATHE_TRY(read(key, json, field, real));
    // Programs that know only one kind of number write 3.0 for 3.
    if (std::floor(real) != real || std::abs(real) > static_cast<double>(kWidest))
        return inputError(key, "\"" + std::string(field) + "\" is " + shown(*found) +
                                   "; write a whole number of at most " + std::to_string(kWidest));
    target = found->is_number_float() ? static_cast<std::int64_t>(real) : found->get<std::int64_t>();
    return ok();
}

/// An expression; whether it is a good one is seen when all parameters are known.
Status read(const std::string& key, const Json& json, const char* field, std::string& target) {
    const auto found = json.find(field);
    if (found == json.end())
        return ok();
    if (!found->is_string())
        return inputError(key, "\"" + std::string(field) + "\" is " + shown(*found) +
                                   R"(; write an expression, as in "max_steps / 2")");
    target = found->get<std::string>();
    return ok();
}

Status needEnds(const std::string& key, const Json& json) {
    for (const char* end : {"low", "high"})
        if (!json.contains(end))
            return inputError(key, "has no \"" + std::string(end) +
                                       R"("; give both ends, as in "low": 0, "high": 1)");
    return ok();
}

Result<Domain> floatFromJson(const std::string& key, const Json& json) {
    LATHE_TRY(checkFields(key, json, "float", {"low", "high", "log", "step", "at_least", "at_most"}));
    LATHE_TRY(needEnds(key, json));
    RealDomain domain;
    LATHE_TRY(read(key, json, "low", domain.low));
    LATHE_TRY(read(key, json, "high", domain.high));
    LATHE_TRY(read(key, json, "log", domain.logScale));
    LATHE_TRY(read(key, json, "step", domain.step));
    if (json.contains("step") && domain.step == 0)
        return inputError(key, "has the step 0; choose a number above 0, or leave it out");
    if (!std::isfinite(domain.high - domain.low))
        return inputError(key, "has the range " + toText(domain.low) + " to " + toText(domain.high) +
                                   ", too wide to calculate with; choose a narrower one");
    return Domain(domain);
}

Result<Domain> intFromJson(const std::string& key, const Json& json) {
    LATHE_TRY(checkFields(key, json, "int", {"low", "high", "step", "log", "at_least", "at_most"}));
    LATHE_TRY(needEnds(key, json));
    IntDomain domain;
    LATHE_TRY(read(key, json, "low", domain.low));
    LATHE_TRY(read(key, json, "high", domain.high));
    LATHE_TRY(read(key, json, "step", domain.step));
    LATHE_TRY(read(key, json, "log", domain.logScale));
    if (domain.step < 1)
        return inputError(key, "has the step " + std::to_string(domain.step) + "; choose 1 or more");
    if (domain.high - domain.low > kWidest) // each is at most kWidest: no overflow
        return inputError(key, "has a range of more than " + std::to_string(kWidest) +
                                   " whole numbers; choose a narrower one");
    return Domain(domain);
}

Result<ParamValue> choiceFrom(const std::string& key, const Json& json) {
    if (json.is_boolean())
        return ParamValue(json.get<bool>());
    if (json.is_string())
        return ParamValue(json.get<std::string>());
    if (json.is_number_float())
        return ParamValue(json.get<double>());
    const bool fits = json.is_number_integer() &&
                      !(json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX});
    if (fits)
        return ParamValue(json.get<std::int64_t>());
    return inputError(key, shown(json) + " cannot be a value; write a text, a number, true or false");
}

Result<Domain> choiceDomainFromJson(const std::string& key, const Json& json,
                                    std::vector<ParamValue>& choices) {
    LATHE_TRY(checkFields(key, json, "categorical", {"choices", "ordered"}));
    const auto list = json.find("choices");
    if (list == json.end() || !list->is_array() || list->empty())
        return inputError(key, (list == json.end() ? std::string("has no \"choices\"")
                                                   : "has the choices " + shown(*list)) +
                                   R"(; list them, as in "choices": ["a", "b"])");
    ChoiceDomain domain;
    LATHE_TRY(read(key, json, "ordered", domain.ordered));
    for (const Json& entry : *list) {
        LATHE_ASSIGN(ParamValue value, choiceFrom(key, entry));
        const std::string text = toText(value);
        if (std::ranges::find(domain.values, text) != domain.values.end())
            return inputError(key, "lists the choice " + text + " twice; once is enough");
        domain.values.push_back(text);
        choices.push_back(std::move(value));
    }
    return Domain(std::move(domain));
}

Result<Domain> domainFromJson(const std::string& key, const Json& json, BlackBoxSpace& space) {
    if (!json.is_object())
        return inputError(key,
                          "is " + shown(json) +
                              R"(; describe it by an object such as {"type": "float", "low": 0, "high": 1})");
    const auto type = json.find("type");
    if (type != json.end() && *type == "float")
        return floatFromJson(key, json);
    if (type != json.end() && *type == "int")
        return intFromJson(key, json);
    if (type != json.end() && *type == "categorical")
        return choiceDomainFromJson(key, json, space.choices[key]);
    if (type != json.end() && *type == "bool") {
        LATHE_TRY(checkFields(key, json, "bool", {}));
        return Domain(BoolDomain{});
    }
    return inputError(key,
                      (type == json.end() ? std::string("has no \"type\"") : "has the type " + shown(*type)) +
                          "; choose one of float, int, categorical, bool");
}

/// One term of a condition; `decider` is the dimension it looks at.
Result<Condition::Term> termFrom(const std::string& key, const SearchDimension& decider, const Json& wanted) {
    if (std::holds_alternative<RealDomain>(decider.domain))
        return inputError(key, "its condition looks at " + decider.key +
                                   ", a float; let it look at an int, a categorical or a bool");
    Condition::Term term{decider.key, {}};
    const Json values = wanted.is_array() ? wanted : Json::array({wanted});
    if (values.empty())
        return inputError(key, "its condition lists no value of " + decider.key + "; list at least one");
    for (const Json& entry : values) {
        LATHE_ASSIGN(const ParamValue value, choiceFrom(key, entry));
        const bool isChoice = std::holds_alternative<ChoiceDomain>(decider.domain);
        const ParamValue searched = isChoice ? ParamValue(toText(value)) : value;
        if (const auto problem = problemWith(decider.domain, searched))
            return inputError(key, "its condition can never hold: " + decider.key + " " + *problem);
        term.anyOf.push_back(toText(value));
    }
    return term;
}

Status readCondition(SearchDimension& dimension, const Json& json, const SearchSpace& space) {
    const auto condition = json.find("if");
    if (condition == json.end())
        return ok();
    const std::string& key = dimension.key;
    if (!condition->is_object() || condition->empty())
        return inputError(key,
                          "its condition is " + shown(*condition) + R"(; write it as in "if": {"c": ["a"]})");
    for (const auto& [name, wanted] : condition->items()) {
        const auto decider = std::ranges::find(space, name, &SearchDimension::key);
        if (decider == space.end())
            return inputError(key, "its condition looks at \"" + name +
                                       "\", which is no parameter of this space; add it or correct the name");
        LATHE_ASSIGN(Condition::Term term, termFrom(key, *decider, wanted));
        dimension.activeIf.terms.push_back(std::move(term));
    }
    return ok();
}

/// Takes away what depends on nothing undecided until nothing is left.
Status checkForCircles(const SearchSpace& space) {
    std::set<std::string, std::less<>> undecided;
    for (const SearchDimension& dimension : space)
        undecided.insert(dimension.key);
    const auto isDecided = [&undecided](const SearchDimension& dimension) {
        return undecided.contains(dimension.key) &&
               std::ranges::none_of(dimension.activeIf.terms, [&undecided](const Condition::Term& term) {
                   return undecided.contains(term.key);
               });
    };
    for (auto next = std::ranges::find_if(space, isDecided); next != space.end();
         next = std::ranges::find_if(space, isDecided))
        undecided.erase(next->key);
    if (undecided.empty())
        return ok();
    return inputError(*undecided.begin(),
                      "its condition depends on itself in a circle; take the condition from one of them");
}

/// A range, by the rules of every search space.
Status checkRange(const SearchDimension& dimension) {
    if (std::holds_alternative<ChoiceDomain>(dimension.domain))
        return ok(); // as they are given; those rules would read them anew
    ParamSpec spec;
    spec.key = dimension.key;
    spec.domain = dimension.domain;
    return checkSearchSpace(std::span(&spec, 1), {dimension});
}

Result<ParamValue> valueFrom(const BlackBoxSpace& space, const SearchDimension& dimension, const Json& json) {
    LATHE_ASSIGN(ParamValue value, choiceFrom(dimension.key, json));
    if (space.choices.contains(dimension.key))
        value = toText(value);
    const auto* whole = std::get_if<std::int64_t>(&value);
    if (std::holds_alternative<RealDomain>(dimension.domain) && whole != nullptr)
        value = static_cast<double>(*whole);
    if (const auto problem = problemWith(dimension.domain, value))
        return inputError({}, dimension.key + " " + *problem);
    return value;
}

} // namespace

Result<BlackBoxSpace> blackBoxSpaceFromJson(const Json& json) {
    if (!json.is_object())
        return inputError("space", "is " + kindOf(json) + "; give an object of parameters such as " +
                                       std::string(kExample));
    if (json.empty())
        return inputError("space", "holds no parameter; give at least one, as in " + std::string(kExample));
    BlackBoxSpace space;
    for (const auto& [key, described] : json.items()) {
        if (key.empty())
            return inputError("space", "holds a parameter without a name; give it one");
        LATHE_ASSIGN(Domain domain, domainFromJson(key, described, space));
        SearchDimension& dimension =
            space.dimensions.emplace_back(SearchDimension{key, std::move(domain), {}});
        LATHE_TRY(read(key, described, "at_least", dimension.atLeast));
        LATHE_TRY(read(key, described, "at_most", dimension.atMost));
        LATHE_TRY(checkRange(space.dimensions.back()));
    }
    for (SearchDimension& dimension : space.dimensions)
        LATHE_TRY(readCondition(dimension, json.at(dimension.key), space.dimensions));
    LATHE_TRY(checkForCircles(space.dimensions));
    return space;
}

Json pointToJson(const BlackBoxSpace& space, const ParamValues& point) {
    Json json = Json::object();
    for (const SearchDimension& dimension : space.dimensions) {
        const ParamValue* value = point.find(dimension.key);
        if (value == nullptr)
            continue;
        if (const auto* choice = std::get_if<ChoiceDomain>(&dimension.domain)) {
            const auto place = std::ranges::find(choice->values, std::get<std::string>(*value));
            LATHE_EXPECT(place != choice->values.end());
            const auto& typed = space.choices.find(dimension.key)->second;
            value = &typed[static_cast<std::size_t>(place - choice->values.begin())];
        }
        std::visit([&](const auto& plain) { json[dimension.key] = plain; }, *value);
    }
    return json;
}

Result<ParamValues> pointFromJson(const BlackBoxSpace& space, const Json& json) {
    if (!json.is_object())
        return inputError("params", "is " + kindOf(json) + "; an object of values is needed");
    ParamValues point;
    for (const auto& [key, value] : json.items()) {
        const auto dimension = std::ranges::find(space.dimensions, key, &SearchDimension::key);
        if (dimension == space.dimensions.end())
            return inputError({}, key + " is no parameter of this space");
        LATHE_ASSIGN(ParamValue read, valueFrom(space, *dimension, value));
        point.set(key, std::move(read));
    }
    return point;
}

} // namespace lathe
