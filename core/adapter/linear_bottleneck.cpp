#include "core/adapter/linear_bottleneck.h"

#include "core/adapter/low_rank_path.h"
#include "core/model/torch_writer.h"

#include <ATen/ops/ones.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// One projection with a bottleneck; see LinearPlace.
class BottleneckSite final : public SiteAdapter {
public:
    BottleneckSite(Bottleneck bottleneck, LinearPlace place, double dropout, const AdapterContext& context,
                   std::uint32_t number)
        : m_bottleneck(std::move(bottleneck)),
          m_place(place),
          m_dropout(dropout),
          m_context(context),
          m_number(number) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        if (m_place == LinearPlace::Input)
            return base.forward(x + change(x));
        const at::Tensor h = base.forward(x);
        return h + change(m_place == LinearPlace::Output ? h : x).to(h.scalar_type());
    }

private:
    /// F of z in z's dtype.
    [[nodiscard]] at::Tensor change(const at::Tensor& z) const {
        at::Tensor input = z.to(m_bottleneck.down.scalar_type());
        const at::Tensor mask = inputMask(m_context, m_dropout, m_number, input, input.scalar_type());
        if (mask.defined())
            input = input * mask;
        const at::Tensor result = m_bottleneck.forward(input);
        return (m_context.strength == 1 ? result : result * m_context.strength).to(z.scalar_type());
    }

    Bottleneck m_bottleneck;
    LinearPlace m_place;
    double m_dropout;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

} // namespace

std::int64_t widthInto(const LinearBottleneckPlace& place) {
    return place.place == LinearPlace::Output ? place.site.out : place.site.in;
}

std::int64_t widthOutOf(const LinearBottleneckPlace& place) {
    return place.place == LinearPlace::Input ? place.site.in : place.site.out;
}

std::shared_ptr<SiteAdapter> makeBottleneckSite(Bottleneck bottleneck, LinearPlace place, double dropout,
                                                const AdapterContext& context, std::uint32_t number) {
    return std::make_shared<BottleneckSite>(std::move(bottleneck), place, dropout, context, number);
}

std::vector<TrainedWeight> withPlainNames(std::vector<TrainedWeight> weights) {
    for (TrainedWeight& each : weights)
        each.file = "base_model.model." + each.weight;
    return weights;
}

std::int64_t countOf(const BottleneckSettings& settings, const LinearBottleneckPlace& place) {
    return bottleneckCount(settings, widthInto(place), widthOutOf(place), false);
}

LinearBottleneckAdapter::LinearBottleneckAdapter(LanguageModel& model, BottleneckSettings settings,
                                                 std::vector<LinearBottleneckPlace> places,
                                                 LinearBottleneckFacts facts, std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_settings(std::move(settings)),
      m_places(std::move(places)),
      m_facts(std::move(facts)) {
    std::uint32_t number = 0;
    for (const LinearBottleneckPlace& each : m_places) {
        Rng rng(mixSeed(mixSeed(seed, 0x626f7474), number)); // "bott"; a stream of its own for each site
        place(each.site, std::make_shared<BottleneckSite>(bottleneckAt(each, rng), each.place,
                                                          m_settings.dropout, context(), number++));
    }
    trainWeights(m_facts.trained);
}

Bottleneck LinearBottleneckAdapter::bottleneckAt(const LinearBottleneckPlace& place, Rng& rng) {
    Bottleneck result;
    result.activation = activationNamed(m_settings.nonLinearity);
    result.fixedScale = m_settings.scale.value;
    result.down =
        addParameter(peftName(place.site, "adapter_down.weight"),
                     bottleneckStart(m_settings.init, m_settings.size, widthInto(place), false, rng));
    result.up = addParameter(peftName(place.site, "adapter_up.weight"),
                             bottleneckStart(m_settings.init, widthOutOf(place), m_settings.size, true, rng));
    if (m_settings.scale.kind != BottleneckScale::Kind::Fixed)
        result.scale = addParameter(peftName(place.site, "adapter_scaling"), at::ones({1}, tensorOptions()));
    return result;
}

Status writeLinearBottleneck(const std::filesystem::path& folder, const AdapterOrigin& origin,
                             const ModelSummary& model, const BottleneckSettings& settings,
                             std::span<const LinearBottleneckPlace> places,
                             const LinearBottleneckFacts& facts, const std::vector<NamedTensor>& tensors) {
    std::vector<Site> sites;
    for (const LinearBottleneckPlace& each : places)
        sites.push_back(each.site);
    const json kept = facts.kept ? *facts.kept : json::object();
    const json config{{"adapter_dropout", settings.dropout},
                      {"bias", kept.value("bias", json("none"))},
                      {"bottleneck_size", settings.size},
                      {"init_weights", settings.init},
                      {"modules_to_save", kept.value("modules_to_save", json())},
                      {"non_linearity", settings.nonLinearity},
                      {"peft_type", "BOTTLENECK"},
                      {"scaling", toJson(settings.scale)},
                      {"target_modules", peftTargetNames(model, sites)},
                      {"use_adapterp", facts.method == BottleneckMethod::AdapterP},
                      {"use_parallel_adapter", facts.method == BottleneckMethod::Parallel}};
    std::vector<NamedTensor> plain;
    for (const auto& [name, tensor] : tensors)
        plain.emplace_back(name, tensor.detach().to(at::kCPU, at::kFloat));
    LATHE_TRY(writeTorchFile(folder / "adapter_model.bin", plain));
    return writePeftFolder(folder, origin, config, tensors, kept);
}

Status LinearBottleneckAdapter::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    return writeLinearBottleneck(folder, origin, model().summary(), m_settings, m_places, m_facts,
                                 parameters());
}

Result<LinearBottleneckPlan> readLinearBottleneck(const LanguageModel& model, const PeftFolder& folder) {
    const json& config = folder.config();
    BottleneckSettings settings{config.value("bottleneck_size", std::int64_t{256}),
                                config.value("non_linearity", std::string("tanh")),
                                {},
                                config.value("adapter_dropout", 0.0),
                                config.value("init_weights", std::string("bert"))};
    LATHE_ASSIGN(settings.scale, bottleneckScale(config.value("scaling", json(1.0)), folder.configPath()));
    if (settings.scale.kind == BottleneckScale::Kind::Channel)
        return inputError(folder.configPath(), "scaling is channel, which a projection's adapter has not");
    if (activationNamed(settings.nonLinearity) == nullptr)
        return inputError(folder.configPath(),
                          "non_linearity is " + settings.nonLinearity + ", which is not known");
    if (settings.size < 1)
        return inputError(folder.configPath(),
                          "bottleneck_size is " + std::to_string(settings.size) + "; it has to be 1 or more");
    LinearBottleneckFacts facts;
    const bool isParallel = config.value("use_parallel_adapter", false); // wins where both are set
    const bool isP = config.value("use_adapterp", false);
    facts.method = isParallel ? BottleneckMethod::Parallel
                   : isP      ? BottleneckMethod::AdapterP
                              : BottleneckMethod::AdapterH;
    facts.kept = std::make_shared<const json>(config);
    LATHE_ASSIGN(const std::vector<Site> sites,
                 peftTargetSites(config, model.summary(), folder.configPath()));
    std::vector<LinearBottleneckPlace> places;
    for (const Site& site : sites) {
        const auto place = isParallel ? LinearPlace::Beside : seriesPlace(site);
        if (!place || site.kind != SiteKind::Projection)
            return inputError(folder.configPath(), "target_modules names " + site.name +
                                                       ", where no adapter of this kind is defined");
        places.push_back({site, *place});
    }
    LATHE_ASSIGN(facts.trained, trainedWeights(config, model.summary(), sites, folder.configPath()));
    facts.trained = withPlainNames(std::move(facts.trained));
    return LinearBottleneckPlan{std::move(settings), std::move(places), std::move(facts)};
}

Result<std::unique_ptr<Adapter>> loadLinearBottleneck(LanguageModel& model, const PeftFolder& folder) {
    LATHE_ASSIGN(LinearBottleneckPlan plan, readLinearBottleneck(model, folder));
    auto adapter = std::make_unique<LinearBottleneckAdapter>(
        model, std::move(plan.settings), std::move(plan.places), std::move(plan.facts), 0);
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
