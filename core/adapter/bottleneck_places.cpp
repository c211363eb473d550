#include "core/adapter/bottleneck_places.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lathe {

namespace {

using Names = std::span<const std::string_view>;

/// Projections into the feed-forward part. The first row is LLM-Adapters' (llama, bloom and chatglm, gptj,
/// gpt_neo, opt); then phi3 and glm, gpt2 and phi share names with it; then bert and its kin, distilbert, t5.
constexpr std::array<std::string_view, 12> kInto{
    "gate_proj",    "up_proj", "dense_h_to_4h",      "fc_in", "c_fc", "fc1",
    "gate_up_proj", "lin1",    "intermediate.dense", "wi",    "wi_0", "wi_1"};
/// The projection out of it, in the same order.
constexpr std::array<std::string_view, 8> kOutOf{"down_proj", "dense_4h_to_h", "fc_out", "mlp.c_proj",
                                                 "fc2",       "lin2",          "wo",     "output.dense"};
/// Queries, keys and values, apart or fused. LLM-Adapters': the first four.
constexpr std::array<std::string_view, 15> kAttentionInputs{
    "q_proj", "k_proj", "v_proj", "query_key_value", "c_attn", "qkv_proj", "query", "key",
    "value",  "q_lin",  "k_lin",  "v_lin",           "q",      "k",        "v"};

bool isOneOf(const Site& site, Names names) {
    return std::ranges::any_of(names, [path = std::string_view(site.name)](std::string_view name) {
        return path.size() > name.size() && path.ends_with(name) &&
               path[path.size() - name.size() - 1] == '.';
    });
}

bool isAutomatic(const Site& site, BottleneckMethod method) {
    switch (method) {
    case BottleneckMethod::AdapterH:
        return seriesPlace(site).has_value();
    case BottleneckMethod::AdapterP:
        return seriesPlace(site) == LinearPlace::Output;
    case BottleneckMethod::Parallel:
        break;
    }
    return !site.isFeedForward && isOneOf(site, kAttentionInputs);
}

bool isAuto(const TargetChoice& choice) {
    return targetNames(choice.modules) == std::vector<std::string>{"auto"};
}

std::vector<std::string> seriesModules(const ModelSummary& model) {
    std::vector<std::string> names;
    for (const Site& site : model.sites)
        if (seriesPlace(site) && std::ranges::find(names, site.module) == names.end())
            names.push_back(site.module);
    return names;
}

} // namespace

std::optional<LinearPlace> seriesPlace(const Site& site) {
    if (site.kind != SiteKind::Projection || !site.isFeedForward)
        return std::nullopt;
    if (isOneOf(site, kInto))
        return LinearPlace::Input;
    if (isOneOf(site, kOutOf))
        return LinearPlace::Output;
    return std::nullopt;
}

Result<std::vector<Site>> linearPlaces(const ModelSummary& model, const TargetChoice& choice,
                                       BottleneckMethod method) {
    if (isAuto(choice)) {
        TargetChoice whole = choice;
        whole.modules = "all-linear";
        LATHE_ASSIGN(std::vector<Site> sites, matchTargets(model, whole));
        std::erase_if(sites, [method](const Site& site) { return !isAutomatic(site, method); });
        if (sites.empty())
            return inputError("target_modules", "leaves no module once exclude_modules and target_layers are "
                                                "applied; choose fewer of those");
        return sites;
    }
    LATHE_ASSIGN(std::vector<Site> sites, matchTargets(model, choice));
    if (method != BottleneckMethod::Parallel)
        for (const Site& site : sites)
            if (!seriesPlace(site))
                return inputError("target_modules",
                                  "\"" + site.name +
                                      "\" has no series adapter: those sit at the projections of the "
                                      "feed-forward part, " +
                                      joined(seriesModules(model)) + "; choose these, or a parallel adapter");
    return sites;
}

Result<std::vector<Site>> residualPlaces(const ModelSummary& model, const TargetChoice& choice,
                                         BottleneckMethod method) {
    const auto isResidual = [](const Site& site) {
        return site.kind == SiteKind::AttentionResidual || site.kind == SiteKind::MlpResidual;
    };
    if (std::ranges::none_of(model.sites, isResidual))
        return inputError("placement", "the residual placement is not defined for " + model.architecture +
                                           ", whose decoder has three parts in a block; choose linear");
    std::vector<std::string> names = targetNames(choice.modules);
    if (isAuto(choice))
        names = method == BottleneckMethod::AdapterH
                    ? std::vector<std::string>{"attention_residual", "mlp_residual"}
                    : std::vector<std::string>{"mlp_residual"};
    for (const std::string& name : names)
        if (name != "attention_residual" && name != "mlp_residual")
            return inputError("target_modules", "\"" + name +
                                                    "\" is no place in the residual stream; those are auto, "
                                                    "attention_residual and mlp_residual");
    // The layers are the business of matchTargets(); any projection tells which remain.
    TargetChoice layers = choice;
    layers.modules = "all-linear";
    layers.exclude.clear();
    LATHE_ASSIGN(const std::vector<Site> kept, matchTargets(model, layers));
    std::vector<Site> sites;
    std::ranges::copy_if(model.sites, std::back_inserter(sites), [&](const Site& site) {
        return isResidual(site) && std::ranges::find(names, site.module) != names.end() &&
               std::ranges::any_of(kept, [&site](const Site& each) { return each.layer == site.layer; });
    });
    if (sites.empty())
        return inputError("target_modules",
                          "names no place; choose auto, attention_residual or mlp_residual");
    return sites;
}

bool hasPublishedPlaces(const std::string& architecture) {
    constexpr std::array<std::string_view, 6> kPublished{"llama", "bloom",   "gptj",
                                                         "opt",   "gpt_neo", "chatglm"};
    return std::ranges::find(kPublished, architecture) != kPublished.end();
}

} // namespace lathe
