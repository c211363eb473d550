#include "core/adapter/adapter_options.h"
#include "core/adapter/lora_simplex.h"
#include "core/adapter/module_patterns.h"
#include "core/adapter/targets.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr TargetRules kRules{"all-linear", true, true};

/// What a recipe asks for, as far as it fits the model.
struct Plan {
    LoraSettings settings;
    std::vector<LoraPlace> places;
    std::vector<TrainedWeight> trained;
};

LoraInit initNamed(const std::string& name) {
    const auto& names = loraInitNames();
    return static_cast<LoraInit>(std::ranges::find(names, name) - names.begin());
}

LoraSettings settingsOf(const ParamValues& values) {
    LoraSettings settings;
    settings.rank = values.integer("rank");
    settings.alpha = values.real("alpha");
    settings.dropout = values.real("dropout");
    settings.isRankStabilized = values.flag("use_rslora");
    settings.isDora = values.flag("use_dora");
    settings.hasBias = values.flag("lora_bias");
    settings.keepsFirst = values.flag("lora_fa");
    settings.init = initNamed(values.text("lora_init"));
    settings.iterations = values.integer("pissa_niter");
    settings.evaRho = values.real("eva_rho");
    settings.plusRatio = values.real("lora_plus_ratio");
    const double lr = values.contains("learning_rate") ? values.real("learning_rate") : 1e-3;
    settings.plusEmbeddingFactor = values.real("lora_plus_embedding_lr") / lr;
    settings.bias = values.text("bias") == "adapted" ? "lora_only" : values.text("bias");
    settings.modulesToSave = targetNames(values.text("modules_to_save"));
    return settings;
}

Error rankError(const std::string& message) { return inputError("rank", message); }

Status checkPlace(const LoraPlace& place, const LoraSettings& settings) {
    const Site& site = place.site;
    if (const std::int64_t width = std::min(site.in, site.out); place.rank > width)
        return rankError("rank " + std::to_string(place.rank) + " exceeds the width " +
                         std::to_string(width) + " of " + site.name + "; choose at most that");
    if (settings.init == LoraInit::Orthogonal && place.rank % 2 != 0)
        return rankError("rank " + std::to_string(place.rank) + " of " + site.name +
                         " is odd, but the orthogonal start halves it; choose an even one");
    if (site.kind == SiteKind::Embedding && settings.hasBias)
        return inputError("lora_bias", site.name + " is a token table, which has no place for a bias");
    if (site.kind == SiteKind::Embedding && settings.keepsFirst)
        return inputError("lora_fa", "keeps A as it starts, which is 0 for the token table " + site.name +
                                         "; leave that out");
    return ok();
}

Status checkSettings(const LoraSettings& settings) {
    if (settings.hasBias && settings.isDora)
        return inputError("lora_bias", "has no meaning in DoRA; switch one of them off");
    return ok();
}

Result<std::vector<LoraPlace>> placesFor(const ModelSummary& model, const ParamValues& values,
                                         const LoraSettings& settings) {
    LATHE_ASSIGN(std::vector<Site> sites, matchTargets(model, targetChoice(values), kRules));
    std::erase_if(sites, [&settings](const Site& site) {
        return std::ranges::any_of(settings.modulesToSave, [&site](const std::string& module) {
            return ("." + site.name + ".").find("." + module + ".") != std::string::npos;
        });
    });
    if (sites.empty())
        return inputError("modules_to_save", "names every module that would get an adapter");
    LATHE_ASSIGN(const ModulePatterns ranks,
                 ModulePatterns::parse(values.text("rank_pattern"), "rank_pattern"));
    LATHE_ASSIGN(const ModulePatterns alphas,
                 ModulePatterns::parse(values.text("alpha_pattern"), "alpha_pattern"));
    LATHE_TRY(ranks.requireFits(sites));
    LATHE_TRY(alphas.requireFits(sites));
    std::vector<LoraPlace> places;
    for (const Site& site : sites) {
        const double rank = ranks.valueFor(site.name, static_cast<double>(settings.rank));
        if (rank < 1 || rank != std::trunc(rank))
            return inputError("rank_pattern",
                              "gives " + site.name + " a rank that is no whole number above 0");
        places.push_back({site, static_cast<std::int64_t>(rank), alphas.valueFor(site.name, settings.alpha)});
    }
    return places;
}

Result<Plan> planFor(const ModelSummary& model, const ParamValues& values) {
    Plan plan;
    plan.settings = settingsOf(values);
    LATHE_TRY(checkSettings(plan.settings));
    LATHE_ASSIGN(plan.places, placesFor(model, values, plan.settings));
    std::vector<Site> sites;
    for (const LoraPlace& place : plan.places) {
        LATHE_TRY(checkPlace(place, plan.settings));
        sites.push_back(place.site);
    }
    LATHE_ASSIGN(plan.trained, trainedWeights(values, model, sites));
    return plan;
}

ParamSpec flagOption(std::string key, std::string label, std::string help) {
    return {std::move(key), "adapter", std::move(label), "", std::move(help), BoolDomain{}, false, {},
            true,           true};
}

ParamSpec patternOption(std::string key, std::string label, std::string help) {
    return {std::move(key),
            "adapter",
            std::move(label),
            "",
            std::move(help),
            TextDomain{TextDomain::Kind::Plain, true},
            std::string(),
            {},
            true,
            false};
}

void addStartOptions(ParamSchema& options) {
    options.push_back(
        {"lora_init",
         "adapter",
         "Start of A and B",
         "",
         "Random, or from the weights (PiSSA, OLoRA) or the data (EVA). PiSSA and OLoRA are saved "
         "as plain LoRA of twice the rank; EVA moves rank to where it explains most.",
         ChoiceDomain{loraInitNames(),
                      {"Usual", "Gaussian", "Orthogonal", "PiSSA", "PiSSA, fast", "OLoRA", "EVA"}},
         std::string("default"),
         {},
         true,
         true});
    options.push_back({"pissa_niter",
                       "adapter",
                       "PiSSA iterations",
                       "",
                       "Subspace iterations of the fast decomposition; more come nearer to the exact one.",
                       IntDomain{1, 128, 1, true},
                       std::int64_t{16},
                       {{{"lora_init", {"pissa_niter"}}}},
                       true,
                       true});
    options.push_back({"eva_rho",
                       "adapter",
                       "EVA redistribution",
                       "",
                       "A module gets at most this many times the rank; 1 gives every module the same. The "
                       "number of parameters is told for that.",
                       RealDomain{1, 64, false, false},
                       2.0,
                       {{{"lora_init", {"eva"}}}},
                       true,
                       true});
}

void addPlusOptions(ParamSchema& options) {
    options.push_back(
        {"lora_plus_ratio",
         "adapter",
         "LoRA+ ratio",
         "",
         "Learning rate of B over that of A; 1 treats both alike, 16 is usual for LoRA+. Above 1 "
         "nothing is decayed.",
         RealDomain{1, 128, true, false},
         1.0,
         {},
         true,
         true});
    options.push_back({"lora_plus_embedding_lr",
                       "adapter",
                       "LoRA+ rate of embeddings",
                       "",
                       "Learning rate of adapters at the token table while the LoRA+ ratio is above 1.",
                       RealDomain{0, 1, true, true},
                       1e-6,
                       {},
                       true,
                       true});
}

class LoraMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "rank"; }
    std::string peftType() const override { return "LORA"; }
    bool startsAlike(const ParamValues& values) const override {
        const std::string& init = values.text("lora_init");
        return !values.flag("use_dora") && (init == "default" || init == "gaussian");
    }
    bool readsPartsApart(const ParamValues&) const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        const auto plan = planFor(model, values);
        if (!plan.has_value())
            return {{plan.error().where, plan.error().message}};
        return {};
    }

    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        std::vector<Site> sites;
        for (const LoraPlace& place : planned(model, values).places)
            sites.push_back(place.site);
        return sites;
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const Plan plan = planned(model, values);
        std::int64_t count = countOf(plan.trained, model);
        for (const auto& [site, rank, alpha] : plan.places) {
            count += rank * ((plan.settings.keepsFirst ? 0 : site.in) + site.out);
            count += plan.settings.isDora || plan.settings.hasBias ? site.out : 0;
        }
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        Plan plan = planned(model.summary(), values);
        return std::make_unique<LoraAdapter>(model, std::move(plan.settings), std::move(plan.places),
                                             std::move(plan.trained), seed);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        return holdsSimplex(folder) ? loadLoraSimplex(model, folder) : loadLora(model, folder);
    }

private:
    static Plan planned(const ModelSummary& model, const ParamValues& values) {
        auto plan = planFor(model, values);
        LATHE_EXPECT(plan.has_value());
        return std::move(plan).value();
    }
};

ParamSchema LoraMethod::options() const {
    ParamSchema options{rankOption(), alphaOption(), dropoutOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back(
        patternOption("rank_pattern", "Rank by module",
                      "Other ranks for some modules: the end of a path, or a regular expression, and "
                      "a number, such as q_proj=4, layers.1.mlp.down_proj=6. The first that fits "
                      "decides."));
    options.push_back(patternOption("alpha_pattern", "Alpha by module",
                                    "Other alphas for some modules, written as the ranks."));
    options.push_back(flagOption("use_rslora", "Rank-stabilized scale",
                                 "Scale by alpha / sqrt(rank) instead, so that large ranks keep learning."));
    options.push_back(
        flagOption("use_dora", "DoRA",
                   "Train the length of each row of the weights apart from its direction. Often "
                   "better at small ranks, and slower."));
    options.push_back(flagOption("lora_fa", "LoRA-FA",
                                 "Keep A as it starts and train B alone: fewer parameters and less memory."));
    options.push_back(flagOption("lora_bias", "Bias of B", "Give B a trained bias."));
    addStartOptions(options);
    addPlusOptions(options);
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

} // namespace

std::unique_ptr<AdapterMethod> makeLoraMethod() { return std::make_unique<LoraMethod>(); }

} // namespace lathe
