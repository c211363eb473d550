#include "core/adapter/peft_folder.h"

#include "core/adapter/targets.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/model/torch_file.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kTensors = "adapter_model.safetensors";
constexpr const char* kOlderTensors = "adapter_model.bin";

template <typename File>
Result<std::map<std::string, at::Tensor>> tensorsOf(const fs::path& path) {
    LATHE_ASSIGN(const File file, File::open(path));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    return tensors;
}

bool saysNothing(const json& value) {
    return value.is_null() || ((value.is_array() || value.is_object()) && value.empty());
}

bool endsIn(const std::string& name, const std::string& part) {
    return name == part || name.ends_with("." + part);
}

/// Whether a list of suffixes, or a regular expression for the whole path, fits.
bool fits(const json& choice, const std::string& name) {
    if (choice.is_string())
        return std::regex_match(name, std::regex(choice.get<std::string>()));
    return std::ranges::any_of(
        choice, [&name](const json& part) { return endsIn(name, part.template get<std::string>()); });
}

/// Whether layers_to_transform (a number or a list) names the site's layer, and layers_pattern its path.
bool isInLayers(const json& config, const Site& site) {
    const json layers = config.value("layers_to_transform", json());
    if (saysNothing(layers))
        return true;
    const json wanted = layers.is_array() ? layers : json::array({layers});
    if (std::ranges::find(wanted, json(site.layer)) == wanted.end())
        return false;
    const json pattern = config.value("layers_pattern", json());
    if (saysNothing(pattern) || pattern == "")
        return true;
    const json patterns = pattern.is_array() ? pattern : json::array({pattern});
    return std::ranges::any_of(patterns, [&site](const json& each) {
        return site.name.find(each.template get<std::string>() + "." + std::to_string(site.layer) + ".") !=
               std::string::npos;
    });
}

bool isModule(const Site& site) {
    return site.kind != SiteKind::AttentionResidual && site.kind != SiteKind::MlpResidual;
}

} // namespace

Result<PeftFolder> PeftFolder::read(const fs::path& folder) {
    PeftFolder result;
    result.m_configPath = (folder / kConfig).string();
    const auto text = readFile(folder / kConfig);
    if (!text.has_value())
        return inputError(folder.string(),
                          "has no readable adapter_config.json; choose the folder of an adapter");
    auto config = std::make_shared<json>(json::parse(text.value(), nullptr, false));
    if (!config->is_object())
        return inputError(result.m_configPath, "is not a JSON object");
    if (!config->contains("peft_type") || !config->at("peft_type").is_string())
        return inputError(result.m_configPath, "has no peft_type, so it is not the file of a PEFT adapter");
    result.m_config = std::move(config);
    std::error_code unreadable;
    const bool isOlder = !fs::exists(folder / kTensors, unreadable);
    result.m_tensorsPath = (folder / (isOlder ? kOlderTensors : kTensors)).string();
    if (isOlder && !fs::exists(folder / kOlderTensors, unreadable))
        return inputError(folder.string(), "has neither adapter_model.safetensors nor adapter_model.bin");
    if (isOlder) {
        LATHE_ASSIGN(result.m_tensors, tensorsOf<TorchFile>(result.m_tensorsPath));
    } else {
        LATHE_ASSIGN(result.m_tensors, tensorsOf<TensorFile>(result.m_tensorsPath));
    }
    return result;
}

std::string PeftFolder::peftType() const { return m_config->at("peft_type").get<std::string>(); }

Status PeftFolder::require(const json& neutral) const {
    for (const auto& [key, value] : neutral.items()) {
        const auto it = m_config->find(key);
        if (it != m_config->end() && !saysNothing(*it) && *it != value)
            return inputError(m_configPath, key + " is " + it->dump() + ", which is not supported yet");
    }
    return ok();
}

Status PeftFolder::fill(const Adapter& adapter, std::span<const std::string> others) const {
    return setParameters(adapter, m_tensors, m_tensorsPath, others);
}

Status setParameters(const Adapter& adapter, const std::map<std::string, at::Tensor>& tensors,
                     const std::string& where, std::span<const std::string> others) {
    const at::NoGradGuard noGrad;
    std::set<std::string> expected(others.begin(), others.end());
    for (const auto& [name, parameter] : adapter.parameters()) {
        const auto it = tensors.find(name);
        if (it == tensors.end())
            return inputError(where, "lacks the tensor " + name);
        if (it->second.sizes() != parameter.sizes())
            return inputError(where,
                              "tensor " + name + " has another shape than the adapter's settings ask for");
        expected.insert(name);
    }
    for (const auto& [name, tensor] : tensors)
        if (!expected.contains(name))
            return inputError(where,
                              "has the tensor " + name + ", which fits no adapted module of the model");
    for (const auto& [name, parameter] : adapter.parameters())
        at::Tensor(parameter).copy_(tensors.at(name));
    return ok();
}

Status writePeftFolder(const fs::path& folder, const AdapterOrigin& origin, const json& config,
                       const std::vector<NamedTensor>& tensors, const json& kept) {
    json all = kept.is_object() ? kept : json::object();
    all.update({{"auto_mapping", nullptr},
                {"base_model_name_or_path", origin.baseModel.string()},
                {"inference_mode", true},
                {"revision", nullptr},
                {"task_type", origin.taskType}});
    all.update(config);
    // As PEFT: a head that tells labels apart is trained with whatever adapter, and both names stand for it.
    if (origin.taskType == "SEQ_CLS" && saysNothing(all.value("modules_to_save", json()))) {
        all["modules_to_save"] = {"classifier", "score"};
        if (std::ranges::any_of(tensors, [](const NamedTensor& each) {
                return each.first.find(".pre_classifier.") != std::string::npos;
            }))
            all["modules_to_save"].push_back("pre_classifier");
    }
    std::vector<NamedTensor> plain;
    for (const auto& [name, tensor] : tensors)
        plain.emplace_back(name, tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    LATHE_TRY(writeTensorFile(folder / kTensors, plain));
    return writeFileAtomically(folder / kConfig, all.dump(2) + "\n");
}

Result<std::vector<Site>> peftTargetSites(const json& config, const ModelSummary& model,
                                          const std::string& where) {
    const json targets = config.value("target_modules", json());
    const json exclude = config.value("exclude_modules", json());
    const bool isAllLinear =
        targets == "all-linear" || (targets.is_array() && targets == json::array({"all-linear"}));
    if (saysNothing(targets))
        return inputError(where, "has no target_modules, so it does not say where the adapter belongs");
    std::vector<Site> sites;
    for (const Site& site : model.sites) {
        const bool isNamed =
            isAllLinear ? site.kind == SiteKind::Projection : isModule(site) && fits(targets, site.name);
        const bool isLeftOut = !saysNothing(exclude) && fits(exclude, site.name);
        if (isNamed && !isLeftOut && isInLayers(config, site))
            sites.push_back(site);
    }
    if (sites.empty())
        return inputError(where, "target_modules " + targets.dump() + " fit no module of the model; it has " +
                                     joined(moduleNames(model)));
    if (targets.is_array() && !isAllLinear)
        for (const json& name : targets)
            if (std::ranges::none_of(model.sites, [&name](const Site& site) {
                    return endsIn(site.name, name.get<std::string>());
                }))
                return inputError(where, "target_modules names " + name.dump() +
                                             ", which fits no module of the model; it has " +
                                             joined(moduleNames(model)));
    return sites;
}

json peftTargetNames(const ModelSummary& model, std::span<const Site> sites) {
    const auto isChosen = [&sites](const Site& site) {
        return std::ranges::any_of(sites, [&site](const Site& each) { return each.name == site.name; });
    };
    std::set<std::string> names;
    for (const Site& site : sites) {
        const bool isWhole = std::ranges::all_of(model.sites, [&](const Site& other) {
            return !isModule(other) || !endsIn(other.name, site.module) || isChosen(other);
        });
        names.insert(isWhole ? site.module : site.name);
    }
    return names;
}

Result<std::vector<std::pair<std::string, double>>> patternEntries(const PeftFolder& folder,
                                                                   const char* key) {
    LATHE_ASSIGN(const std::string text, readFile(folder.configPath()));
    const auto config = nlohmann::ordered_json::parse(text);
    std::vector<std::pair<std::string, double>> entries;
    if (const auto patterns = config.find(key); patterns != config.end() && patterns->is_object())
        for (const auto& [pattern, value] : patterns->items())
            entries.emplace_back(pattern, value.get<double>());
    return entries;
}

json plainNumber(double value) {
    return value == std::trunc(value) && std::abs(value) < 1e15 ? json(static_cast<std::int64_t>(value))
                                                                : json(value);
}

} // namespace lathe
