#include "core/adapter/peft_files.h"

#include "core/adapter/lora.h"
#include "core/adapter/targets.h"
#include "core/base/files.h"

#include <ATen/core/grad_mode.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// Settings that change what LoRA computes; with any other value than these the file would be misread.
const std::vector<std::pair<std::string, json>>& plainSettings() {
    static const std::vector<std::pair<std::string, json>> settings{{"use_dora", false},
                                                                    {"lora_bias", false},
                                                                    {"bias", "none"},
                                                                    {"fan_in_fan_out", false},
                                                                    {"modules_to_save", nullptr},
                                                                    {"use_qalora", false},
                                                                    {"layer_replication", nullptr},
                                                                    {"alora_invocation_tokens", nullptr},
                                                                    {"target_parameters", nullptr},
                                                                    {"trainable_token_indices", nullptr},
                                                                    {"use_bdlora", nullptr},
                                                                    {"kasa_config", nullptr},
                                                                    {"velora_config", nullptr},
                                                                    {"monteclora_config", nullptr},
                                                                    {"arrow_config", nullptr}};
    return settings;
}

Result<json> readConfig(const fs::path& folder) {
    const fs::path path = folder / "adapter_config.json";
    const auto text = readFile(path);
    if (!text.has_value())
        return inputError(folder.string(),
                          "has no readable adapter_config.json; choose the folder of a PEFT adapter");
    json config = json::parse(text.value(), nullptr, false);
    if (!config.is_object())
        return inputError(path.string(), "is not a JSON object");
    if (const std::string type = config.value("peft_type", ""); type != "LORA")
        return inputError(path.string(),
                          "has the peft_type \"" + type + "\", which is not supported yet; LORA is");
    for (const auto& [key, plain] : plainSettings()) {
        const auto it = config.find(key);
        const bool isEmpty =
            it == config.end() || it->is_null() || ((it->is_array() || it->is_object()) && it->empty());
        if (!isEmpty && *it != plain)
            return inputError(path.string(), key + " is " + it->dump() + ", which is not supported yet");
    }
    return config;
}

/// The first pattern that fits the module's path at a dot, or the fallback (PEFT's rank_pattern and
/// alpha_pattern).
double patternValue(const json& config, const char* key, const std::string& module, double fallback) {
    const auto patterns = config.find(key);
    if (patterns == config.end() || !patterns->is_object())
        return fallback;
    for (const auto& [pattern, value] : patterns->items())
        if (std::regex_match(module, std::regex("(.*\\.)?(" + pattern + ")")))
            return value.get<double>();
    return fallback;
}

Result<std::vector<Site>> sitesOf(const json& config, const ModelSummary& model, const std::string& where) {
    const json targets = config.value("target_modules", json());
    if (targets.is_string() && targets != "all-linear") {
        std::vector<Site> sites;
        const std::regex pattern(targets.get<std::string>());
        std::copy_if(model.sites.begin(), model.sites.end(), std::back_inserter(sites),
                     [&pattern](const Site& site) { return std::regex_match(site.name, pattern); });
        if (sites.empty())
            return inputError(where, "target_modules \"" + targets.get<std::string>() +
                                         "\" fits no module of the model");
        return sites;
    }
    std::string names;
    for (const auto& name : targets.is_array() ? targets : json::array({targets}))
        names += (names.empty() ? "" : ",") + name.get<std::string>();
    auto sites = matchTargets(model, names);
    if (!sites.has_value())
        return inputError(where, sites.error().text());
    return sites;
}

Result<std::unique_ptr<Adapter>> attachFromConfig(LanguageModel& model, const json& config,
                                                  const std::string& where) {
    LATHE_ASSIGN(const std::vector<Site> sites, sitesOf(config, model.summary(), where));
    LoraSettings settings;
    settings.rank = config.value("r", std::int64_t{8});
    settings.alpha = config.value("lora_alpha", 8.0);
    settings.dropout = config.value("lora_dropout", 0.0);
    settings.isRankStabilized = config.value("use_rslora", false);
    std::vector<LoraAdapter::SiteSettings> each;
    for (const Site& site : sites) {
        settings.targets.push_back(site.name);
        each.push_back({site,
                        static_cast<std::int64_t>(patternValue(config, "rank_pattern", site.name,
                                                               static_cast<double>(settings.rank))),
                        patternValue(config, "alpha_pattern", site.name, settings.alpha)});
    }
    return std::unique_ptr<Adapter>(
        std::make_unique<LoraAdapter>(model, std::move(settings), std::move(each), 0));
}

} // namespace

Status setParameters(const Adapter& adapter, const std::map<std::string, at::Tensor>& tensors,
                     const std::string& where) {
    const at::NoGradGuard noGrad;
    std::set<std::string> used;
    for (const auto& [name, parameter] : adapter.parameters()) {
        const auto it = tensors.find(name);
        if (it == tensors.end())
            return inputError(where, "lacks the tensor " + name);
        if (it->second.sizes() != parameter.sizes())
            return inputError(where,
                              "tensor " + name + " has another shape than the adapter's settings ask for");
        used.insert(name);
    }
    for (const auto& [name, tensor] : tensors)
        if (!used.contains(name))
            return inputError(where,
                              "has the tensor " + name + ", which fits no adapted module of the model");
    for (const auto& [name, parameter] : adapter.parameters())
        at::Tensor(parameter).copy_(tensors.at(name));
    return ok();
}

Result<std::unique_ptr<Adapter>> loadPeftAdapter(LanguageModel& model, const fs::path& folder) {
    LATHE_ASSIGN(const json config, readConfig(folder));
    const fs::path path = folder / "adapter_model.safetensors";
    std::error_code unreadable;
    if (!fs::exists(path, unreadable))
        return inputError(folder.string(),
                          "has no adapter_model.safetensors; adapters in other files cannot be read yet");
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(path));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    try {
        LATHE_ASSIGN(std::unique_ptr<Adapter> adapter,
                     attachFromConfig(model, config, (folder / "adapter_config.json").string()));
        LATHE_TRY(setParameters(*adapter, tensors, path.string()));
        return adapter;
    } catch (const std::exception& problem) { // a regex or a value of another type
        return inputError((folder / "adapter_config.json").string(),
                          std::string("cannot be used: ") + problem.what());
    }
}

Status LoraAdapter::save(const fs::path& folder, const AdapterOrigin& origin) const {
    json ranks = json::object();
    json alphas = json::object();
    std::set<std::string> modules;
    for (const SiteSettings& each : m_sites) {
        modules.insert(m_settings.targets.size() == 1 && m_settings.targets.front() == "all-linear"
                           ? each.site.module
                           : std::string());
        if (each.rank != m_settings.rank)
            ranks[each.site.name] = each.rank;
        if (each.alpha != m_settings.alpha)
            alphas[each.site.name] = each.alpha;
    }
    modules.erase("");
    if (modules.empty())
        modules.insert(m_settings.targets.begin(), m_settings.targets.end());
    const json config{
        {"alpha_pattern", alphas},
        {"auto_mapping", nullptr},
        {"base_model_name_or_path", origin.baseModel.string()},
        {"bias", "none"},
        {"fan_in_fan_out", false},
        {"inference_mode", true},
        {"init_lora_weights", true},
        {"layer_replication", nullptr},
        {"layers_pattern", nullptr},
        {"layers_to_transform", nullptr},
        {"loftq_config", json::object()},
        {"lora_alpha", m_settings.alpha == static_cast<double>(static_cast<std::int64_t>(m_settings.alpha))
                           ? json(static_cast<std::int64_t>(m_settings.alpha))
                           : json(m_settings.alpha)},
        {"lora_dropout", m_settings.dropout},
        {"megatron_config", nullptr},
        {"megatron_core", "megatron.core"},
        {"modules_to_save", nullptr},
        {"peft_type", "LORA"},
        {"r", m_settings.rank},
        {"rank_pattern", ranks},
        {"revision", nullptr},
        {"target_modules", modules},
        {"task_type", origin.taskType},
        {"use_dora", false},
        {"use_rslora", m_settings.isRankStabilized}};
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : m_parameters)
        tensors.emplace_back(name, tensor.detach().to(at::kCPU, at::kFloat));
    LATHE_TRY(writeTensorFile(folder / "adapter_model.safetensors", tensors));
    return writeFileAtomically(folder / "adapter_config.json", config.dump(2) + "\n");
}

} // namespace lathe
