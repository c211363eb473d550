#include "core/model/load_model.h"

#include "core/base/random.h"
#include "core/model/architecture.h"
#include "core/model/config_reader.h"
#include "core/model/cuda.h"
#include "core/model/llama2c_file.h"
#include "core/model/model_files.h"
#include "core/model/pages.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/model/weight_files.h"
#include "core/model/weight_packer.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <variant>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::string shapeText(at::IntArrayRef shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
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

/// The weights of a model's folder, or of a llama2.c file.
class WeightSource {
public:
    /// `path`: as for loadModel().
    static Result<WeightSource> open(const fs::path& path) {
        std::error_code problem;
        if (fs::is_regular_file(path, problem)) {
            LATHE_ASSIGN(Llama2cModel file, openLlama2c(path));
            return WeightSource(path, std::move(file));
        }
        LATHE_ASSIGN(WeightFiles files, WeightFiles::open(path));
        return WeightSource(path, std::move(files));
    }

    /// Empty: no such tensor.
    [[nodiscard]] std::string nameOf(const ModelSummary& model, const TensorSpec& spec) const {
        for (const std::string& name : possibleNames(model, spec.name))
            if (entries().contains(name))
                return name;
        return {};
    }

    /// The name under which the tensor is there, in a shape and dtype that serve.
    [[nodiscard]] Result<std::string> checkedName(const ModelSummary& model, const TensorSpec& spec) const {
        const std::string name = nameOf(model, spec);
        if (name.empty())
            return inputError(m_path.string(),
                              "lacks the tensor " + spec.name + ", which config.json asks for");
        if (isPacked(name) && spec.shape.size() == 2) {
            LATHE_TRY(checkPacked(entries(), name, spec.shape[0], spec.shape[1], m_path.string()));
            return name;
        }
        const TensorEntry& entry = entries().at(name);
        if (entry.shape != spec.shape)
            return inputError(m_path.string(), "tensor " + name + " has the shape " + shapeText(entry.shape) +
                                                   ", but config.json asks for " + shapeText(spec.shape));
        if (!at::isFloatingType(entry.dtype))
            return inputError(m_path.string(), "tensor " + name + " has the dtype " +
                                                   std::string(at::toString(entry.dtype)) +
                                                   "; float32, bfloat16 or float16 is needed");
        return name;
    }

    [[nodiscard]] bool isPacked(const std::string& name) const {
        return packedKind(entries(), name) != Quantisation::None;
    }

    /// The weight as the model keeps it. Where that is a copy, the file's pages do not stay in memory beside
    /// it; in a safetensors file no tensor shares them. Contract: `name` was checked.
    [[nodiscard]] Result<at::Tensor> kept(const std::string& name, const TensorSpec& spec,
                                          const WeightPacker& packer) const {
        if (!isPacked(name)) {
            LATHE_ASSIGN(const at::Tensor stored, tensor(name));
            LATHE_ASSIGN(const at::Tensor made, packer.keep(spec.name, stored));
            if (!made.is_same(stored) && isSafetensors())
                letGoOfPages({static_cast<const std::byte*>(stored.const_data_ptr()), stored.nbytes()});
            return made;
        }
        const bool isTurned = packer.isTransposed(spec.name);
        LATHE_ASSIGN(auto packed,
                     readPacked(
                         entries(), [this](const std::string& part) { return tensor(part); }, name,
                         spec.shape[isTurned ? 1 : 0], spec.shape[isTurned ? 0 : 1], packer.scratch()));
        return packer.keep(spec.name, std::move(packed), m_path.string());
    }

private:
    [[nodiscard]] bool isSafetensors() const {
        const auto* files = std::get_if<WeightFiles>(&m_files);
        return files != nullptr && std::ranges::all_of(files->files(), [](const fs::path& file) {
                   return file.extension() == ".safetensors";
               });
    }

    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const {
        return std::visit([&name](const auto& files) { return files.tensor(name); }, m_files);
    }

    using Files = std::variant<WeightFiles, Llama2cModel>;
    WeightSource(fs::path path, Files files) : m_path(std::move(path)), m_files(std::move(files)) {}

    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const {
        return std::visit(
            [](const auto& files) -> const auto& { return files.entries(); }, m_files);
    }

    fs::path m_path;
    Files m_files;
};

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

/// name: "cuda" or "cuda:" and a number.
Result<at::Device> cudaDevice(const std::string& name) {
    const int count = at::globalContext().getAcceleratorHooksInterface().deviceCount();
    int number = 0;
    if (name != "cuda") {
        const char* const end = name.data() + name.size();
        const auto [rest, problem] =
            std::from_chars(name.data() + std::string_view("cuda:").size(), end, number);
        if (problem != std::errc() || rest != end || number < 0 || number >= count)
            return inputError(name,
                              "is not there; the last CUDA device is cuda:" + std::to_string(count - 1));
    }
    return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(number));
}

} // namespace

Result<ModelSummary> checkModelFolder(const fs::path& folder) {
    LATHE_ASSIGN(ModelSummary summary, readModelSummary(folder));
    LATHE_ASSIGN(const WeightSource source, WeightSource::open(folder));
    for (const TensorSpec& spec : summary.tensors)
        LATHE_TRY(source.checkedName(summary, spec));
    return summary;
}

Result<ModelSummary> readModelSummary(const fs::path& folder, const NewHead& head) {
    LATHE_ASSIGN(nlohmann::json config, readModelConfig(folder));
    putHead(config, head);
    return summarizeConfig(config, modelConfigPlace(folder));
}

Result<ModelSummary> checkModelFolder(const fs::path& folder, const NewHead& head) {
    LATHE_ASSIGN(ModelSummary summary, readModelSummary(folder, head));
    LATHE_ASSIGN(const WeightSource source, WeightSource::open(folder));
    for (const TensorSpec& spec : summary.tensors)
        if (!spec.isHead || !source.nameOf(summary, spec).empty())
            LATHE_TRY(source.checkedName(summary, spec));
    return summary;
}

Result<std::unique_ptr<LanguageModel>> loadModel(const fs::path& folder, const LoadOptions& options) {
    return loadModel(folder, options, Quantisation::None);
}

Result<std::unique_ptr<LanguageModel>> loadModel(const fs::path& folder, const LoadOptions& options,
                                                 const BaseQuantisation& quantisation) {
    LATHE_ASSIGN(nlohmann::json config, readModelConfig(folder));
    LATHE_ASSIGN(ModelSummary summary, summarizeConfig(config, modelConfigPlace(folder)));
    if (options.head) {
        putHead(config, *options.head);
        LATHE_ASSIGN(summary, summarizeConfig(config, modelConfigPlace(folder)));
    }
    LATHE_ASSIGN(const WeightSource source, WeightSource::open(folder));
    LATHE_ASSIGN(const WeightPacker packer, WeightPacker::make(summary, options, quantisation));
    Rng rng(mixSeed(options.head ? options.head->seed : 0, 0x68656164)); // "head"
    std::vector<NamedTensor> weights;
    for (const TensorSpec& spec : summary.tensors) {
        if (options.head && spec.isHead && source.nameOf(summary, spec).empty()) {
            weights.emplace_back(
                spec.name,
                randomTensor(spec, summary.initializerRange, rng).to(options.device, options.dtype));
            continue;
        }
        LATHE_ASSIGN(const std::string name, source.checkedName(summary, spec));
        LATHE_ASSIGN(at::Tensor kept, source.kept(name, spec, packer));
        weights.emplace_back(spec.name, std::move(kept));
    }
    return build(config, std::move(summary), std::move(weights));
}

Result<std::unique_ptr<LanguageModel>> randomModel(const fs::path& folder, std::uint64_t seed,
                                                   const LoadOptions& options) {
    return randomModel(folder, seed, options, Quantisation::None);
}

Result<std::unique_ptr<LanguageModel>> randomModel(const fs::path& folder, std::uint64_t seed,
                                                   const LoadOptions& options,
                                                   const BaseQuantisation& quantisation) {
    LATHE_ASSIGN(const nlohmann::json config, readModelConfig(folder));
    LATHE_ASSIGN(ModelSummary summary, summarizeConfig(config, modelConfigPlace(folder)));
    LATHE_ASSIGN(const WeightPacker packer, WeightPacker::make(summary, options, quantisation));
    Rng rng(mixSeed(seed, 0x696e6974)); // "init": apart from the streams of data order and dropout
    std::vector<NamedTensor> weights;
    for (const TensorSpec& spec : summary.tensors) {
        LATHE_ASSIGN(at::Tensor kept,
                     packer.keep(spec.name, randomTensor(spec, summary.initializerRange, rng)));
        weights.emplace_back(spec.name, std::move(kept));
    }
    return build(config, std::move(summary), std::move(weights));
}

Result<std::unique_ptr<LanguageModel>> sharedModel(const fs::path& folder, const LanguageModel& model) {
    LATHE_ASSIGN(const nlohmann::json config, readModelConfig(folder));
    std::vector<NamedTensor> weights;
    for (const auto& [name, weight] : model.weights())
        weights.emplace_back(name, anotherHandle(weight));
    return build(config, model.summary(), std::move(weights));
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
    loadCudaLibraries();
    const bool hasCuda = at::hasCUDA();
    if (name == "auto")
        return hasCuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    if (name == "cpu")
        return at::Device(at::kCPU);
    if (name == "cuda" || name.starts_with("cuda:")) {
        if (!hasCuda)
            return inputError(name, "is not there: no CUDA device or its libraries were found; choose cpu");
        return cudaDevice(name);
    }
    return inputError(name, "is not a device; choose auto, cpu or cuda");
}

} // namespace lathe
