#include "core/adapter/lora.h"

#include "core/adapter/module_patterns.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// Settings that change what LoRA computes; with any other value than these the file would be misread.
const json kNeutral{{"use_qalora", false},
                    {"layer_replication", nullptr},
                    {"alora_invocation_tokens", nullptr},
                    {"target_parameters", nullptr},
                    {"trainable_token_indices", nullptr},
                    {"ensure_weight_tying", false},
                    {"use_bdlora", nullptr},
                    {"kasa_config", nullptr},
                    {"velora_config", nullptr},
                    {"monteclora_config", nullptr},
                    {"arrow_config", nullptr}};

/// Starts that change the base model by something the folder does not hold.
const std::array kLostStarts{"corda", "lora_ga", "loftq"};

Result<ModulePatterns> patternsOf(const PeftFolder& folder, const char* key) {
    LATHE_ASSIGN(const auto entries, patternEntries(folder, key));
    return ModulePatterns::make(entries, folder.configPath());
}

/// How the tensors of the folder came about.
Result<LoraInit> initOf(const PeftFolder& folder) {
    const json init = folder.config().value("init_lora_weights", json(true));
    if (!init.is_string())
        return LoraInit::Plain;
    const auto text = init.get<std::string>();
    if (std::ranges::find(kLostStarts, text) != kLostStarts.end())
        return inputError(folder.configPath(),
                          "init_lora_weights is \"" + text +
                              "\": what it changed in the base model is not in the folder; save the adapter "
                              "converted to plain LoRA");
    // A fast decomposition depends on random numbers that nobody kept; the exact one is what it comes near
    // to.
    if (text.starts_with("pissa"))
        return LoraInit::Pissa;
    return text == "olora" ? LoraInit::Olora : LoraInit::Plain;
}

Result<LoraSettings> settingsOf(const PeftFolder& folder) {
    const json& config = folder.config();
    LoraSettings settings;
    settings.rank = config.value("r", std::int64_t{8});
    settings.alpha = config.value("lora_alpha", 8.0);
    settings.dropout = config.value("lora_dropout", 0.0);
    settings.isRankStabilized = config.value("use_rslora", false);
    settings.isDora = config.value("use_dora", false);
    settings.hasBias = config.value("lora_bias", false);
    settings.bias = config.value("bias", std::string("none"));
    if (const json modules = config.value("modules_to_save", json()); modules.is_array())
        modules.get_to(settings.modulesToSave);
    LATHE_ASSIGN(settings.init, initOf(folder));
    if (settings.isDora && settings.hasBias)
        return inputError(folder.configPath(), "has both use_dora and lora_bias, which exclude each other");
    return settings;
}

bool isIn(const std::string& path, const std::string& module) {
    return ("." + path + ".").find("." + module + ".") != std::string::npos;
}

/// Modules that are saved whole get no adapter.
Result<std::vector<LoraPlace>> placesOf(const PeftFolder& folder, const LoraSettings& settings,
                                        const ModelSummary& model) {
    LATHE_ASSIGN(std::vector<Site> sites, peftTargetSites(folder.config(), model, folder.configPath()));
    std::erase_if(sites, [&settings](const Site& site) {
        return std::ranges::any_of(settings.modulesToSave,
                                   [&site](const std::string& module) { return isIn(site.name, module); });
    });
    LATHE_ASSIGN(const ModulePatterns ranks, patternsOf(folder, "rank_pattern"));
    LATHE_ASSIGN(const ModulePatterns alphas, patternsOf(folder, "alpha_pattern"));
    std::vector<LoraPlace> places;
    for (const Site& site : sites) {
        const auto rank =
            static_cast<std::int64_t>(ranks.valueFor(site.name, static_cast<double>(settings.rank)));
        if (rank < 1)
            return inputError(folder.configPath(),
                              "rank " + std::to_string(rank) + " of " + site.name + " is below 1");
        places.push_back({site, rank, alphas.valueFor(site.name, settings.alpha)});
    }
    return places;
}

/// Names as this version writes them.
std::map<std::string, at::Tensor> tensorsOf(const PeftFolder& folder) {
    constexpr std::string_view kOlder = ".lora_magnitude_vector.weight";
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : folder.tensors())
        tensors[name.ends_with(kOlder) ? name.substr(0, name.size() - std::string_view(".weight").size())
                                       : name] = tensor;
    return tensors;
}

/// The fused query-key-value layout of early PEFT and of LLM-Adapters (arXiv:2304.01933): `enable_lora` says
/// which of the equal parts of the output are adapted; A holds their rows one after another, [e R, in]; B is
/// the weight of a grouped convolution, [e out / parts, R, 1]. As a plain product of rank e R, B has blocks.
class FusedLayout {
public:
    explicit FusedLayout(const json& config) {
        if (const json parts = config.value("enable_lora", json()); parts.is_array())
            parts.get_to(m_isEnabled);
        m_count = std::ranges::count(m_isEnabled, true);
    }
    [[nodiscard]] bool isUsed() const { return m_count > 0; }

    /// The plain settings of the same product.
    void widen(LoraSettings& settings, std::vector<LoraPlace>& places) const {
        const auto factor = static_cast<double>(m_count);
        settings.rank *= m_count;
        settings.alpha *= factor;
        for (LoraPlace& place : places) {
            place.rank *= m_count;
            place.alpha *= factor;
        }
    }
    /// Input error where a tensor is missing or has another shape.
    [[nodiscard]] Status convert(const std::vector<LoraPlace>& places, const std::string& where,
                                 std::map<std::string, at::Tensor>& tensors) const {
        for (const LoraPlace& place : places) {
            const auto b = tensors.find(peftName(place.site, "lora_B.weight"));
            const auto parts = static_cast<std::int64_t>(m_isEnabled.size());
            if (b == tensors.end())
                return inputError(where, "lacks the tensor " + peftName(place.site, "lora_B.weight"));
            const std::int64_t rows = place.site.out / parts;
            const std::int64_t rank = place.rank / m_count;
            if (place.site.out % parts != 0 || b->second.numel() != m_count * rows * rank)
                return inputError(where, "tensor " + b->first + " does not fit enable_lora with " +
                                             std::to_string(parts) + " parts of " +
                                             std::to_string(place.site.out) + " outputs");
            const at::Tensor blocks = b->second.reshape({m_count, rows, rank});
            at::Tensor whole = at::zeros({place.site.out, place.rank}, blocks.options());
            std::int64_t used = 0;
            for (std::int64_t part = 0; part < parts; ++part)
                if (m_isEnabled[static_cast<std::size_t>(part)]) {
                    whole.narrow(0, part * rows, rows).narrow(1, used * rank, rank).copy_(blocks[used]);
                    ++used;
                }
            b->second = whole;
        }
        return ok();
    }

private:
    std::vector<bool> m_isEnabled;
    std::int64_t m_count = 0;
};

/// A pattern for exactly this module. Older versions look the plain name up where no pattern fits, so it is
/// escaped only where it would fit others too.
std::string patternFor(const Site& site, const std::vector<LoraPlace>& places) {
    const auto made = ModulePatterns::make({{site.name, 1.0}}, {});
    const bool isUnique = std::ranges::none_of(places, [&](const LoraPlace& place) {
        return place.site.name != site.name && made.value().valueFor(place.site.name, 0) != 0;
    });
    if (isUnique)
        return site.name;
    std::string escaped = "^";
    for (const char c : site.name)
        escaped += c == '.' ? std::string("\\.") : std::string(1, c);
    return escaped;
}

} // namespace

json loraConfig(const LoraSettings& settings, const std::vector<LoraPlace>& places,
                const ModelSummary& model) {
    json ranks = json::object();
    json alphas = json::object();
    std::vector<Site> sites;
    for (const LoraPlace& each : places) {
        sites.push_back(each.site);
        if (each.rank != settings.rank)
            ranks[patternFor(each.site, places)] = each.rank;
        if (each.alpha != settings.alpha)
            alphas[patternFor(each.site, places)] = plainNumber(each.alpha);
    }
    json config{{"alpha_pattern", alphas},
                {"bias", settings.bias},
                {"fan_in_fan_out", std::ranges::any_of(sites, &Site::isTransposed)},
                {"init_lora_weights", true},
                {"layer_replication", nullptr},
                {"layers_pattern", nullptr},
                {"layers_to_transform", nullptr},
                {"loftq_config", json::object()},
                {"lora_alpha", plainNumber(settings.alpha)},
                {"lora_dropout", settings.dropout},
                {"megatron_config", nullptr},
                {"megatron_core", "megatron.core"},
                {"modules_to_save", nullptr},
                {"peft_type", "LORA"},
                {"r", settings.rank},
                {"rank_pattern", ranks},
                {"target_modules", peftTargetNames(model, sites)},
                {"use_dora", settings.isDora},
                {"use_rslora", settings.isRankStabilized}};
    if (!settings.modulesToSave.empty())
        config["modules_to_save"] = settings.modulesToSave;
    if (settings.hasBias)
        config["lora_bias"] = true;
    return config;
}

Result<std::unique_ptr<Adapter>> loadLora(LanguageModel& model, const PeftFolder& folder) {
    LATHE_TRY(folder.require(kNeutral));
    LATHE_ASSIGN(LoraSettings settings, settingsOf(folder));
    LATHE_ASSIGN(std::vector<LoraPlace> places, placesOf(folder, settings, model.summary()));
    std::vector<Site> sites;
    for (const LoraPlace& place : places)
        sites.push_back(place.site);
    LATHE_ASSIGN(std::vector<TrainedWeight> trained,
                 trainedWeights(folder.config(), model.summary(), sites, folder.configPath()));
    std::map<std::string, at::Tensor> tensors = tensorsOf(folder);
    auto kept = std::make_shared<json>(folder.config());
    kept->erase("enable_lora");
    kept->erase("merge_weights");
    if (const FusedLayout fused(folder.config()); fused.isUsed()) {
        fused.widen(settings, places);
        LATHE_TRY(fused.convert(places, folder.tensorsPath(), tensors));
    }
    auto adapter = std::make_unique<LoraAdapter>(model, settings, std::move(places), std::move(trained), 0,
                                                 std::move(kept));
    LATHE_TRY(setParameters(*adapter, tensors, folder.tensorsPath()));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
