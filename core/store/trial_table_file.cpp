#include "core/store/trial_table_file.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/store/trial_facts.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(csvNumber(value)); }

std::string csvValue(const ParamValue& value) {
    const auto* real = std::get_if<double>(&value);
    return real != nullptr ? csvNumber(*real) : csvField(toText(value));
}

Json trialJson(const StudySpec& spec, const TrialRecord& trial, const std::vector<MetricPoint>& curve) {
    const auto objective = objectiveOf(trial, spec.objective);
    Json json{{"number", trial.number},
              {"state", toString(trial.state)},
              {"objective", objective ? number(*objective) : Json(nullptr)},
              {"seconds", number(trial.seconds)},
              {"steps", trial.steps},
              {"seed", trial.seed},
              {"params", Json::object()},
              {"curve", Json::array()},
              {"reason", trial.note}};
    for (const SearchDimension& dimension : spec.space)
        if (const ParamValue* value = searchedValue(spec, trial, dimension))
            std::visit([&](const auto& v) { json["params"][dimension.key] = v; }, *value);
    for (const Objective& further : spec.furtherObjectives) {
        const auto value = objectiveOf(trial, further);
        json["further_objectives"][further.metric] = value ? number(*value) : Json(nullptr);
    }
    for (const MetricPoint& point : curve)
        json["curve"].push_back(Json::array({point.step, number(point.value)}));
    return json;
}

} // namespace

std::string trialTableCsv(const StudyContent& content) {
    const StudySpec& spec = content.study.spec;
    std::string csv = "number,state,objective,seconds,steps,";
    for (const Objective& further : spec.furtherObjectives)
        csv += csvField(further.metric) + ',';
    for (const SearchDimension& dimension : spec.space)
        csv += csvField(dimension.key) + ',';
    csv += "reason\n";
    for (const TrialRecord& trial : content.trials) {
        const auto objective = objectiveOf(trial, spec.objective);
        csv += std::to_string(trial.number) + ',' + std::string(toString(trial.state)) + ',' +
               (objective ? csvNumber(*objective) : "") + ',' + csvNumber(trial.seconds) + ',' +
               std::to_string(trial.steps) + ',';
        for (const Objective& further : spec.furtherObjectives) {
            const auto value = objectiveOf(trial, further);
            csv += (value ? csvNumber(*value) : "") + ',';
        }
        for (const SearchDimension& dimension : spec.space) {
            const ParamValue* value = searchedValue(spec, trial, dimension);
            csv += (value != nullptr ? csvValue(*value) : "") + ',';
        }
        csv += csvField(trial.note) + '\n';
    }
    return csv;
}

std::string trialTableJson(const StudyContent& content) {
    LATHE_EXPECT(content.curves.size() == content.trials.size());
    Json json{{"study", Json::parse(toJson(content.study.spec))}, {"trials", Json::array()}};
    for (std::size_t i = 0; i < content.trials.size(); ++i)
        json["trials"].push_back(trialJson(content.study.spec, content.trials[i], content.curves[i]));
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Status writeTrialTable(const std::string& text, const std::filesystem::path& target, Existing existing) {
    LATHE_TRY(checkExportTarget(target, existing));
    return writeFileAtomically(target, text);
}

} // namespace lathe
