#include "core/adapter/adalora.h"
#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_options.h"
#include "core/adapter/targets.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// Settings that change what AdaLoRA computes; with any other value than these the file would be misread.
const json kNeutral{{"use_dora", false},
                    {"lora_bias", false},
                    {"use_qalora", false},
                    {"loftq_config", json::object()},
                    {"layer_replication", nullptr},
                    {"alora_invocation_tokens", nullptr},
                    {"target_parameters", nullptr},
                    {"trainable_token_indices", nullptr}};

ParamSpec option(std::string key, std::string label, std::string help, Domain domain, ParamValue fallback) {
    return {std::move(key),
            "adapter",
            std::move(label),
            "",
            std::move(help),
            std::move(domain),
            std::move(fallback),
            {},
            true,
            true};
}

class AdaLoraMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "init_rank"; }
    std::string peftType() const override { return "ADALORA"; }
    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override;
    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return sitesOf(model, values);
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const std::vector<Site> sites = sitesOf(model, values);
        std::int64_t count = countOf(extrasOf(values, model, sites, "lora_only").weights, model);
        for (const Site& site : sites)
            count += values.integer("init_rank") * (site.in + site.out + 1);
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override;
    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;
};

ParamSchema AdaLoraMethod::options() const {
    ParamSchema options{
        {"init_rank",
         "adapter",
         "Rank at the start",
         "",
         "Rank of every adapted module before pruning; one and a half to two times the rank at the end is "
         "usual.",
         IntDomain{1, 1024, 1, true},
         std::int64_t{12},
         {},
         false,
         true},
        {"target_rank",
         "adapter",
         "Rank at the end",
         "",
         "Mean rank that is left when pruning is over. At least the rank at the start: nothing is pruned.",
         IntDomain{1, 1024, 1, true},
         std::int64_t{8},
         {},
         false,
         true},
        alphaOption(),
        dropoutOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back(option("prune_warmup", "Pruning begins after",
                             "Share of the steps before the first rank is taken away.",
                             RealDomain{0, 0.9, false, false}, 0.15));
    options.push_back(option("prune_settling", "Steps without pruning at the end",
                             "Share of the steps, at the end, in which the ranks stay as they are.",
                             RealDomain{0, 0.9, false, false}, 0.5));
    options.push_back(option("prune_interval", "Steps between two prunings",
                             "The importance of every rank is measured in each step, and acted on in every "
                             "so many.",
                             IntDomain{1, 1000, 1, true}, std::int64_t{1}));
    options.push_back(option("importance_beta", "Smoothing of importance",
                             "Weight of the past in the moving average of a weight's importance.",
                             RealDomain{0, 0.999, false, true}, 0.85));
    options.push_back(option("deviation_beta", "Smoothing of its deviation",
                             "Weight of the past in the moving average of how much the importance varies.",
                             RealDomain{0, 0.999, false, true}, 0.85));
    options.push_back(option("orthogonality", "Orthogonality",
                             "Weight of the penalty that keeps the directions of a module apart. 0.1 to 0.5 "
                             "is usual.",
                             RealDomain{0, 10, false, false}, 0.5));
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

std::vector<Problem> AdaLoraMethod::check(const ModelSummary& model, const ParamValues& values) const {
    if (auto problems = problemsOf(model, values); !problems.empty())
        return problems;
    const std::int64_t rank = values.integer("init_rank");
    for (const Site& site : sitesOf(model, values))
        if (rank > std::min(site.in, site.out))
            return {{"init_rank", "init_rank " + std::to_string(rank) + " exceeds the width " +
                                      std::to_string(std::min(site.in, site.out)) + " of " + site.name +
                                      "; choose at most that"}};
    const double pruneless = values.real("prune_warmup") + values.real("prune_settling");
    if (pruneless >= 1)
        return {{"prune_settling",
                 "prune_warmup and prune_settling together are " + toText(ParamValue(pruneless)) +
                     " of the steps, so that none is left to prune in; choose less than 1"}};
    return {};
}

std::unique_ptr<Adapter> AdaLoraMethod::attach(LanguageModel& model, const ParamValues& values,
                                               std::uint64_t seed) const {
    AdaLoraSettings settings;
    settings.rank = values.integer("init_rank");
    settings.targetRank = values.integer("target_rank");
    settings.alpha = values.real("alpha");
    settings.dropout = values.real("dropout");
    settings.beta1 = values.real("importance_beta");
    settings.beta2 = values.real("deviation_beta");
    settings.orthogonality = values.real("orthogonality");
    settings.interval = values.integer("prune_interval");
    settings.warmupShare = values.real("prune_warmup");
    settings.settlingShare = values.real("prune_settling");
    const std::vector<Site> sites = sitesOf(model.summary(), values);
    std::vector<AdaLoraPlace> places;
    for (const Site& site : sites)
        places.push_back({site, std::vector<bool>(static_cast<std::size_t>(settings.rank), true)});
    return std::make_unique<AdaLoraAdapter>(model, settings, std::move(places),
                                            extrasOf(values, model.summary(), sites, "lora_only"), seed);
}

/// Of one site by rank_pattern, or all of the triplets at the start.
Result<std::vector<bool>> keptTriplets(const json& pattern, const Site& site, std::int64_t rank,
                                       const std::string& where) {
    if (pattern.is_object())
        for (const char* suffix : {".lora_E", ".lora_E.default"}) // the second where it was not tidied up
            if (const auto it = pattern.find(site.name + suffix); it != pattern.end()) {
                auto kept = it->get<std::vector<bool>>();
                if (static_cast<std::int64_t>(kept.size()) != rank)
                    return inputError(where, "rank_pattern of " + site.name + " has " +
                                                 std::to_string(kept.size()) + " entries, but init_r is " +
                                                 std::to_string(rank));
                return kept;
            }
    return std::vector<bool>(static_cast<std::size_t>(rank), true);
}

Result<AdaLoraSettings> settingsOf(const json& config, const std::string& where) {
    AdaLoraSettings settings;
    settings.rank = config.value("init_r", settings.rank);
    settings.targetRank = config.value("target_r", settings.targetRank);
    settings.alpha = config.value("lora_alpha", settings.alpha);
    settings.dropout = config.value("lora_dropout", settings.dropout);
    settings.beta1 = config.value("beta1", settings.beta1);
    settings.beta2 = config.value("beta2", settings.beta2);
    settings.orthogonality = config.value("orth_reg_weight", settings.orthogonality);
    settings.interval = config.value("deltaT", settings.interval);
    settings.warmup = config.value("tinit", settings.warmup);
    settings.settling = config.value("tfinal", settings.settling);
    const json total = config.value("total_step", json());
    settings.total = total.is_number() ? total.get<std::int64_t>() : settings.warmup + settings.settling + 1;
    for (const auto& [name, value] :
         {std::pair("init_r", settings.rank), std::pair("deltaT", settings.interval)})
        if (value < 1)
            return inputError(where, std::string(name) + " is " + std::to_string(value) +
                                         ", but has to be at least 1");
    if (settings.alpha <= 0)
        return inputError(where,
                          "lora_alpha is " + toText(ParamValue(settings.alpha)) + ", but has to be above 0");
    return settings;
}

Result<std::unique_ptr<Adapter>> AdaLoraMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    LATHE_TRY(folder.require(kNeutral));
    const json& config = folder.config();
    const std::string& where = folder.configPath();
    LATHE_ASSIGN(const AdaLoraSettings settings, settingsOf(config, where));
    LATHE_ASSIGN(const std::vector<Site> sites, peftTargetSites(config, model.summary(), where));
    LATHE_ASSIGN(PeftExtras extras, extrasOf(folder, model.summary(), sites));
    std::vector<AdaLoraPlace> places;
    for (const Site& site : sites) {
        LATHE_ASSIGN(std::vector<bool> kept,
                     keptTriplets(config.value("rank_pattern", json()), site, settings.rank, where));
        places.push_back({site, std::move(kept)});
    }
    auto adapter = std::make_unique<AdaLoraAdapter>(model, settings, std::move(places), std::move(extras), 0);
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

std::unique_ptr<AdapterMethod> makeAdaLoraMethod() { return std::make_unique<AdaLoraMethod>(); }

} // namespace lathe
