#include "app/search/search_study.h"

#include "app/search/search_json.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/params/study_rules.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "lathe_search"; // its value is the version
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kUsualBudget = 100;
constexpr const char* kPending = "pending";

Status checkKnown(const Json& request) {
    constexpr std::array<std::string_view, 10> kFields{"sampler",   "seed",       "direction", "directions",
                                                       "budget",    "space",      "options",   "derived",
                                                       "forbidden", "constraints"};
    if (!request.is_object())
        return inputError("create", "is " + shownJson(request) +
                                        R"(; an object with at least {"space": {…}} is needed)");
    for (const auto& [field, value] : request.items())
        if (std::ranges::find(kFields, field) == kFields.end())
            return inputError("create",
                              "\"" + field +
                                  "\" is not known; there are sampler, seed, direction, directions, budget, "
                                  "space, options, derived, forbidden, constraints");
    if (!request.contains("space"))
        return inputError("create", R"(has no "space"; say what to search, as in )"
                                    R"("space": {"x": {"type": "float", "low": 0, "high": 1}})");
    return ok();
}

/// The same, with everything said that was left out: a later version's defaults must not change a saved
/// search.
Json completed(const Json& request) {
    const StudySpec usual;
    Json whole{{"sampler", usual.samplerId},
               {"seed", usual.seed},
               {"budget", kUsualBudget},
               {"options", Json::object()}};
    if (!request.contains("directions"))
        whole["direction"] = "minimize";
    whole.update(request);
    return whole;
}

Result<bool> isMaximized(const Json& direction) {
    if (direction != "minimize" && direction != "maximize")
        return inputError("direction", "is " + shownJson(direction) + "; choose minimize or maximize");
    return direction == "maximize";
}

Status readDirections(const Json& request, StudySpec& spec) {
    spec.objective.metric = "value";
    const auto several = request.find("directions");
    if (several == request.end()) {
        LATHE_ASSIGN(spec.objective.maximize, isMaximized(request["direction"]));
        return ok();
    }
    if (request.contains("direction"))
        return inputError("directions", "and direction are both there; keep one of the two");
    if (!several->is_array() || several->empty())
        return inputError("directions", "is " + shownJson(*several) +
                                            R"(; a list is needed, as in ["minimize", "maximize"])");
    for (const Json& direction : *several) {
        LATHE_ASSIGN(const bool maximize, isMaximized(direction));
        const std::string place = std::to_string(spec.furtherObjectives.size() + 1);
        spec.furtherObjectives.push_back({"value " + place, maximize});
    }
    spec.objective = spec.furtherObjectives.front();
    spec.furtherObjectives.erase(spec.furtherObjectives.begin());
    return ok();
}

/// A list of expressions; one that is left out is empty.
Result<std::vector<std::string>> expressionsFrom(const Json& request, const char* field) {
    std::vector<std::string> texts;
    const auto list = request.find(field);
    if (list == request.end())
        return texts;
    const bool isList =
        list->is_array() && std::ranges::all_of(*list, [](const Json& entry) { return entry.is_string(); });
    if (!isList)
        return inputError(field, "is " + shownJson(*list) +
                                     "; a list of expressions is needed, as in "
                                     R"(["k > 8 and x > 0.5"])");
    return list->get<std::vector<std::string>>();
}

Status readRules(const Json& request, StudySpec& spec) {
    if (const auto derived = request.find("derived"); derived != request.end()) {
        if (!derived->is_object())
            return inputError("derived",
                              "is " + shownJson(*derived) +
                                  R"(; names and expressions are needed, as in {"alpha": "2 * k"})");
        for (const auto& [key, expression] : derived->items()) {
            if (!expression.is_string())
                return inputError("derived", key + " is " + shownJson(expression) +
                                                 "; an expression in quotes is needed");
            LATHE_TRY(addDerivedValue(spec, key, expression.get<std::string>()));
        }
    }
    LATHE_ASSIGN(spec.forbidden, expressionsFrom(request, "forbidden"));
    LATHE_ASSIGN(spec.constraints, expressionsFrom(request, "constraints"));
    return ok();
}

Result<StudySpec> specFrom(const Json& request, const BlackBoxSpace& space) {
    StudySpec spec;
    spec.kind = "search";
    spec.space = space.dimensions;
    if (!request["sampler"].is_string())
        return inputError("sampler", "is " + shownJson(request["sampler"]) + "; the name of one is needed");
    spec.samplerId = request["sampler"].get<std::string>();
    if (!request["seed"].is_number_unsigned())
        return inputError("seed", "is " + shownJson(request["seed"]) + "; a whole number from 0 is needed");
    spec.seed = request["seed"].get<std::uint64_t>();
    LATHE_TRY(readDirections(request, spec));
    LATHE_ASSIGN(spec.trialCount, wholeNumber(request, "budget"));
    if (!request["options"].is_object())
        return inputError("options", "is " + shownJson(request["options"]) +
                                         "; an object of the sampler's options is needed");
    LATHE_ASSIGN(spec.samplerOptions, paramValuesFromJson(request["options"].dump()));
    LATHE_TRY(readRules(request, spec));
    return spec;
}

Result<TrialState> stateFrom(const Json& name) {
    if (name == kPending)
        return TrialState::Running;
    const auto state = name.is_string() ? trialStateFrom(name.get<std::string>()) : std::nullopt;
    if (!state || !isFinal(*state))
        return inputError("state",
                          "is " + shownJson(name) + "; pending, complete, pruned or failed is needed");
    return *state;
}

/// Without what is derived: it follows.
Json searchedOnly(Json params, const StudySpec& spec) {
    for (const DerivedValue& value : spec.derived)
        if (params.is_object())
            params.erase(value.key);
    return params;
}

Status readTrial(const Json& json, const StudySpec& spec, const BlackBoxSpace& space, SavedSearch& saved) {
    if (!json.is_object() || !json.contains("params"))
        return inputError("trials", "holds " + shownJson(json) + ", which is no trial");
    ObservedTrial& trial = saved.trials.emplace_back();
    TrialDetails& details = saved.details.emplace_back();
    LATHE_ASSIGN(trial.number, wholeNumber(json, "id"));
    LATHE_ASSIGN(trial.values, pointFromJson(space, searchedOnly(json["params"], spec)));
    LATHE_ASSIGN(TrialReport report, reportFromJson(json));
    LATHE_ASSIGN(trial.state, stateFrom(json.contains("state") ? json["state"] : Json()));
    trial.objective = report.value;
    trial.furtherObjectives = std::move(report.furtherValues);
    trial.constraints = std::move(report.constraints);
    details.intermediate = std::move(report.intermediate);
    details.note = std::move(report.reason);
    if (!details.intermediate.empty())
        trial.steps = details.intermediate.rbegin()->first;
    return ok();
}

} // namespace

Result<SearchStudy> SearchStudy::create(const Json& request, const Registry<Sampler>& samplers) {
    LATHE_TRY(checkKnown(request));
    const Json whole = completed(request);
    LATHE_ASSIGN(BlackBoxSpace space, blackBoxSpaceFromJson(whole["space"]));
    LATHE_ASSIGN(StudySpec spec, specFrom(whole, space));
    LATHE_ASSIGN(auto sampler, samplers.make(spec.samplerId));
    LATHE_ASSIGN(AskTell search, AskTell::make(std::move(spec), std::move(sampler)));
    return SearchStudy(std::move(search), std::move(space), whole.dump());
}

Result<SearchStudy> SearchStudy::load(const std::filesystem::path& path, const Registry<Sampler>& samplers,
                                      std::optional<std::int64_t> budget) {
    const auto within = [&path](const Error& error) { return inputError(path.string(), error.text()); };
    LATHE_ASSIGN(const std::string text, readFile(path));
    const Result<Json> read = parseJson(text);
    if (!read.has_value())
        return within(read.error());
    const Json& file = read.value();
    const bool isOurs = file.is_object() && file.contains(kFormat) && file.contains("create") &&
                        file.contains("trials") && file["trials"].is_array();
    if (!isOurs)
        return inputError(path.string(), "is not a search that was saved; give a file that \"save\" wrote");
    if (file[kFormat] != kVersion)
        return inputError(path.string(), "has the version " + shownJson(file[kFormat]) +
                                             ", this program reads " + std::to_string(kVersion));
    Json request = file["create"];
    if (budget && request.is_object())
        request["budget"] = *budget;
    Result<SearchStudy> study = create(request, samplers);
    if (!study.has_value())
        return within(study.error());
    SavedSearch saved;
    for (const Json& trial : file["trials"])
        if (const Status status = readTrial(trial, study->search().spec(), study->m_space, saved);
            !status.has_value())
            return within(status.error());
    if (const auto state = file.find("sampler_state"); state != file.end() && state->is_string())
        saved.samplerState = state->get<std::string>();
    StudySpec spec = study->m_search.spec();
    LATHE_ASSIGN(auto sampler, samplers.make(spec.samplerId));
    auto search = AskTell::resume(std::move(spec), std::move(sampler), std::move(saved));
    if (!search.has_value())
        return within(search.error());
    return SearchStudy(std::move(search).value(), std::move(study->m_space), std::move(study->m_request));
}

Status SearchStudy::save(const std::filesystem::path& path) const {
    Json file{{kFormat, kVersion},
              {"create", request()},
              {"sampler_state", m_search.samplerState()},
              {"trials", Json::array()}};
    for (const ObservedTrial& trial : m_search.trials())
        file["trials"].push_back(trialJson(trial.number));
    return writeFileAtomically(path, file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

BlackBoxSpace SearchStudy::wholeSpace() const {
    BlackBoxSpace space = m_space;
    for (const DerivedValue& value : m_search.spec().derived)
        space.dimensions.push_back({value.key, value.domain, {}});
    return space;
}

ParamValues SearchStudy::wholePoint(std::int64_t number) const {
    ParamValues point = m_search.trials()[static_cast<std::size_t>(number)].values;
    const auto rules = StudyRules::make(m_search.spec());
    LATHE_EXPECT(rules.has_value()); // or the search had not been made
    const ParamValues derived = rules->derived(point);
    for (const auto& [key, value] : derived.map())
        point.set(key, value);
    return point;
}

Json SearchStudy::paramsJson(std::int64_t number) const {
    Json params = pointToJson(m_space, m_search.trials()[static_cast<std::size_t>(number)].values);
    const ParamValues whole = wholePoint(number);
    for (const DerivedValue& derived : m_search.spec().derived)
        if (const ParamValue* value = whole.find(derived.key))
            std::visit([&](const auto& plain) { params[derived.key] = plain; }, *value);
    return params;
}

Json SearchStudy::request() const { return Json::parse(m_request); }

Json SearchStudy::trialJson(std::int64_t number) const {
    const TrialDetails& details = m_search.details(number);
    const ObservedTrial& trial = m_search.trials()[static_cast<std::size_t>(number)];
    const bool isOver = isFinal(trial.state);
    Json json{{"id", number},
              {"state", isOver ? std::string(toString(trial.state)) : kPending},
              {"params", paramsJson(number)}};
    if (trial.objective && trial.furtherObjectives.empty())
        json["value"] = *trial.objective;
    if (trial.objective && !trial.furtherObjectives.empty()) {
        json["values"] = trial.furtherObjectives;
        json["values"].insert(json["values"].begin(), *trial.objective);
    }
    if (!trial.constraints.empty())
        json["constraints"] = trial.constraints;
    for (const auto& [step, value] : details.intermediate)
        json["intermediate"][std::to_string(step)] = value;
    if (!details.note.empty())
        json["reason"] = details.note;
    return json;
}

} // namespace lathe
