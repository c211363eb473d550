#include "core/model/model_summary.h"

#include "core/base/files.h"
#include "core/model/architecture.h"
#include "core/model/config_reader.h"
#include "core/model/llama2c_file.h"
#include "core/model/model_files.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// "LlamaForCausalLM" → "llama", for old configs without model_type.
std::string typeFromClassName(const nlohmann::json& config) {
    const auto it = config.find("architectures");
    if (it == config.end() || !it->is_array() || it->empty() || !it->front().is_string())
        return {};
    std::string name = it->front().get<std::string>();
    name = name.substr(0, name.find("For"));
    for (char& c : name)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return name;
}

void readCommonKeys(ConfigReader& reader, ModelSummary& summary) {
    summary.eosIds = reader.integers("eos_token_id");
    summary.storedDtype = reader.text("dtype", reader.text("torch_dtype", "float32"));
    summary.initializerRange = reader.real("initializer_range", 0.02);
    bool isCountable = true;
    for (const TensorSpec& tensor : summary.tensors) {
        std::int64_t count = 1;
        for (const std::int64_t size : tensor.shape)
            isCountable = isCountable && !__builtin_mul_overflow(count, size, &count);
        isCountable = isCountable && !__builtin_add_overflow(summary.parameters, count, &summary.parameters);
    }
    if (!isCountable)
        reader.refuse("hidden_size", "and the other sizes ask for more parameters than can be counted");
}

constexpr std::size_t kMaxConfigSize = 16'000'000;
constexpr std::size_t kMaxConfigValues =
    200'000; // a label for each of 90,000 classes; each takes 100 bytes or so
constexpr int kMaxConfigDepth = 32;

} // namespace

Result<nlohmann::json> parseModelConfig(std::string_view text, const std::string& where) {
    std::size_t values = 0;
    bool isTooLarge = text.size() > kMaxConfigSize;
    const auto isWanted = [&](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
        isTooLarge = isTooLarge || depth > kMaxConfigDepth || ++values > kMaxConfigValues;
        return !isTooLarge;
    };
    const auto config = isTooLarge ? nlohmann::json() : nlohmann::json::parse(text, isWanted, false);
    if (isTooLarge)
        return inputError(
            where, "is larger or nested deeper than any config.json; take that of the model's publisher");
    if (!config.is_object())
        return inputError(where, "is not a JSON object; take the config.json of the model's publisher");
    return config;
}

std::string modelTypeOf(const nlohmann::json& config) {
    const auto it = config.find("model_type");
    return it != config.end() && it->is_string() ? it->get<std::string>() : typeFromClassName(config);
}

std::vector<std::string> supportedArchitectures() {
    std::vector<std::string> ids;
    for (const PartInfo& info : architectures().list())
        ids.push_back(info.id);
    return ids;
}

Result<ModelSummary> parseModelSummary(std::string_view configJson, const std::string& where) {
    LATHE_ASSIGN(const nlohmann::json config, parseModelConfig(configJson, where));
    return summarizeConfig(config, where);
}

Result<ModelSummary> summarizeConfig(const nlohmann::json& config, const std::string& where) {
    const std::string type = modelTypeOf(config);
    if (type.empty())
        return inputError(where,
                          "names no model_type; it cannot tell which architecture the weights are for");
    const auto architecture = architectures().make(type);
    if (!architecture.has_value())
        return inputError(where, "has the architecture \"" + type +
                                     "\", which is not supported; supported: " + architectures().knownIds());
    auto summary = architecture.value()->summarize(config);
    if (!summary.has_value())
        return inputError(where, summary.error().text());
    ConfigReader reader(config);
    readCommonKeys(reader, summary.value());
    LATHE_TRY(reader.problem());
    return summary;
}

std::string modelConfigPlace(const std::filesystem::path& folder) {
    std::error_code problem;
    const bool isFile = std::filesystem::is_regular_file(folder, problem);
    return isFile ? folder.string() : (folder / "config.json").string();
}

Result<nlohmann::json> readModelConfig(const std::filesystem::path& folder) {
    std::error_code problem;
    if (std::filesystem::is_regular_file(folder, problem)) {
        LATHE_ASSIGN(const Llama2cModel file, openLlama2c(folder));
        return parseModelConfig(file.configJson(), modelConfigPlace(folder));
    }
    if (!std::filesystem::is_directory(folder, problem))
        return inputError(folder.string(), "is not there; a model is a folder with config.json, its weights "
                                           "and a tokenizer, or a llama2.c file");
    const auto text = readFile(folder / "config.json");
    if (!text.has_value())
        return inputError(folder.string(),
                          "has no readable config.json; choose the folder of a Hugging Face model");
    return parseModelConfig(text.value(), modelConfigPlace(folder));
}

Result<ModelSummary> readModelSummary(const std::filesystem::path& folder) {
    LATHE_ASSIGN(const nlohmann::json config, readModelConfig(folder));
    return summarizeConfig(config, modelConfigPlace(folder));
}

} // namespace lathe
