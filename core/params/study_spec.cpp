#include "core/params/study_spec.h"

#include "core/params/spec_json.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using spec_json::domainFromJson;
using spec_json::Json;
using spec_json::read;
using spec_json::toJsonValue;

Json toJsonValue(const Objective& objective) {
    return {{"metric", objective.metric}, {"maximize", objective.maximize}};
}

Json toJsonValue(const SearchSpace& space) {
    Json dimensions = Json::array();
    for (const SearchDimension& dimension : space) {
        Json& json = dimensions.emplace_back(Json{{"key", dimension.key},
                                                  {"domain", toJsonValue(dimension.domain)},
                                                  {"active_if", toJsonValue(dimension.activeIf)}});
        if (!dimension.atLeast.empty())
            json["at_least"] = dimension.atLeast;
        if (!dimension.atMost.empty())
            json["at_most"] = dimension.atMost;
    }
    return dimensions;
}

Json toJsonValue(const std::vector<DerivedValue>& values) {
    Json list = Json::array();
    for (const DerivedValue& value : values)
        list.push_back(
            {{"key", value.key}, {"expression", value.expression}, {"domain", toJsonValue(value.domain)}});
    return list;
}

/// Only what is there: most studies have none of it.
void addRules(Json& json, const StudySpec& spec) {
    if (!spec.derived.empty())
        json["derived"] = toJsonValue(spec.derived);
    if (!spec.forbidden.empty())
        json["forbidden"] = spec.forbidden;
    if (!spec.constraints.empty())
        json["constraints"] = spec.constraints;
    for (const EarlierSpace& earlier : spec.earlierSpaces)
        json["earlier_spaces"].push_back({{"space", toJsonValue(earlier.space)},
                                          {"derived", toJsonValue(earlier.derived)},
                                          {"forbidden", earlier.forbidden},
                                          {"trials", earlier.trials}});
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
    LATHE_TRY(read(json, "at_least", dimension.atLeast));
    LATHE_TRY(read(json, "at_most", dimension.atMost));
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

namespace spec_json {

Status convert(const Json& json, SearchSpace& target) {
    LATHE_ASSIGN(target, spaceFromJson(json));
    return ok();
}

Status convert(const Json& json, std::vector<DerivedValue>& target) {
    if (!json.is_array())
        return inputError({}, "a list of derived values");
    target.clear();
    for (const Json& entry : json) {
        if (!entry.is_object() || !entry.contains("domain"))
            return inputError({}, "a list of derived values");
        DerivedValue& value = target.emplace_back();
        LATHE_TRY(read(entry, "key", value.key));
        LATHE_TRY(read(entry, "expression", value.expression));
        LATHE_ASSIGN(value.domain, domainFromJson(entry["domain"]));
    }
    return ok();
}

Status convert(const Json& json, std::vector<EarlierSpace>& target) {
    if (!json.is_array())
        return inputError({}, "a list of earlier spaces");
    target.clear();
    for (const Json& entry : json) {
        if (!entry.is_object())
            return inputError({}, "a list of earlier spaces");
        EarlierSpace& earlier = target.emplace_back();
        LATHE_TRY(read(entry, "space", earlier.space));
        LATHE_TRY(read(entry, "derived", earlier.derived));
        LATHE_TRY(read(entry, "forbidden", earlier.forbidden));
        LATHE_TRY(read(entry, "trials", earlier.trials));
    }
    return ok();
}

} // namespace spec_json

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
    addRules(json, spec);
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
    LATHE_TRY(read(object, "derived", spec.derived));
    LATHE_TRY(read(object, "forbidden", spec.forbidden));
    LATHE_TRY(read(object, "constraints", spec.constraints));
    LATHE_TRY(read(object, "earlier_spaces", spec.earlierSpaces));
    return spec;
}

} // namespace lathe
