#include "core/adapter/adapter_hub_config.h"

#include "core/adapter/peft_folder.h"
#include "core/base/files.h"
#include "core/model/torch_file.h"
#include "core/model/torch_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

using Skip = ResidualLayout::Skip;

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kTensors = "pytorch_adapter.bin";
constexpr const char* kSafeTensors = "adapter.safetensors";
constexpr const char* kHeadConfig = "head_config.json";
constexpr const char* kHeadTensors = "pytorch_model_head.bin";
constexpr const char* kHeadSafeTensors = "model_head.safetensors";
constexpr const char* kTrainedPrefix = "base_model.model."; // of trained weights' names in memory
constexpr const char* kVersion = "adapters.1.2.0";          // the oldest whose files look like this

/// Settings that change what is computed; with any other value the file would be misread.
const json kNeutral{{"architecture", nullptr},     {"phm_layer", false},
                    {"use_gating", false},         {"inv_adapter", nullptr},
                    {"cross_adapter", false},      {"invertible_adapter", nullptr},
                    {"new_attention_norm", false}, {"attention_type", "sent-lang"}};

/// What the package writes of settings that this program leaves alone.
json fixedSettings() {
    return {{"cross_adapter", false},
            {"factorized_phm_W", true},
            {"factorized_phm_rule", false},
            {"hypercomplex_nonlinearity", "glorot-uniform"},
            {"init_weights_seed", nullptr},
            {"inv_adapter", nullptr},
            {"inv_adapter_reduction_factor", nullptr},
            {"learn_phm", true},
            {"phm_bias", true},
            {"phm_c_init", "normal"},
            {"phm_dim", 4},
            {"phm_init_range", 0.0001},
            {"phm_layer", false},
            {"phm_rank", 1},
            {"shared_W_phm", false},
            {"shared_phm_rule", true},
            {"use_gating", false}};
}

/// a // b as Python computes it for floats: the floor of the exact quotient.
std::int64_t floorQuotient(double a, double b) {
    const double rest = std::fmod(a, b);
    return static_cast<std::int64_t>(std::floor((a - rest) / b + 0.5));
}

std::int64_t bottleneckSize(std::int64_t width, double reduction) {
    return std::max<std::int64_t>(floorQuotient(static_cast<double>(width), reduction), 1);
}

/// A reduction factor that gives this size.
double reductionFor(std::int64_t width, std::int64_t size) {
    if (width % size == 0)
        return static_cast<double>(width / size);
    return static_cast<double>(width) / (static_cast<double>(size) + 0.5); // far from the next sizes
}

Status readSizes(const json& config, const ModelSummary& model, const std::string& where,
                 ResidualBottleneckSettings& into) {
    const json factor = config.value("reduction_factor", json());
    const auto size = [&](const json& value) -> Result<std::int64_t> {
        if (!value.is_number() || value.get<double>() <= 0)
            return inputError(where, "reduction_factor is " + factor.dump() +
                                         "; it has to be a positive number, or one for each layer");
        return bottleneckSize(model.hiddenSize, value.get<double>());
    };
    if (!factor.is_object()) {
        LATHE_ASSIGN(into.common.size, size(factor));
        return ok();
    }
    into.common.size = 0;
    if (factor.contains("default")) {
        LATHE_ASSIGN(into.common.size, size(factor.at("default")));
    }
    for (std::int64_t layer = 0; layer < model.layers; ++layer) {
        const auto own = factor.find(std::to_string(layer));
        if (own != factor.end()) {
            LATHE_ASSIGN(into.sizes[layer], size(*own));
        } else if (into.common.size == 0) {
            return inputError(where, "reduction_factor says nothing of layer " + std::to_string(layer));
        }
    }
    return ok();
}

Result<ResidualLayout> readLayout(const json& config, const ModelSummary& model, const std::string& where) {
    ResidualLayout layout;
    layout.isParallel = config.value("is_parallel", false);
    layout.isOriginalNormBefore = config.value("original_ln_before", false);
    layout.isOriginalNormAfter = config.value("original_ln_after", true);
    layout.hasNormBefore = config.value("ln_before", false);
    layout.hasNormAfter = config.value("ln_after", false);
    layout.isSkipBeforeNorm = config.value("adapter_residual_before_ln", false);
    layout.stochasticDepth = config.value("stochastic_depth", 0.0);
    const bool isPostNorm = model.architecture == "bert" || model.architecture == "roberta" ||
                            model.architecture == "xlm-roberta" || model.architecture == "distilbert";
    const json skip = config.value("residual_before_ln", json(true));
    if (skip == "post_add" && layout.isOriginalNormBefore && !isPostNorm)
        return inputError(where, "residual_before_ln is post_add, which is defined for blocks with the norm "
                                 "behind the sum only");
    layout.skip = skip == false                                       ? Skip::AfterNorm
                  : skip == "post_add" && layout.isOriginalNormBefore ? Skip::AfterAdd
                                                                      : Skip::BeforeNorm;
    if (!layout.isOriginalNormAfter && (isPostNorm || layout.isParallel))
        return inputError(where, "original_ln_after is false, which is not supported for " +
                                     (isPostNorm ? model.architecture : std::string("parallel adapters")));
    return layout;
}

Result<std::vector<Site>> readSites(const json& config, const ModelSummary& model, const std::string& where) {
    const json left = config.value("leave_out", json::array());
    std::vector<Site> sites;
    for (const Site& site : model.sites) {
        const char* key = site.kind == SiteKind::AttentionResidual ? "mh_adapter"
                          : site.kind == SiteKind::MlpResidual     ? "output_adapter"
                                                                   : nullptr;
        if (key != nullptr && config.value(key, false) &&
            std::ranges::find(left, json(site.layer)) == left.end())
            sites.push_back(site);
    }
    if (sites.empty())
        return inputError(where, "names no place for its adapters: mh_adapter and output_adapter are false, "
                                 "leave_out names all layers, or the model has no such places");
    return sites;
}

Result<ResidualBottleneckSettings> readSettings(const json& whole, const ModelSummary& model,
                                                const std::string& where) {
    const json& config = whole.at("config");
    for (const auto& [key, value] : kNeutral.items()) {
        const auto it = config.find(key);
        if (it != config.end() && !it->is_null() && *it != value)
            return inputError(where, key + " is " + it->dump() + ", which is not supported");
    }
    ResidualBottleneckSettings settings;
    LATHE_ASSIGN(settings.layout, readLayout(config, model, where));
    BottleneckSettings& common = settings.common;
    common.nonLinearity = config.value("non_linearity", std::string("relu"));
    std::ranges::transform(common.nonLinearity, common.nonLinearity.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (activationNamed(common.nonLinearity) == nullptr)
        return inputError(where, "non_linearity is " + common.nonLinearity + ", which is not known");
    LATHE_ASSIGN(common.scale, bottleneckScale(config.value("scaling", json(1.0)), where));
    common.dropout = config.value("dropout", 0.0);
    common.init = config.value("init_weights", std::string("bert"));
    LATHE_TRY(readSizes(config, model, where, settings));
    settings.name = whole.value("name", std::string("lathe"));
    settings.kept = std::make_shared<const json>(whole);
    return settings;
}

template <typename File>
Result<std::map<std::string, at::Tensor>> tensorsIn(const fs::path& path) {
    LATHE_ASSIGN(const File file, File::open(path));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    return tensors;
}

/// The tensors of one of two files, the safer one where both are there.
Result<std::map<std::string, at::Tensor>> tensorsIn(const fs::path& folder, const char* safe,
                                                    const char* older) {
    std::error_code unreadable;
    if (fs::exists(folder / safe, unreadable))
        return tensorsIn<TensorFile>(folder / safe);
    if (fs::exists(folder / older, unreadable))
        return tensorsIn<TorchFile>(folder / older);
    return inputError(folder.string(), std::string("has neither ") + safe + " nor " + older);
}

/// The head in files of its own, if there is one.
Status readHead(const fs::path& folder, const ModelSummary& model, AdapterHubFolder& into) {
    std::error_code unreadable;
    if (!fs::exists(folder / kHeadConfig, unreadable))
        return ok();
    LATHE_ASSIGN(const auto tensors, tensorsIn(folder, kHeadSafeTensors, kHeadTensors));
    for (const auto& [name, tensor] : tensors) {
        if (std::ranges::find(model.tensors, name, &TensorSpec::name) == model.tensors.end())
            return inputError((folder / kHeadConfig).string(),
                              "belongs to a head with the tensor " + name + ", which the model has not");
        into.heads.push_back({name, kTrainedPrefix + name});
        into.tensors[into.heads.back().file] = tensor;
    }
    return ok();
}

Status writeHead(const fs::path& folder, const json& whole, const ModelSummary& model,
                 const std::vector<NamedTensor>& tensors) {
    json config = whole;
    config["config"] = nullptr;
    config["num_labels"] = model.outputs;
    LATHE_TRY(writeTorchFile(folder / kHeadTensors, tensors));
    LATHE_TRY(writeTensorFile(folder / kHeadSafeTensors, tensors));
    return writeFileAtomically(folder / kHeadConfig, config.dump(2) + "\n");
}

json readConfigFile(const fs::path& folder) {
    const auto text = readFile(folder / kConfig);
    return text.has_value() ? json::parse(text.value(), nullptr, false) : json();
}

/// The class that config.json of the base names.
std::string modelClass(const fs::path& baseModel) {
    const auto text = readFile(baseModel / "config.json");
    const json config = text.has_value() ? json::parse(text.value(), nullptr, false) : json();
    if (!config.is_object() || !config.contains("architectures") || !config.at("architectures").is_array() ||
        config.at("architectures").empty() || !config.at("architectures").front().is_string())
        return "";
    return config.at("architectures").front().get<std::string>();
}

json settingsFor(const ModelSummary& model, const ResidualBottleneckSettings& settings,
                 std::span<const Site> sites) {
    const ResidualLayout& layout = settings.layout;
    std::set<std::int64_t> left;
    for (std::int64_t layer = 0; layer < model.layers; ++layer)
        left.insert(layer);
    for (const Site& site : sites)
        left.erase(site.layer);
    const auto has = [&sites](SiteKind kind) {
        return std::ranges::any_of(sites, [kind](const Site& site) { return site.kind == kind; });
    };
    json config = settings.kept ? settings.kept->at("config") : fixedSettings();
    if (!config.contains("reduction_factor"))
        config["reduction_factor"] = plainNumber(reductionFor(model.hiddenSize, settings.common.size));
    config.update({{"mh_adapter", has(SiteKind::AttentionResidual)},
                   {"output_adapter", has(SiteKind::MlpResidual)},
                   {"non_linearity", settings.common.nonLinearity},
                   {"original_ln_before", layout.isOriginalNormBefore},
                   {"original_ln_after", layout.isOriginalNormAfter},
                   {"ln_before", layout.hasNormBefore},
                   {"ln_after", layout.hasNormAfter},
                   {"init_weights", settings.common.init},
                   {"is_parallel", layout.isParallel},
                   {"scaling", toJson(settings.common.scale)},
                   {"residual_before_ln", layout.skip == Skip::AfterNorm  ? json(false)
                                          : layout.skip == Skip::AfterAdd ? json("post_add")
                                                                          : json(true)},
                   {"adapter_residual_before_ln", layout.isSkipBeforeNorm},
                   {"leave_out", left},
                   {"dropout", settings.common.dropout},
                   {"stochastic_depth", layout.stochasticDepth}});
    return config;
}

} // namespace

std::string adapterHubPath(const Site& site, const std::string& architecture, const std::string& adapter) {
    const std::string block = site.name.substr(0, site.name.size() - site.module.size());
    const bool isAttention = site.kind == SiteKind::AttentionResidual;
    constexpr std::array<std::string_view, 3> kInOutputs{"bert", "roberta", "xlm-roberta"};
    const bool isInOutput = std::ranges::find(kInOutputs, architecture) != kInOutputs.end();
    const std::string part = isInOutput ? (isAttention ? "attention.output" : "output")
                                        : (isAttention ? "attention_adapters" : "output_adapters");
    return block + part + ".adapters." + adapter + ".";
}

bool isAdapterHubFolder(const fs::path& folder) {
    const json config = readConfigFile(folder);
    return config.is_object() && config.contains("config") && !config.contains("peft_type");
}

Result<AdapterHubFolder> readAdapterHubFolder(const fs::path& folder, const ModelSummary& model) {
    const std::string where = (folder / kConfig).string();
    const json whole = readConfigFile(folder);
    if (!whole.is_object() || !whole.contains("config") || !whole.at("config").is_object())
        return inputError(where, "has no settings of an adapter under \"config\"");
    AdapterHubFolder result;
    LATHE_ASSIGN(result.settings, readSettings(whole, model, where));
    LATHE_ASSIGN(result.sites, readSites(whole.at("config"), model, where));
    result.tensorsPath = folder.string();
    LATHE_ASSIGN(const auto tensors, tensorsIn(folder, kSafeTensors, kTensors));
    for (const auto& [name, tensor] : tensors)
        result.tensors[name.starts_with(model.basePrefix) ? name : model.basePrefix + name] = tensor;
    LATHE_TRY(readHead(folder, model, result));
    if (result.settings.layout.hasNormBefore) // the first of adapter_down is that norm once more
        for (const auto& [name, tensor] : result.tensors)
            if (name.find(".adapter_down.0.") != std::string::npos)
                result.doubled.push_back(name);
    return result;
}

Status writeAdapterHubFolder(const fs::path& folder, const AdapterOrigin& origin, const ModelSummary& model,
                             const ResidualBottleneckSettings& settings, std::span<const Site> sites,
                             const std::vector<NamedTensor>& tensors) {
    json whole = settings.kept ? *settings.kept
                               : json{{"model_class", modelClass(origin.baseModel)}, {"version", kVersion}};
    whole.update({{"config", settingsFor(model, settings, sites)},
                  {"hidden_size", model.hiddenSize},
                  {"model_name", origin.baseModel.string()},
                  {"model_type", model.architecture},
                  {"name", settings.name}});
    std::vector<NamedTensor> plain;
    std::vector<NamedTensor> head;
    for (const auto& [name, tensor] : tensors) {
        const at::Tensor value = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
        if (name.starts_with(kTrainedPrefix)) {
            head.emplace_back(name.substr(std::string_view(kTrainedPrefix).size()), value);
            continue;
        }
        plain.emplace_back(name, value);
        const std::size_t norm = name.find("adapter_norm_before.");
        if (norm != std::string::npos)
            plain.emplace_back(name.substr(0, norm) + "adapter_down.0." + name.substr(name.rfind('.') + 1),
                               value);
    }
    if (!head.empty())
        LATHE_TRY(writeHead(folder, whole, model, head));
    LATHE_TRY(writeTorchFile(folder / kTensors, plain));
    LATHE_TRY(writeTensorFile(folder / kSafeTensors, plain));
    return writeFileAtomically(folder / kConfig, whole.dump(2) + "\n");
}

} // namespace lathe
