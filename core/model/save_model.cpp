#include "core/model/save_model.h"

#include "core/base/files.h"
#include "core/kernels/packed_weight.h"
#include "core/model/model_files.h"
#include "core/model/weight_files.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kWeights = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kGeneration = "generation_config.json";

/// The tensors of one file.
struct Shard {
    std::vector<PlannedTensor> tensors;
    std::uint64_t bytes = 0;
};

std::uint64_t bytesOf(const PlannedTensor& tensor) {
    const auto bytes = tensorBytes(tensor.shape, tensor.dtype);
    LATHE_EXPECT(bytes.has_value()); // the summary has checked the sizes
    return *bytes;
}

/// In the architecture's order, so that a layer's tensors stay together.
std::vector<Shard> planShards(const ModelSummary& summary, const SaveOptions& options) {
    std::vector<Shard> shards(1);
    for (const TensorSpec& spec : summary.tensors) {
        PlannedTensor tensor{spec.name, options.dtype, spec.shape};
        const std::uint64_t bytes = bytesOf(tensor);
        if (!shards.back().tensors.empty() && shards.back().bytes + bytes > options.shardBytes)
            shards.emplace_back();
        shards.back().bytes += bytes;
        shards.back().tensors.push_back(std::move(tensor));
    }
    return shards;
}

std::string shardName(std::size_t number, std::size_t count) {
    if (count == 1)
        return kWeights;
    std::array<char, 64> name{};
    std::snprintf(name.data(), name.size(), "model-%05zu-of-%05zu.safetensors", number + 1, count);
    return name.data();
}

std::string indexOf(const std::vector<Shard>& shards) {
    json map = json::object();
    std::uint64_t bytes = 0;
    for (std::size_t number = 0; number < shards.size(); ++number) {
        bytes += shards[number].bytes;
        for (const PlannedTensor& tensor : shards[number].tensors)
            map[tensor.name] = shardName(number, shards.size());
    }
    return json{{"metadata", {{"total_size", bytes}}}, {"weight_map", std::move(map)}}.dump(2) + "\n";
}

/// "Llama" of "LlamaForCausalLM"; empty where no class is named.
std::string classPrefix(const json& config) {
    const json classes = config.value("architectures", json::array());
    const std::string name = classes.is_array() && !classes.empty() && classes.front().is_string()
                                 ? classes.front().get<std::string>()
                                 : std::string();
    for (const char* end : {"ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForSequenceClassification",
                            "ForTokenClassification", "Model"})
        if (name.ends_with(end))
            return name.substr(0, name.size() - std::string_view(end).size());
    return {};
}

/// The class and the labels of a head for whole texts, as transformers writes them.
Status describeHead(const ModelSummary& summary, const std::vector<std::string>& names,
                    const std::string& where, json& config) {
    LATHE_ASSIGN(const ModelSummary described, summarizeConfig(config, where));
    const bool isAsDescribed = described.head == summary.head && described.outputs == summary.outputs;
    if (summary.head != HeadKind::SequenceClassification || (isAsDescribed && names.empty()))
        return ok();
    config["architectures"] = {classPrefix(config) + "ForSequenceClassification"};
    config["id2label"] = config["label2id"] = json::object();
    for (std::int64_t label = 0; label < summary.outputs; ++label) {
        const auto number = static_cast<std::size_t>(label);
        const std::string name = number < names.size() ? names[number] : "LABEL_" + std::to_string(label);
        config["id2label"][std::to_string(label)] = name;
        config["label2id"][name] = label;
    }
    if (summary.padId) // by which the class finds the last token of a text
        config["pad_token_id"] = *summary.padId;
    return ok();
}

/// Numbers that belong to quantised weights.
bool isStatistic(const std::string& name) {
    return std::ranges::any_of(std::array{"absmax", "quant_map", "SCB"},
                               [&name](const char* end) { return name.ends_with(end); });
}

Status writeWeights(const std::vector<Shard>& shards, const TensorSource& weightOf, const fs::path& folder,
                    const SaveOptions& options) {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    for (const Shard& shard : shards)
        total += shard.bytes;
    const TensorSource cast = [&](const std::string& name) -> Result<at::Tensor> {
        if (options.stop.stop_requested())
            return Error{Error::Kind::Cancelled, folder.string(), "was not written: it was stopped"};
        if (options.onProgress)
            options.onProgress(done, total);
        LATHE_ASSIGN(const at::Tensor weight, weightOf(name));
        at::Tensor stored = weight.detach().to(at::kCPU, options.dtype);
        done += stored.nbytes();
        return stored;
    };
    for (std::size_t number = 0; number < shards.size(); ++number)
        LATHE_TRY(writeTensorFile(folder / shardName(number, shards.size()), shards[number].tensors, cast));
    if (options.onProgress)
        options.onProgress(total, total);
    return shards.size() == 1 ? ok() : writeFileAtomically(folder / kIndex, indexOf(shards));
}

} // namespace

Status saveModelFolder(const ModelSummary& summary, const TensorSource& weightOf, const fs::path& source,
                       const fs::path& folder, const SaveOptions& options) {
    LATHE_ASSIGN(json config, readModelConfig(source));
    LATHE_TRY(ensureWritableFolder(folder));
    LATHE_TRY(describeHead(summary, options.labelNames, modelConfigPlace(source), config));
    // Both generations of readers: transformers 5 reads `dtype`, 4 reads `torch_dtype`.
    config.erase("quantization_config"); // what is written is whole
    config["dtype"] = dtypeName(options.dtype);
    config["torch_dtype"] = dtypeName(options.dtype);
    LATHE_TRY(writeWeights(planShards(summary, options), weightOf, folder, options));
    std::error_code problem;
    if (fs::exists(source / kGeneration, problem)) {
        LATHE_ASSIGN(const std::string generation, readFile(source / kGeneration));
        LATHE_TRY(writeFileAtomically(folder / kGeneration, generation));
    }
    return writeFileAtomically(folder / "config.json", config.dump(2) + "\n");
}

Status saveModel(const LanguageModel& model, const fs::path& source, const fs::path& folder,
                 at::ScalarType dtype) {
    SaveOptions options;
    options.dtype = dtype;
    return saveModelFolder(
        model.summary(),
        [&model](const std::string& name) -> Result<at::Tensor> { return denseOf(model.weight(name)); },
        source, folder, options);
}

Result<at::ScalarType> storedDtype(const fs::path& model) {
    std::error_code problem;
    if (fs::is_regular_file(model, problem))
        return at::kFloat; // llama2.c
    LATHE_ASSIGN(const WeightFiles files, WeightFiles::open(model));
    std::map<at::ScalarType, std::uint64_t> bytes;
    for (const auto& [name, entry] : files.entries())
        if (at::isFloatingType(entry.dtype) && !isStatistic(name))
            bytes[entry.dtype] += tensorBytes(entry.shape, entry.dtype).value_or(0);
    at::ScalarType most = at::kFloat;
    for (const auto& [dtype, count] : bytes)
        if (count > bytes[most])
            most = dtype;
    return most;
}

std::string dtypeName(at::ScalarType dtype) {
    LATHE_EXPECT(dtype == at::kFloat || dtype == at::kBFloat16 || dtype == at::kHalf);
    return dtype == at::kBFloat16 ? "bfloat16" : dtype == at::kHalf ? "float16" : "float32";
}

} // namespace lathe
