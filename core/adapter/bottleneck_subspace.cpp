#include "core/adapter/bottleneck_simplex.h"
#include "core/adapter/simplex_options.h"
#include "core/adapter/subspace_methods.h"
#include "core/base/contract.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

const std::array<std::string, 3> kKinds{"adapter_h", "adapter_p", "parallel"}; // in order of BottleneckMethod

/// Of the options of a bottleneck: what has no exact midpoint, or no place in its file.
const std::array<std::string, 5> kNotOffered{"placement", "scaling_kind", "scaling", "bias",
                                             "modules_to_save"};

BottleneckMethod kindOf(const ParamValues& values) {
    const auto found = std::ranges::find(kKinds, values.text("bottleneck_kind"));
    return static_cast<BottleneckMethod>(found - kKinds.begin());
}

ParamSpec kindOption() {
    return {
        "bottleneck_kind",
        "adapter",
        "Bottlenecks",
        "",
        "Where the bottlenecks of the vertices are: at all projections of the feed-forward parts, at those "
        "out of them, or beside queries, keys and values.",
        ChoiceDomain{{kKinds.begin(), kKinds.end()},
                     {"As AdapterH (Houlsby)", "As AdapterP (Pfeiffer)", "Parallel"}},
        std::string("adapter_p"),
        {},
        false,
        true};
}

Result<std::vector<LinearBottleneckPlace>> placesFor(const ModelSummary& model, const ParamValues& values) {
    const BottleneckMethod kind = kindOf(values);
    LATHE_ASSIGN(std::vector<Site> sites, linearPlaces(model, targetChoice(values), kind));
    LATHE_ASSIGN(const std::vector<Site> inLayers, sitesInLayers(std::move(sites)));
    std::vector<LinearBottleneckPlace> places;
    for (const Site& site : inLayers)
        places.push_back(
            {site, kind == BottleneckMethod::Parallel ? LinearPlace::Beside : seriesPlace(site).value()});
    return places;
}

/// Bottleneck subspaces; see BottleneckSimplex.
class BottleneckSubspaceMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "bottleneck_size"; }
    bool trainsHead() const override { return true; }
    bool startsAsBase(const ParamValues& values) const override {
        return values.text("bottleneck_init") == "mam_adapter";
    }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        auto problems = textProblems(model, "A bottleneck subspace");
        if (const auto places = placesFor(model, values); !places.has_value())
            problems.push_back({places.error().where, places.error().message});
        for (Problem& each : simplexProblems(values))
            problems.push_back(std::move(each));
        return problems;
    }
    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        std::vector<Site> all;
        for (const LinearBottleneckPlace& each : placesOf(model, values))
            all.push_back(each.site);
        return all;
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const BottleneckSettings settings = midpointOf(values);
        std::int64_t count = countSimplexHeads(model, values);
        for (const LinearBottleneckPlace& each : placesOf(model, values))
            count += countOf(settings, each);
        return count;
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        LinearBottleneckFacts facts;
        facts.method = kindOf(values);
        return std::make_unique<BottleneckSimplex>(model, simplexSettings(values, seed), midpointOf(values),
                                                   placesOf(model.summary(), values), std::move(facts));
    }

private:
    static std::vector<LinearBottleneckPlace> placesOf(const ModelSummary& model, const ParamValues& values) {
        auto places = placesFor(model, values);
        LATHE_EXPECT(places.has_value());
        return std::move(places).value();
    }
    static BottleneckSettings midpointOf(const ParamValues& values) {
        const std::int64_t vertices = values.integer("vertices");
        return {vertices * values.integer("bottleneck_size"),
                values.text("non_linearity"),
                {BottleneckScale::Kind::Fixed, 1 / static_cast<double>(vertices)},
                values.real("dropout"),
                values.text("bottleneck_init")};
    }
};

ParamSchema BottleneckSubspaceMethod::options() const {
    ParamSchema options{kindOption()};
    for (ParamSpec& each : bottleneckOptions())
        if (std::ranges::find(kNotOffered, each.key) == kNotOffered.end())
            options.push_back(std::move(each));
    for (ParamSpec& each : simplexOptions())
        options.push_back(std::move(each));
    return options;
}

} // namespace

std::unique_ptr<AdapterMethod> makeBottleneckSubspaceMethod() {
    return std::make_unique<BottleneckSubspaceMethod>();
}

} // namespace lathe
