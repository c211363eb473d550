#include "core/model/load_model.h"

#include "core/base/files.h"
#include "core/base/random.h"
#include "core/model/architecture.h"
#include "core/model/config_reader.h"
#include "core/model/model_files.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::string shapeText(at::IntArrayRef shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

Result<nlohmann::json> readConfigFile(const fs::path& folder) {
    LATHE_ASSIGN(const std::string text, readFile(folder / "config.json"));
    return parseModelConfig(text, (folder / "config.json").string());
}

/// The names a tensor may have in a checkpoint: its own; without the prefix of the base model, as headless
/// classes save it; and the norms of the first BERT files.
std::vector<std::string> possibleNames(const ModelSummary& model, const std::string& name) {
    std::vector<std::string> names{name};
    if (!model.basePrefix.empty() && name.starts_with(model.basePrefix))
        names.push_back(name.substr(model.basePrefix.size()));
    for (std::size_t i = 0, count = names.size(); i < count; ++i) {
        if (names[i].ends_with("LayerNorm.weight"))
            names.push_back(names[i].substr(0, names[i].size() - 6) + "gamma");
        if (names[i].ends_with("LayerNorm.bias"))
            names.push_back(names[i].substr(0, names[i].size() - 4) + "beta");
    }
    return names;
}

/// Empty: the file has no such tensor.
std::string nameInFile(const TensorFile& file, const ModelSummary& model, const TensorSpec& spec) {
    for (const std::string& name : possibleNames(model, spec.name))
        if (file.entries().contains(name))
            return name;
    return {};
}

Result<std::string> storedName(const TensorFile& file, const fs::path& path, const ModelSummary& model,
                               const TensorSpec& spec) {
    const std::string name = nameInFile(file, model, spec);
    if (name.empty())
        return inputError(path.string(), "lacks the tensor " + spec.name + ", which config.json asks for");
    const TensorEntry& entry = file.entries().at(name);
    if (entry.shape != spec.shape)
        return inputError(path.string(), "tensor " + name + " has the shape " + shapeText(entry.shape) +
                                             ", but config.json asks for " + shapeText(spec.shape));
    if (!at::isFloatingType(entry.dtype))
        return inputError(path.string(), "tensor " + name + " has the dtype " +
                                             std::string(at::toString(entry.dtype)) +
                                             "; float32, bfloat16 or float16 is needed");
    return name;
}

/// config.json as if its author had trained this head.
void putHead(nlohmann::json& config, const NewHead& head) {
    static const std::map<HeadKind, std::string> suffixes{
        {HeadKind::None, "Model"},
        {HeadKind::CausalLm, "ForCausalLM"},
        {HeadKind::MaskedLm, "ForMaskedLM"},
        {HeadKind::SequenceClassification, "ForSequenceClassification"},
        {HeadKind::TokenClassification, "ForTokenClassification"}};
    config["architectures"] = {suffixes.at(head.kind)};
    if (head.kind != HeadKind::SequenceClassification && head.kind != HeadKind::TokenClassification)
        return;
    config["id2label"] = nlohmann::json::object();
    for (std::int64_t label = 0; label < head.labels; ++label)
        config["id2label"][std::to_string(label)] = "LABEL_" + std::to_string(label);
}

Result<TensorFile> openWeights(const fs::path& folder) {
    const fs::path path = folder / "model.safetensors";
    std::error_code problem;
    if (!fs::exists(path, problem))
        return inputError(folder.string(),
                          "has no model.safetensors; other weight files are not supported yet");
    return TensorFile::open(path);
}

Result<std::unique_ptr<LanguageModel>> build(const nlohmann::json& config, ModelSummary summary,
                                             std::vector<NamedTensor> weights) {
    LATHE_ASSIGN(const auto architecture, architectures().make(modelTypeOf(config)));
    return architecture->build(config, std::move(summary), std::move(weights));
}

at::Tensor randomTensor(const TensorSpec& spec, double deviation, Rng& rng) {
    if (spec.init != TensorSpec::Init::Normal)
        return at::full(spec.shape, spec.init == TensorSpec::Init::One ? 1.0 : 0.0, at::kFloat);
    at::Tensor tensor = at::empty(spec.shape, at::kFloat);
    float* data = tensor.data_ptr<float>();
    std::generate_n(data, tensor.numel(), [&] { return static_cast<float>(deviation * rng.normal()); });
    return tensor;
}

} // namespace

Result<ModelSummary> checkModelFolder(const fs::path& folder) {
    LATHE_ASSIGN(ModelSummary summary, readModelSummary(folder));
    LATHE_ASSIGN(const TensorFile file, openWeights(folder));
    for (const TensorSpec& spec : summary.tensors)
        LATHE_TRY(storedName(file, folder / "model.safetensors", summary, spec));
    return summary;
}

Result<std::unique_ptr<LanguageModel>> loadModel(const fs::path& folder, const LoadOptions& options) {
    LATHE_TRY(readModelSummary(folder)); // the folder itself, with the errors that name it
    LATHE_ASSIGN(nlohmann::json config, readConfigFile(folder));
    if (options.head)
        putHead(config, *options.head);
    LATHE_ASSIGN(ModelSummary summary, summarizeConfig(config, (folder / "config.json").string()));
    LATHE_ASSIGN(const TensorFile file, openWeights(folder));
    Rng rng(mixSeed(options.head ? options.head->seed : 0, 0x68656164)); // "head"
    std::vector<NamedTensor> weights;
    for (const TensorSpec& spec : summary.tensors) {
        if (options.head && spec.isHead && nameInFile(file, summary, spec).empty()) {
            weights.emplace_back(
                spec.name,
                randomTensor(spec, summary.initializerRange, rng).to(options.device, options.dtype));
            continue;
        }
        LATHE_ASSIGN(const std::string name, storedName(file, folder / "model.safetensors", summary, spec));
        LATHE_ASSIGN(const at::Tensor stored, file.tensor(name));
        // A copy even where nothing changes: the mapped pages are read-only.
        weights.emplace_back(spec.name,
                             stored.to(options.device, options.dtype, /*non_blocking=*/false, /*copy=*/true));
    }
    return build(config, std::move(summary), std::move(weights));
}

Result<std::unique_ptr<LanguageModel>> randomModel(const fs::path& folder, std::uint64_t seed,
                                                   const LoadOptions& options) {
    LATHE_ASSIGN(ModelSummary summary, readModelSummary(folder));
    LATHE_ASSIGN(const nlohmann::json config, readConfigFile(folder));
    Rng rng(mixSeed(seed, 0x696e6974)); // "init": apart from the streams of data order and dropout
    std::vector<NamedTensor> weights;
    for (const TensorSpec& spec : summary.tensors)
        weights.emplace_back(
            spec.name, randomTensor(spec, summary.initializerRange, rng).to(options.device, options.dtype));
    return build(config, std::move(summary), std::move(weights));
}

Status saveModel(const LanguageModel& model, const fs::path& source, const fs::path& folder,
                 at::ScalarType dtype) {
    LATHE_ASSIGN(nlohmann::json config, readConfigFile(source));
    LATHE_TRY(ensureWritableFolder(folder));
    const std::string name = dtype == at::kBFloat16 ? "bfloat16" : dtype == at::kHalf ? "float16" : "float32";
    // Both generations of readers: transformers 5 reads `dtype`, 4 reads `torch_dtype`.
    config["dtype"] = name;
    config["torch_dtype"] = name;
    std::vector<NamedTensor> weights;
    for (const auto& [key, tensor] : model.weights())
        weights.emplace_back(key, tensor.detach().to(at::kCPU, dtype));
    LATHE_TRY(writeTensorFile(folder / "model.safetensors", weights));
    std::error_code problem;
    if (fs::exists(source / "generation_config.json", problem)) {
        LATHE_ASSIGN(const std::string generation, readFile(source / "generation_config.json"));
        LATHE_TRY(writeFileAtomically(folder / "generation_config.json", generation));
    }
    return writeFileAtomically(folder / "config.json", config.dump(2) + "\n");
}

Result<at::ScalarType> scalarTypeFrom(const std::string& name) {
    if (name == "float32")
        return at::kFloat;
    if (name == "bfloat16")
        return at::kBFloat16;
    if (name == "float16")
        return at::kHalf;
    return inputError(name, "is not a precision; choose float32, bfloat16 or float16");
}

Result<at::Device> deviceFrom(const std::string& name) {
    const bool hasCuda = at::hasCUDA();
    if (name == "auto")
        return hasCuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    if (name == "cpu")
        return at::Device(at::kCPU);
    if (name == "cuda" || name.starts_with("cuda:")) {
        if (!hasCuda)
            return inputError(name, "is not there: no CUDA device or its libraries were found; choose cpu");
        return at::Device(name);
    }
    return inputError(name, "is not a device; choose auto, cpu or cuda");
}

} // namespace lathe
