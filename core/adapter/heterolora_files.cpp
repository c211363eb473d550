#include "core/adapter/heterolora.h"

#include "core/adapter/module_patterns.h"
#include "core/base/files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kVersion = 1;

json shortcutsJson(const HeteroSettings& settings, const HeteroModules& modules) {
    json entries = json::array();
    for (const auto& module : modules)
        if (module->isShortcut && module->isOn)
            entries.push_back({{"name", module->name},
                               {"kind", module->kind},
                               {"layer", module->layer},
                               {"rank", module->rank},
                               {"alpha", plainNumber(module->alpha)}});
    return {{"version", kVersion},
            {"as_released", settings.shortcuts.isAsReleased},
            {"normed_input", settings.shortcuts.hasNormedInput},
            {"shortcuts", entries}};
}

/// A file of an earlier save that says more than is true now.
void removeOld(const fs::path& folder) {
    std::error_code problem;
    for (const char* name : {kShortcutsFile, kShortcutTensorsFile})
        fs::remove(folder / name, problem);
}

Result<std::vector<HeteroPlace>> loraPlaces(const PeftFolder& folder, const ModelSummary& model) {
    std::vector<HeteroPlace> places;
    const json& config = folder.config();
    if (config.value("target_modules", json::array()).empty())
        return places; // shortcuts alone
    LATHE_ASSIGN(const std::vector<Site> sites, peftTargetSites(config, model, folder.configPath()));
    LATHE_ASSIGN(const auto rankEntries, patternEntries(folder, "rank_pattern"));
    LATHE_ASSIGN(const auto alphaEntries, patternEntries(folder, "alpha_pattern"));
    LATHE_ASSIGN(const ModulePatterns ranks, ModulePatterns::make(rankEntries, folder.configPath()));
    LATHE_ASSIGN(const ModulePatterns alphas, ModulePatterns::make(alphaEntries, folder.configPath()));
    for (const Site& site : sites) {
        const auto rank = static_cast<std::int64_t>(ranks.valueFor(site.name, config.value("r", 8.0)));
        if (rank < 1)
            return inputError(folder.configPath(),
                              "rank " + std::to_string(rank) + " of " + site.name + " is below 1");
        places.push_back({site, site.name, site.module, false, rank,
                          alphas.valueFor(site.name, config.value("lora_alpha", 8.0))});
    }
    return places;
}

Result<std::vector<HeteroPlace>> shortcutPlaces(const json& all, const ModelSummary& model) {
    std::vector<HeteroPlace> places;
    for (const json& entry : all.at("shortcuts")) {
        const auto layer = entry.at("layer").get<std::int64_t>();
        const auto kind = entry.at("kind").get<std::string>();
        const auto site = std::ranges::find_if(model.sites, [layer](const Site& each) {
            return each.kind == SiteKind::MlpResidual && each.layer == layer;
        });
        const bool isFirst =
            kind == shortcutNames()[static_cast<std::size_t>(ShortcutKind::ShortcutFfn)] && layer == 0;
        if (site == model.sites.end() || !shortcutNamed(kind) || isFirst)
            return inputError(kShortcutsFile,
                              "has the shortcut " + entry.dump() + ", for which the model has no place");
        const auto rank = entry.at("rank").get<std::int64_t>();
        if (rank < 1)
            return inputError(kShortcutsFile, "rank " + std::to_string(rank) + " of " + kind + " is below 1");
        places.push_back(
            {*site, shortcutName(model, layer, kind), kind, true, rank, entry.at("alpha").get<double>()});
    }
    return places;
}

} // namespace

std::string shortcutsObstacle(const fs::path& folder) {
    std::error_code problem;
    if (!fs::exists(folder / kShortcutsFile, problem))
        return {};
    return "the adapter has shortcut connections in the residual stream, for which no other program has a "
           "place; train one without them";
}

std::string shortcutName(const ModelSummary& model, std::int64_t layer, const std::string& kind) {
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::MlpResidual && site.layer == layer)
            return site.name.substr(0, site.name.rfind('.') + 1) + kind;
    return kind;
}

Status HeteroLoraAdapter::save(const fs::path& folder, const AdapterOrigin& origin) const {
    LoraSettings settings;
    settings.rank = m_settings.rank;
    settings.alpha = m_settings.alpha;
    settings.dropout = m_settings.dropout;
    settings.bias = m_extras.bias;
    settings.modulesToSave = m_extras.modules;
    std::vector<LoraPlace> places;
    std::set<const at::TensorImpl*> off;
    std::vector<NamedTensor> shortcuts;
    for (const auto& module : m_modules) {
        if (module->isOn && !module->isShortcut)
            places.push_back({module->site, module->rank, module->alpha});
        if (!module->isOn || module->isShortcut)
            off.insert({module->a.unsafeGetTensorImpl(), module->b.unsafeGetTensorImpl()});
        if (!module->isOn || !module->isShortcut)
            continue;
        for (const auto& [name, tensor] :
             {std::pair(".lora_A", &module->a), std::pair(".lora_B", &module->b)})
            shortcuts.emplace_back(module->name + name + ".weight",
                                   tensor->detach().to(at::kCPU, at::kFloat).contiguous());
    }
    std::map<std::string, at::Tensor> tensors; // sorted, as LoRA's
    for (const auto& [name, tensor] : parameters())
        if (!off.contains(tensor.unsafeGetTensorImpl()))
            tensors[name] = tensor;
    LATHE_TRY(writePeftFolder(folder, origin, loraConfig(settings, places, model().summary()),
                              {tensors.begin(), tensors.end()}, m_extras.keptSettings()));
    if (shortcuts.empty()) {
        removeOld(folder);
        return ok();
    }
    LATHE_TRY(writeTensorFile(folder / kShortcutTensorsFile, shortcuts));
    return writeFileAtomically(folder / kShortcutsFile, shortcutsJson(m_settings, m_modules).dump(2) + "\n");
}

Result<std::unique_ptr<Adapter>> loadHeteroLora(LanguageModel& model, const PeftFolder& folder,
                                                const fs::path& path) {
    LATHE_ASSIGN(const std::string text, readFile(path / kShortcutsFile));
    const json all = json::parse(text);
    LATHE_ASSIGN(std::vector<HeteroPlace> places, loraPlaces(folder, model.summary()));
    LATHE_ASSIGN(const std::vector<HeteroPlace> more, shortcutPlaces(all, model.summary()));
    std::vector<Site> sites;
    for (const HeteroPlace& place : places)
        sites.push_back(place.site);
    places.insert(places.end(), more.begin(), more.end());
    LATHE_ASSIGN(PeftExtras extras, extrasOf(folder, model.summary(), sites));
    HeteroSettings settings;
    settings.rank = folder.config().value("r", settings.rank);
    settings.alpha = folder.config().value("lora_alpha", settings.alpha);
    settings.dropout = folder.config().value("lora_dropout", settings.dropout);
    settings.shortcuts.isAsReleased = all.value("as_released", false);
    settings.shortcuts.hasNormedInput = all.value("normed_input", false);
    auto adapter = std::make_unique<HeteroLoraAdapter>(model, settings, std::move(places), std::move(extras),
                                                       std::uint64_t{0});
    std::map<std::string, at::Tensor> tensors = folder.tensors();
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(path / kShortcutTensorsFile));
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors["shortcuts." + name], file.tensor(name));
    }
    LATHE_TRY(setParameters(*adapter, tensors, (path / kShortcutTensorsFile).string()));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
