#include "core/adapter/adapter_options.h"
#include "core/adapter/lora_simplex.h"
#include "core/adapter/simplex_options.h"
#include "core/adapter/subspace_methods.h"
#include "core/adapter/targets.h"

#include <algorithm>

namespace lathe {

namespace {

Result<std::vector<Site>> placesFor(const ModelSummary& model, const ParamValues& values) {
    LATHE_ASSIGN(std::vector<Site> sites, matchTargets(model, targetChoice(values)));
    LATHE_ASSIGN(std::vector<Site> inLayers, sitesInLayers(std::move(sites)));
    const std::int64_t rank = values.integer("rank");
    for (const Site& site : inLayers)
        if (const std::int64_t width = std::min(site.in, site.out); rank > width)
            return inputError("rank", "rank " + std::to_string(rank) + " exceeds the width " +
                                          std::to_string(width) + " of " + site.name +
                                          "; choose at most that");
    return inLayers;
}

/// LoRA subspaces; see LoraSimplex.
class LoraSubspaceMethod final : public AdapterMethod {
public:
    ParamSchema options() const override {
        ParamSchema options{rankOption(), alphaOption(), dropoutOption()};
        for (const ParamSchema& more : {targetOptions(), simplexOptions()})
            options.insert(options.end(), more.begin(), more.end());
        return options;
    }
    std::string sizeKey() const override { return "rank"; }
    bool trainsHead() const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        auto problems = textProblems(model, "A LoRA subspace");
        if (const auto sites = placesFor(model, values); !sites.has_value())
            problems.push_back({sites.error().where, sites.error().message});
        for (Problem& each : simplexProblems(values))
            problems.push_back(std::move(each));
        return problems;
    }
    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return placesFor(model, values).value();
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        std::int64_t count = countSimplexHeads(model, values);
        for (const Site& site : sites(model, values))
            count += values.integer("vertices") * values.integer("rank") * (site.in + site.out);
        return count;
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        LoraSettings lora; // of the midpoint
        lora.rank = values.integer("vertices") * values.integer("rank");
        lora.alpha = values.real("alpha");
        lora.dropout = values.real("dropout");
        std::vector<LoraPlace> places;
        for (const Site& site : sites(model.summary(), values))
            places.push_back({site, lora.rank, lora.alpha});
        return std::make_unique<LoraSimplex>(model, simplexSettings(values, seed), std::move(lora),
                                             std::move(places));
    }
};

} // namespace

std::unique_ptr<AdapterMethod> makeLoraSubspaceMethod() { return std::make_unique<LoraSubspaceMethod>(); }

} // namespace lathe
