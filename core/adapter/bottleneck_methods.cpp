#include "core/adapter/adapter_method.h"
#include "core/adapter/bottleneck_simplex.h"
#include "core/adapter/residual_bottleneck.h"

#include "core/base/contract.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// AdapterH, AdapterP and parallel: one family in two placements. In a projection's file no method is told
/// from another but by its settings, so each reads what any of them wrote.
class BottleneckFamily final : public AdapterMethod {
public:
    explicit BottleneckFamily(BottleneckMethod method) : m_method(method) {}

    ParamSchema options() const override { return bottleneckOptions(); }
    std::string sizeKey() const override { return "bottleneck_size"; }
    std::string peftType() const override { return "BOTTLENECK"; }
    bool readsPartsApart(const ParamValues&) const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        if (!isResidual(values) && values.text("scaling_kind") == "channel")
            return {{"scaling_kind", "a factor for each channel is defined for the residual placement only; "
                                     "choose learned or fixed"}};
        const auto sites = isResidual(values) ? residualPlaces(model, targetChoice(values), m_method)
                                              : linearPlaces(model, targetChoice(values), m_method);
        if (!sites.has_value())
            return {{sites.error().where, sites.error().message}};
        if (isResidual(values) && values.text("bias") != "none")
            return {{"bias", "biases of the base are trained along with the linear placement only: the files "
                             "of the residual one have no place for them; choose none"}};
        const auto trained = trainedWeights(values, model, sites.value());
        if (!trained.has_value())
            return {{trained.error().where, trained.error().message}};
        return {};
    }

    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        if (isResidual(values))
            return residualSites(model, values);
        std::vector<Site> all;
        for (const LinearBottleneckPlace& each : places(model, values))
            all.push_back(each.site);
        return all;
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        std::int64_t count = countOf(trainedOf(model, values), model);
        if (isResidual(values)) {
            for (const Site& site : residualSites(model, values))
                count += countOf(residualSettings(values), site);
            return count;
        }
        for (const LinearBottleneckPlace& each : places(model, values))
            count += countOf(bottleneckSettings(values), each);
        return count;
    }

    bool startsAsBase(const ParamValues& values) const override {
        return values.text("bottleneck_init") == "mam_adapter";
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        const std::vector<TrainedWeight> trained = trainedOf(model.summary(), values);
        if (isResidual(values)) {
            auto adapter = std::make_unique<ResidualBottleneckAdapter>(
                model, residualSettings(values), residualSites(model.summary(), values), seed);
            adapter->trainAlso(trained);
            return adapter;
        }
        return std::make_unique<LinearBottleneckAdapter>(
            model, bottleneckSettings(values), places(model.summary(), values),
            LinearBottleneckFacts{m_method, withPlainNames(trained),
                                  std::make_shared<const nlohmann::json>(trainedSettings(values, "adapter"))},
            seed);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        return holdsSimplex(folder) ? loadBottleneckSimplex(model, folder)
                                    : loadLinearBottleneck(model, folder);
    }

private:
    static bool isResidual(const ParamValues& values) { return values.text("placement") == "residual"; }

    [[nodiscard]] ResidualBottleneckSettings residualSettings(const ParamValues& values) const {
        ResidualBottleneckSettings settings;
        settings.common = bottleneckSettings(values);
        settings.layout = ResidualLayout::of(m_method);
        return settings;
    }

    [[nodiscard]] std::vector<Site> residualSites(const ModelSummary& model,
                                                  const ParamValues& values) const {
        auto sites = residualPlaces(model, targetChoice(values), m_method);
        LATHE_EXPECT(sites.has_value());
        return std::move(sites).value();
    }

    [[nodiscard]] std::vector<LinearBottleneckPlace> places(const ModelSummary& model,
                                                            const ParamValues& values) const {
        const auto sites = linearPlaces(model, targetChoice(values), m_method);
        LATHE_EXPECT(sites.has_value());
        std::vector<LinearBottleneckPlace> all;
        for (const Site& site : sites.value())
            all.push_back({site, m_method == BottleneckMethod::Parallel ? LinearPlace::Beside
                                                                        : seriesPlace(site).value()});
        return all;
    }

    [[nodiscard]] std::vector<TrainedWeight> trainedOf(const ModelSummary& model,
                                                       const ParamValues& values) const {
        auto trained = trainedWeights(values, model, sites(model, values));
        LATHE_EXPECT(trained.has_value());
        return std::move(trained).value();
    }

    BottleneckMethod m_method;
};

} // namespace

std::unique_ptr<AdapterMethod> makeAdapterHMethod() {
    return std::make_unique<BottleneckFamily>(BottleneckMethod::AdapterH);
}
std::unique_ptr<AdapterMethod> makeAdapterPMethod() {
    return std::make_unique<BottleneckFamily>(BottleneckMethod::AdapterP);
}
std::unique_ptr<AdapterMethod> makeParallelMethod() {
    return std::make_unique<BottleneckFamily>(BottleneckMethod::Parallel);
}

} // namespace lathe
