#include "core/params/study_spec.h"

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::json;

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

Json toJsonValue(const Objective& objective) {
    return {{"metric", objective.metric}, {"maximize", objective.maximize}};
}

Json toJsonValue(const Condition& condition) {
    Json terms = Json::array();
    for (const Condition::Term& term : condition.terms)
        terms.push_back({{"key", term.key}, {"any_of", term.anyOf}});
    return terms;
}

Json toJsonValue(const SearchSpace& space) {
    Json dimensions = Json::array();
    for (const SearchDimension& dimension : space) {
        Json domain = std::visit([](const auto& d) { return toJsonValue(d); }, dimension.domain);
        dimensions.push_back({{"key", dimension.key},
                              {"domain", std::move(domain)},
                              {"active_if", toJsonValue(dimension.activeIf)}});
    }
    return dimensions;
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

Status convert(const Json& json, Condition& target);

/// `object[key]` into `target`; a missing key leaves it as it is, so that older files stay readable.
template <typename T>
Status read(const Json& object, const std::string& key, T& target) {
    const auto found = object.find(key);
    if (found == object.end())
        return ok();
    if (const Status status = convert(*found, target); !status.has_value())
        return inputError(key, "is a JSON " + std::string(found->type_name()) + "; " +
                                   status.error().message + " is needed");
    return ok();
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

Status readObjective(const Json& json, const std::string& where, Objective& target) {
    if (!json.is_object())
        return inputError(where, "is not a JSON object");
    LATHE_TRY(read(json, "metric", target.metric));
    return read(json, "maximize", target.maximize);
}

Status readObjectives(const Json& object, StudySpec& spec) {
    if (const auto first = object.find("objective"); first != object.end())
        LATHE_TRY(readObjective(*first, "objective", spec.objective));
    const auto further = object.find("further_objectives");
    if (further == object.end())
        return ok();
    if (!further->is_array())
        return inputError("further_objectives", "is not a JSON list of objectives");
    for (const Json& entry : *further)
        LATHE_TRY(readObjective(entry, "further_objectives", spec.furtherObjectives.emplace_back()));
    return ok();
}

Result<SearchDimension> dimensionFromJson(const Json& json) {
    SearchDimension dimension;
    if (!json.is_object() || !json.contains("domain"))
        return inputError("search space",
                          "has an entry without \"domain\"; an object with key and domain is needed");
    LATHE_TRY(read(json, "key", dimension.key));
    LATHE_ASSIGN(dimension.domain, domainFromJson(json["domain"]));
    LATHE_TRY(read(json, "active_if", dimension.activeIf));
    return dimension;
}

Result<SearchSpace> spaceFromJson(const Json& json) {
    if (!json.is_array())
        return inputError("search space", "is not a JSON list of dimensions");
    SearchSpace space;
    for (const Json& entry : json) {
        LATHE_ASSIGN(SearchDimension dimension, dimensionFromJson(entry));
        space.push_back(std::move(dimension));
    }
    return space;
}

} // namespace

std::vector<Objective> objectivesOf(const StudySpec& spec) {
    std::vector<Objective> objectives{spec.objective};
    objectives.insert(objectives.end(), spec.furtherObjectives.begin(), spec.furtherObjectives.end());
    return objectives;
}

std::string toJson(const SearchSpace& space) { return toJsonValue(space).dump(); }

Result<SearchSpace> searchSpaceFromJson(std::string_view json) {
    return spaceFromJson(Json::parse(json, nullptr, false));
}

std::string toJson(const StudySpec& spec) {
    Json json{{"name", spec.name},
              {"kind", spec.kind},
              {"fixed", Json::parse(toJson(spec.fixed))},
              {"space", toJsonValue(spec.space)},
              {"sampler", spec.samplerId},
              {"sampler_options", Json::parse(toJson(spec.samplerOptions))},
              {"pruner", spec.prunerId},
              {"pruner_options", Json::parse(toJson(spec.prunerOptions))},
              {"prune_metric", spec.pruneMetric},
              {"trial_count", spec.trialCount},
              {"max_steps", spec.maxSteps},
              {"max_seconds", spec.maxSeconds},
              {"planned_trials", spec.plannedTrials},
              {"result_lag", spec.resultLag},
              {"may_repeat", spec.mayRepeat},
              {"seed", spec.seed},
              {"objective", toJsonValue(spec.objective)}};
    for (const Objective& objective : spec.furtherObjectives)
        json["further_objectives"].push_back(toJsonValue(objective));
    return json.dump();
}

Result<StudySpec> studySpecFromJson(std::string_view json) {
    const Json object = Json::parse(json, nullptr, false);
    if (!object.is_object())
        return inputError("study", "is not a JSON object");
    StudySpec spec;
    LATHE_TRY(read(object, "name", spec.name));
    LATHE_TRY(read(object, "kind", spec.kind));
    LATHE_TRY(read(object, "fixed", spec.fixed));
    LATHE_TRY(read(object, "sampler", spec.samplerId));
    LATHE_TRY(read(object, "sampler_options", spec.samplerOptions));
    LATHE_TRY(read(object, "pruner", spec.prunerId));
    LATHE_TRY(read(object, "pruner_options", spec.prunerOptions));
    LATHE_TRY(read(object, "prune_metric", spec.pruneMetric));
    LATHE_TRY(read(object, "trial_count", spec.trialCount));
    LATHE_TRY(read(object, "max_steps", spec.maxSteps));
    LATHE_TRY(read(object, "max_seconds", spec.maxSeconds));
    LATHE_TRY(read(object, "planned_trials", spec.plannedTrials));
    LATHE_TRY(read(object, "result_lag", spec.resultLag));
    LATHE_TRY(read(object, "may_repeat", spec.mayRepeat));
    LATHE_TRY(read(object, "seed", spec.seed));
    if (object.contains("space")) {
        LATHE_ASSIGN(spec.space, spaceFromJson(object["space"]));
    }
    LATHE_TRY(readObjectives(object, spec));
    return spec;
}

} // namespace lathe
