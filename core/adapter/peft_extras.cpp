#include "core/adapter/peft_extras.h"

#include "core/adapter/targets.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

json PeftExtras::keptSettings() const {
    json all = kept == nullptr ? json() : *kept;
    if (all.is_object())
        all.erase("exclude_modules"); // target_modules name what is left
    return all;
}

json PeftExtras::settings(const ModelSummary& model, std::span<const Site> sites) const {
    return {{"layers_pattern", nullptr},
            {"layers_to_transform", nullptr},
            {"modules_to_save", modules.empty() ? json() : json(modules)},
            {"target_modules", peftTargetNames(model, sites)}};
}

Result<PeftExtras> extrasOf(const PeftFolder& folder, const ModelSummary& model,
                            std::span<const Site> sites) {
    const json& config = folder.config();
    PeftExtras extras;
    LATHE_ASSIGN(extras.weights, trainedWeights(config, model, sites, folder.configPath()));
    const json bias = config.value("bias", json("none"));
    extras.bias = bias.is_string() ? bias.get<std::string>() : "none";
    if (const json modules = config.value("modules_to_save", json()); modules.is_array())
        modules.get_to(extras.modules);
    extras.kept = std::make_shared<const json>(config);
    return extras;
}

PeftExtras extrasOf(const ParamValues& values, const ModelSummary& model, std::span<const Site> sites,
                    const std::string& ownBias) {
    auto weights = trainedWeights(values, model, sites);
    LATHE_EXPECT(weights.has_value());
    const std::string bias = values.contains("bias") ? values.text("bias") : "none";
    return {bias == "adapted" ? ownBias : bias, targetNames(values.text("modules_to_save")),
            std::move(weights).value(), nullptr};
}

std::vector<Site> sitesOf(const ModelSummary& model, const ParamValues& values,
                          const std::string& automatic) {
    auto sites = matchTargets(model, targetChoice(values), {automatic});
    LATHE_EXPECT(sites.has_value());
    return std::move(sites).value();
}

std::vector<Problem> problemsOf(const ModelSummary& model, const ParamValues& values,
                                const std::string& automatic) {
    const auto sites = matchTargets(model, targetChoice(values), {automatic});
    if (!sites.has_value())
        return {{sites.error().where, sites.error().message}};
    if (const auto weights = trainedWeights(values, model, sites.value()); !weights.has_value())
        return {{weights.error().where, weights.error().message}};
    return {};
}

} // namespace lathe
