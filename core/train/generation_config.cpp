#include "core/train/generation_config.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// Reads fields one by one and keeps the first problem. A field that is null or missing leaves what is there.
class FieldReader {
public:
    FieldReader(const json& object, std::string where) : m_object(object), m_where(std::move(where)) {}

    void read(const char* key, double& value) {
        if (const json* field = find(
                key, [](const json& f) { return f.is_number(); }, "a number"))
            value = field->get<double>();
    }
    void read(const char* key, std::int64_t& value) {
        if (const json* field = find(
                key, [](const json& f) { return f.is_number_integer(); }, "a whole number"))
            value = field->get<std::int64_t>();
    }
    void read(const char* key, bool& value) {
        if (const json* field = find(
                key, [](const json& f) { return f.is_boolean(); }, "true or false"))
            value = field->get<bool>();
    }
    /// One, or a list.
    void read(const char* key, std::vector<std::int64_t>& values) {
        readSome(
            key, values, [](const json& f) { return f.is_number_integer(); }, "whole numbers");
    }
    void read(const char* key, std::vector<std::string>& values) {
        readSome(
            key, values, [](const json& f) { return f.is_string(); }, "texts");
    }

    [[nodiscard]] const Status& problem() const { return m_problem; }

private:
    template <typename Claim>
    const json* find(const char* key, Claim&& isRight, const char* what) {
        const auto it = m_object.find(key);
        if (it == m_object.end() || it->is_null())
            return nullptr;
        if (isRight(*it))
            return &*it;
        if (m_problem)
            m_problem = inputError(m_where, std::string(key) + " is " + it->dump() + "; " + what +
                                                (it->is_array() ? " alone" : "") + " is needed");
        return nullptr;
    }
    template <typename T, typename Claim>
    void readSome(const char* key, std::vector<T>& values, Claim&& isRight, const char* what) {
        const auto areRight = [&](const json& field) {
            return isRight(field) || (field.is_array() && std::all_of(field.begin(), field.end(), isRight));
        };
        if (const json* field = find(key, areRight, what))
            values = field->is_array() ? field->get<std::vector<T>>() : std::vector{field->get<T>()};
    }

    const json& m_object;
    std::string m_where;
    Status m_problem = ok();
};

void readSampling(FieldReader& reader, GenerationOptions& options) {
    options.temperature = 1;
    options.topK = 50;
    reader.read("temperature", options.temperature);
    reader.read("top_k", options.topK);
    reader.read("top_p", options.topP);
    reader.read("min_p", options.minP);
}

Status outOfRange(const char* name, double value, const char* allowed) {
    std::ostringstream number;
    number << value;
    return inputError(name, "is " + number.str() + "; " + allowed + " is allowed");
}

} // namespace

Result<GenerationConfig> readGenerationConfig(const fs::path& modelFolder) {
    const fs::path path = modelFolder / "generation_config.json";
    std::error_code problem;
    GenerationConfig config;
    if (!fs::exists(path, problem))
        return config;
    LATHE_ASSIGN(const std::string text, readFile(path));
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object())
        return inputError(path.string(), "is not a JSON object; correct or remove it");
    FieldReader reader(object, path.string());
    bool isSampling = false;
    reader.read("do_sample", isSampling);
    if (isSampling)
        readSampling(reader, config.options);
    reader.read("max_new_tokens", config.options.maxNewTokens);
    reader.read("repetition_penalty", config.options.repetitionPenalty);
    reader.read("no_repeat_ngram_size", config.options.noRepeatNgram);
    reader.read("num_beams", config.options.beams);
    reader.read("length_penalty", config.options.lengthPenalty);
    if (const auto early = object.find("early_stopping"); early != object.end() && early->is_string())
        return inputError(path.string(), "early_stopping is " + early->dump() +
                                             ", which is not supported; true and false are");
    reader.read("early_stopping", config.options.shouldStopBeamsEarly);
    reader.read("stop_strings", config.options.stopTexts);
    reader.read("eos_token_id", config.eosIds);
    LATHE_TRY(reader.problem());
    if (const Status range = checkGenerationOptions(config.options); !range)
        return inputError(path.string(), range.error().text());
    return config;
}

Status checkGenerationOptions(const GenerationOptions& o) {
    const auto isShare = [](double value) { return value >= 0 && value <= 1; };
    if (o.maxNewTokens < 1)
        return outOfRange("max_new_tokens", static_cast<double>(o.maxNewTokens), "1 or more");
    if (!(o.temperature >= 0) || !std::isfinite(o.temperature))
        return outOfRange("temperature", o.temperature, "0 or more");
    if (o.topK < 0)
        return outOfRange("top_k", static_cast<double>(o.topK), "0 (off) or more");
    if (!isShare(o.topP))
        return outOfRange("top_p", o.topP, "0 to 1");
    if (!isShare(o.minP))
        return outOfRange("min_p", o.minP, "0 to 1");
    if (!(o.repetitionPenalty > 0) || !std::isfinite(o.repetitionPenalty))
        return outOfRange("repetition_penalty", o.repetitionPenalty, "a number above 0");
    if (o.noRepeatNgram < 0)
        return outOfRange("no_repeat_ngram", static_cast<double>(o.noRepeatNgram), "0 (off) or more");
    if (o.beams < 1 || o.beams > 1000)
        return outOfRange("beams", static_cast<double>(o.beams), "1 to 1000");
    if (!std::isfinite(o.lengthPenalty))
        return outOfRange("length_penalty", o.lengthPenalty, "a finite number");
    return ok();
}

} // namespace lathe
