#include "core/adapter/bottleneck_simplex.h"

#include "core/base/contract.h"

#include <ATen/core/grad_mode.h>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

constexpr std::uint64_t kBottleneck = 0x626f7474; // "bott", as LinearBottleneckAdapter

} // namespace

BottleneckSimplex::BottleneckSimplex(LanguageModel& model, const SimplexSettings& settings,
                                     BottleneckSettings bottleneck, std::vector<LinearBottleneckPlace> places,
                                     LinearBottleneckFacts facts)
    : SiteSimplex(model, settings),
      m_settings(std::move(bottleneck)),
      m_places(std::move(places)),
      m_facts(std::move(facts)) {
    LATHE_EXPECT(m_settings.size % vertexCount() == 0 &&
                 m_settings.scale.kind == BottleneckScale::Kind::Fixed);
    std::uint32_t number = 0;
    for (const LinearBottleneckPlace& each : m_places) {
        Bottleneck own = bottleneckAt(each, number);
        own.onMiddle = [this, layer = each.site.layer](const at::Tensor& middle) {
            return weighted(middle, layer);
        };
        place(each.site,
              makeBottleneckSite(std::move(own), each.place, m_settings.dropout, context(), number++));
    }
    addHead();
}

Bottleneck BottleneckSimplex::bottleneckAt(const LinearBottleneckPlace& place, std::uint32_t number) {
    const std::int64_t size = m_settings.size / vertexCount();
    std::vector<at::Tensor> down, up;
    for (std::int64_t vertex = 0; vertex < vertexCount(); ++vertex) {
        Rng rng(mixSeed(mixSeed(seedOfVertex(settings().seed, vertex), kBottleneck), number));
        down.push_back(bottleneckStart(m_settings.init, size, widthInto(place), false, rng));
        up.push_back(bottleneckStart(m_settings.init, widthOutOf(place), size, true, rng));
    }
    Bottleneck result;
    result.activation = activationNamed(m_settings.nonLinearity);
    result.fixedScale = m_settings.scale.value;
    result.down = addVertices(peftName(place.site, "adapter_down.weight"), down, 0);
    result.up = addVertices(peftName(place.site, "adapter_up.weight"), up, 1);
    return result;
}

Status BottleneckSimplex::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    const at::NoGradGuard noGrad;
    // In the order of a plain adapter's file, whose one vertex is the same.
    std::vector<NamedTensor> tensors;
    for (const NamedTensor& each : parameters())
        tensors.push_back(atMidpoint(each));
    LATHE_TRY(
        writeLinearBottleneck(folder, origin, model().summary(), m_settings, m_places, m_facts, tensors));
    return saveVertices(folder);
}

Result<std::unique_ptr<Adapter>> loadBottleneckSimplex(LanguageModel& model, const PeftFolder& folder) {
    LATHE_ASSIGN(const SimplexFiles files, readSimplexFiles(folder));
    LATHE_ASSIGN(LinearBottleneckPlan plan, readLinearBottleneck(model, folder));
    const std::int64_t vertices = files.settings.coefficients.vertices;
    if (vertices < 1 || plan.settings.size % vertices != 0)
        return inputError(folder.configPath(), "bottleneck_size is " + std::to_string(plan.settings.size) +
                                                   ", no multiple of the " + std::to_string(vertices) +
                                                   " vertices beside it");
    if (plan.settings.scale.kind != BottleneckScale::Kind::Fixed)
        return inputError(folder.configPath(), "scaling is learned, which the vertices beside it have not");
    plan.facts.trained.clear(); // the head is the simplex's own
    auto adapter = std::make_unique<BottleneckSimplex>(model, files.settings, std::move(plan.settings),
                                                       std::move(plan.places), std::move(plan.facts));
    LATHE_TRY(adapter->fill(folder, files));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
