#include "core/tasks/verdict.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace lathe {

namespace {

using nlohmann::json;

/// JSON has no infinity and no NaN; these are texts then.
json written(double value) {
    if (std::isfinite(value))
        return value;
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double readNumber(const json& value) {
    if (value.is_number())
        return value.get<double>();
    const auto text = value.get<std::string>();
    if (text == "nan")
        return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf" || text == "-inf")
        return text == "inf" ? HUGE_VAL : -HUGE_VAL;
    return json::parse(text).get<double>(); // throws, as everything here does on what is no verdict
}

RowVerdict readVerdict(const json& object) {
    RowVerdict verdict;
    object.at("extracted").get_to(verdict.extracted);
    object.at("expected").get_to(verdict.expected);
    if (const auto correct = object.find("correct"); correct != object.end())
        verdict.isCorrect = correct->get<bool>();
    for (const auto& [name, value] : object.at("scores").items())
        verdict.scores[name] = readNumber(value);
    for (const auto& [name, values] : object.at("parts").items()) {
        std::vector<double>& part = verdict.parts[name];
        for (const json& value : values)
            part.push_back(readNumber(value));
    }
    return verdict;
}

} // namespace

std::string toJson(const RowVerdict& verdict) {
    json object{{"extracted", verdict.extracted}, {"expected", verdict.expected}};
    if (verdict.isCorrect)
        object["correct"] = *verdict.isCorrect;
    object["scores"] = json::object();
    for (const auto& [name, value] : verdict.scores)
        object["scores"][name] = written(value);
    object["parts"] = json::object();
    for (const auto& [name, values] : verdict.parts) {
        object["parts"][name] = json::array();
        for (const double value : values)
            object["parts"][name].push_back(written(value));
    }
    // A generated text may end inside a character.
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<RowVerdict> verdictFromJson(std::string_view text) {
    try {
        return readVerdict(json::parse(text));
    } catch (const json::exception& reason) {
        return inputError("verdict", "is not one that was stored: " + std::string(reason.what()));
    }
}

} // namespace lathe
