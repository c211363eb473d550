#include "core/adapter/heterolora_method.h"

#include "core/adapter/heterolora.h"
#include "core/adapter/heterolora_options.h"
#include "core/adapter/targets.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace {

std::size_t placeOf(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

HeteroSettings settingsOf(const ParamValues& values) {
    HeteroSettings settings;
    settings.mode = static_cast<AllocationMode>(placeOf(allocationNames(), values.text("allocation")));
    settings.rank = values.integer("rank");
    settings.alpha = values.real("alpha");
    settings.dropout = values.real("dropout");
    settings.shortcutAlpha = values.real("shortcut_alpha");
    settings.shortcuts = {values.flag("shortcuts_as_released"), values.flag("shortcut_norm")};
    settings.proxy.proxy = static_cast<Proxy>(placeOf(proxyNames(), values.text("proxy")));
    settings.proxy.batches = values.integer("score_batches");
    settings.proxy.probes = values.integer("score_probes");
    settings.proxy.tolerance = values.real("alpha_tolerance");
    settings.norm = static_cast<ScoreNorm>(placeOf({"none", "root", "size"}, values.text("score_norm")));
    const bool isModules = values.text("budget_unit") == "modules";
    settings.budget.unit = isModules ? AllocationBudget::Unit::Modules : AllocationBudget::Unit::Parameters;
    settings.budget.scope = values.text("budget_scope") == "combined" ? AllocationBudget::Scope::Combined
                                                                      : AllocationBudget::Scope::Separated;
    settings.budget.share = values.real("budget_share");
    settings.budget.parameters = isModules ? 0 : values.integer("budget_parameters");
    settings.schedule = {settings.mode == AllocationMode::Static,  values.real("allocation_period"),
                         values.integer("allocation_steps"),       values.integer("allocation_warmup"),
                         values.text("warmup_choice") == "random", values.real("freeze_after")};
    settings.hysteresis = values.real("hysteresis") / 100;
    settings.tieSeed = static_cast<std::uint64_t>(values.integer("tie_seed"));
    settings.leastRank = values.integer("rank_least");
    settings.mostRank = values.integer("rank_most");
    settings.keepsScale = values.flag("keep_scale");
    return settings;
}

std::vector<Site> residualsOf(const ModelSummary& model) {
    std::vector<Site> residuals;
    std::ranges::copy_if(model.sites, std::back_inserter(residuals),
                         [](const Site& site) { return site.kind == SiteKind::MlpResidual; });
    return residuals;
}

/// In the layers that have an adapted projection.
std::vector<HeteroPlace> shortcutPlaces(const ModelSummary& model, const ParamValues& values,
                                        const std::vector<Site>& sites) {
    std::set<std::int64_t> layers;
    for (const Site& site : sites)
        layers.insert(site.layer);
    std::vector<HeteroPlace> places;
    for (const Site& site : residualsOf(model))
        for (const std::string& kind : shortcutKinds(values.text("shortcuts"))) {
            const bool readsLayerBefore = shortcutNamed(kind) == ShortcutKind::ShortcutFfn;
            const bool hasLayerBefore = site.layer > 0 && layers.contains(site.layer - 1);
            if (layers.contains(site.layer) && (!readsLayerBefore || hasLayerBefore))
                places.push_back({site, shortcutName(model, site.layer, kind), kind, true,
                                  values.integer("rank"), values.real("shortcut_alpha")});
        }
    return places;
}

/// The supernet, whatever the mode.
std::vector<HeteroPlace> supernet(const ModelSummary& model, const ParamValues& values) {
    const std::vector<Site> sites = sitesOf(model, values);
    std::vector<HeteroPlace> places;
    for (const Site& site : sites)
        places.push_back({site, site.name, site.module, false, values.integer("rank"), values.real("alpha")});
    const std::vector<HeteroPlace> more = shortcutPlaces(model, values, sites);
    places.insert(places.end(), more.begin(), more.end());
    return places;
}

/// LoRA of one rank at all projections, with at most the parameters that the budget comes to.
std::vector<HeteroPlace> uniformPlaces(const std::vector<HeteroPlace>& supernet,
                                       const HeteroSettings& settings) {
    std::vector<HeteroPlace> places;
    std::int64_t perRank = 0;
    for (const HeteroPlace& place : supernet)
        if (!place.isShortcut) {
            places.push_back(place);
            perRank += place.site.in + place.site.out;
        }
    const std::int64_t rank = settings.allowedParameters / perRank;
    for (HeteroPlace& place : places) {
        if (settings.keepsScale)
            place.alpha *= static_cast<double>(rank) / static_cast<double>(place.rank);
        place.rank = rank;
    }
    return places;
}

struct Plan {
    HeteroSettings settings;
    std::vector<HeteroPlace> places;
};

Plan planFor(const ModelSummary& model, const ParamValues& values) {
    Plan plan{settingsOf(values), supernet(model, values)};
    plan.settings.allowedParameters = allowedParameters(plan.places, plan.settings.budget);
    if (plan.settings.mode == AllocationMode::Uniform)
        plan.places = uniformPlaces(plan.places, plan.settings);
    return plan;
}

/// Whether the blocks' norms are behind the sums of the residual stream, as far as the summary tells.
bool isPostNorm(const ModelSummary& model) {
    constexpr std::array kAlways{"bert", "roberta", "xlm-roberta", "distilbert"};
    if (std::ranges::find(kAlways, model.architecture) != kAlways.end())
        return true;
    const auto isFinal = [](const TensorSpec& tensor) {
        return tensor.isNorm && tensor.name.ends_with("decoder.final_layer_norm.weight");
    };
    // OPT has its norms before or behind each part, and one at the end only in the first case.
    return model.architecture == "opt" && std::ranges::any_of(model.tensors, &TensorSpec::isNorm) &&
           std::ranges::none_of(model.tensors, isFinal);
}

std::vector<Problem> rankProblems(const std::vector<HeteroPlace>& places) {
    for (const HeteroPlace& place : places) {
        const std::int64_t width = std::min(place.site.in, place.site.out);
        if (place.rank > width)
            return {{"rank", "rank " + std::to_string(place.rank) + " exceeds the width " +
                                 std::to_string(width) + " of " + place.name + "; choose at most that"}};
    }
    return {};
}

std::vector<Problem> budgetProblems(const Plan& plan, const std::vector<HeteroPlace>& supernet) {
    const bool isModules = plan.settings.budget.unit == AllocationBudget::Unit::Modules;
    const char* key =
        isModules || plan.settings.budget.parameters == 0 ? "budget_share" : "budget_parameters";
    const std::int64_t allowed = plan.settings.allowedParameters;
    if (plan.settings.mode == AllocationMode::Uniform && plan.places.front().rank == 0)
        return {{key, "the budget of " + std::to_string(allowed) +
                          " parameters is not enough for rank 1 at every projection; allow more"}};
    std::int64_t least = 0;
    for (const HeteroPlace& place : supernet) {
        const std::int64_t size = place.rank * (place.site.in + place.site.out);
        least = least == 0 ? size : std::min(least, size);
    }
    if (!isModules && allowed < least)
        return {{key, "the budget of " + std::to_string(allowed) + " parameters is below the " +
                          std::to_string(least) + " of the smallest module; allow more"}};
    if (plan.settings.leastRank > plan.settings.mostRank)
        return {{"rank_least", "rank_least " + std::to_string(plan.settings.leastRank) +
                                   " exceeds rank_most " + std::to_string(plan.settings.mostRank)}};
    return {};
}

std::vector<Problem> shortcutProblems(const ModelSummary& model, const Plan& plan,
                                      const ParamValues& values) {
    if (values.text("shortcuts") == "none")
        return {};
    if (residualsOf(model).empty())
        return {{"shortcuts", "the " + model.architecture +
                                  " model has no place for shortcuts in its residual stream; choose none"}};
    if (plan.settings.proxy.proxy == Proxy::WeightGradient)
        return {{"proxy", "the gradient of the frozen weight says nothing of shortcuts, which have none; "
                          "choose another proxy, or no shortcuts"}};
    if (plan.settings.shortcuts.isAsReleased && !isPostNorm(model))
        return {{"shortcuts_as_released", "applies a norm to the residual stream itself, which destroys a " +
                                              model.architecture +
                                              " model with its norms in front of each part; switch it off"}};
    return {};
}

class HeteroLoraMethod final : public AdapterMethod {
public:
    ParamSchema options() const override { return heteroOptions(); }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        if (auto problems = problemsOf(model, values); !problems.empty())
            return problems;
        const std::vector<HeteroPlace> whole = supernet(model, values);
        if (auto problems = rankProblems(whole); !problems.empty())
            return problems;
        const Plan plan = planFor(model, values);
        if (auto problems = budgetProblems(plan, whole); !problems.empty())
            return problems;
        return shortcutProblems(model, plan, values);
    }
    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return sitesOf(model, values);
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        std::int64_t count =
            countOf(extrasOf(values, model, sitesOf(model, values), "lora_only").weights, model);
        for (const HeteroPlace& place : planFor(model, values).places)
            count += place.rank * (place.site.in + place.site.out);
        return count;
    }
    bool startsAsBase(const ParamValues& values) const override {
        return values.text("shortcuts") == "none" || !values.flag("shortcuts_as_released");
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        Plan plan = planFor(model.summary(), values);
        const std::vector<Site> sites = sitesOf(model.summary(), values);
        return std::make_unique<HeteroLoraAdapter>(model, plan.settings, std::move(plan.places),
                                                   extrasOf(values, model.summary(), sites, "lora_only"),
                                                   seed);
    }
};

} // namespace

std::unique_ptr<AdapterMethod> makeHeteroLoraMethod() { return std::make_unique<HeteroLoraMethod>(); }

} // namespace lathe
