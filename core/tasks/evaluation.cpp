#include "core/tasks/evaluation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

Json jsonOf(const AdapterMix& mix) {
    Json list = Json::array();
    for (const AdapterChoice& one : mix.adapters)
        list.push_back({{"folder", one.folder.string()}, {"strength", one.strength}});
    return list;
}

Result<AdapterMix> mixFrom(const Json& json) {
    AdapterMix mix;
    for (const Json& one : json.value("adapters", Json::array()))
        mix.adapters.push_back({one.value("folder", ""), one.value("strength", 1.0)});
    mix.isMerged = json.value("merged", false);
    return mix;
}

/// May throw what nlohmann::json throws.
Result<EvaluationSpec> specFrom(const Json& json) {
    EvaluationSpec spec;
    spec.name = json.value("name", "");
    spec.model = json.value("model", "");
    LATHE_ASSIGN(spec.adapters, mixFrom(json));
    spec.task = json.value("task", "");
    spec.dataFile = json.value("data", "");
    LATHE_ASSIGN(spec.reading, paramValuesFromJson(json.value("reading", Json::object()).dump()));
    LATHE_ASSIGN(spec.generation, paramValuesFromJson(json.value("generation", Json::object()).dump()));
    spec.rowLimit = json.value("rows", std::int64_t{0});
    spec.batchSize = json.value("batch_size", std::int64_t{8});
    spec.seed = json.value("seed", std::uint64_t{0});
    spec.device = json.value("device", "auto");
    spec.precision = json.value("precision", "auto");
    return spec;
}

template <typename Number>
bool take(const ParamValue& value, Number& into) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        into = static_cast<Number>(*whole);
        return true;
    }
    const auto* real = std::get_if<double>(&value);
    if (real == nullptr || std::is_integral_v<Number>)
        return false;
    into = static_cast<Number>(*real);
    return true;
}

bool set(GenerationOptions& options, const std::string& key, const ParamValue& value) {
    const std::pair<const char*, std::int64_t*> wholes[] = {{"max_new_tokens", &options.maxNewTokens},
                                                            {"top_k", &options.topK},
                                                            {"no_repeat_ngram", &options.noRepeatNgram},
                                                            {"beams", &options.beams}};
    const std::pair<const char*, double*> reals[] = {{"temperature", &options.temperature},
                                                     {"top_p", &options.topP},
                                                     {"min_p", &options.minP},
                                                     {"repetition_penalty", &options.repetitionPenalty},
                                                     {"length_penalty", &options.lengthPenalty}};
    if (key == "stop_texts" && std::holds_alternative<std::string>(value)) {
        std::istringstream lines(std::get<std::string>(value));
        options.stopTexts.clear();
        for (std::string line; std::getline(lines, line);)
            options.stopTexts.push_back(line);
        return true;
    }
    for (const auto& [name, target] : wholes)
        if (key == name)
            return take(value, *target);
    for (const auto& [name, target] : reals)
        if (key == name)
            return take(value, *target);
    return false;
}

std::optional<double> known(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

} // namespace

std::string toJson(const EvaluationSpec& spec) {
    Json json{{"name", spec.name}, {"model", spec.model.string()}, {"adapters", jsonOf(spec.adapters)}};
    json["merged"] = spec.adapters.isMerged;
    json["task"] = spec.task;
    json["data"] = spec.dataFile.string();
    json["reading"] = Json::parse(toJson(spec.reading));
    json["generation"] = Json::parse(toJson(spec.generation));
    json["rows"] = spec.rowLimit;
    json["batch_size"] = spec.batchSize;
    json["seed"] = spec.seed;
    json["device"] = spec.device;
    json["precision"] = spec.precision;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<EvaluationSpec> evaluationSpecFromJson(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object())
        return inputError("evaluation", "is not a JSON object");
    try {
        return specFrom(json);
    } catch (const nlohmann::json::exception& problem) {
        return inputError("evaluation", std::string("cannot be read: ") + problem.what());
    }
}

Result<GenerationOptions> withOverrides(GenerationOptions usual, const ParamValues& said) {
    for (const auto& [key, value] : said.map())
        if (!set(usual, key, value))
            return inputError(key, "does not take " + toText(value) +
                                       "; settings of generation are max_new_tokens, temperature, top_k, "
                                       "top_p, min_p, repetition_penalty, no_repeat_ngram, beams and "
                                       "length_penalty, each a number, and stop_texts, one a line");
    return usual;
}

Result<std::vector<EvaluationFigure>> figuresOf(const Task& task, std::span<const PredictionRecord> rows,
                                                const IntervalOptions& options) {
    std::vector<RowVerdict> verdicts;
    for (const PredictionRecord& row : rows)
        if (row.problem.empty()) {
            LATHE_ASSIGN(verdicts.emplace_back(), verdictFromJson(row.verdict));
        }
    const std::vector<MetricInfo> infos = task.answerMetrics();
    std::vector<EvaluationFigure> figures;
    for (const MetricValue& value : task.summary(verdicts, options)) {
        const auto info = std::ranges::find(infos, value.name, &MetricInfo::name);
        LATHE_EXPECT(info != infos.end());
        figures.push_back({value.name, info->label, value.value, known(value.low), known(value.high),
                           info->isHigherBetter, value.count});
    }
    return figures;
}

} // namespace lathe
