#include "core/adapter/lora_simplex.h"

#include "core/adapter/low_rank_path.h"
#include "core/base/contract.h"

#include <ATen/ops/linear.h>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

constexpr std::uint64_t kLora = 0x6c6f7261; // "lora", as LoraAdapter: one vertex starts as LoRA does

/// A: [M R, in], B: [out, M R].
class LoraSimplexSite final : public SiteAdapter {
public:
    LoraSimplexSite(const LoraTensors& tensors, const SiteSimplex& simplex, const AdapterContext& context,
                    std::int64_t layer, std::uint32_t number)
        : m_even(tensors, context, number),
          m_tensors(tensors),
          m_simplex(simplex),
          m_context(context),
          m_layer(layer),
          m_number(number) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        if (m_simplex.isEven())
            return m_even.apply(x, base);
        const at::ScalarType wide = m_tensors.a.scalar_type();
        const at::Tensor mask = inputMask(m_context, m_tensors.dropout, m_number, x, wide);
        const at::Tensor input = mask.defined() ? x.to(wide) * mask : x.to(wide);
        const at::Tensor channels = m_simplex.weighted(at::linear(input, m_tensors.a), m_layer);
        const at::Tensor change = at::linear(channels, m_tensors.b) * (m_tensors.scale * m_context.strength);
        return (base.forward(x).to(wide) + change).to(base.weight().scalar_type());
    }
    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        return m_simplex.isEven() ? m_even.merged(weight, bias) : std::nullopt;
    }

private:
    LoraSite m_even;
    LoraTensors m_tensors;
    const SiteSimplex& m_simplex; // owns this
    const AdapterContext& m_context;
    std::int64_t m_layer;
    std::uint32_t m_number;
};

} // namespace

LoraSimplex::LoraSimplex(LanguageModel& model, const SimplexSettings& settings, LoraSettings lora,
                         std::vector<LoraPlace> places)
    : SiteSimplex(model, settings), m_lora(std::move(lora)), m_places(std::move(places)) {
    for (std::size_t i = 0; i < m_places.size(); ++i)
        place(m_places[i].site,
              std::make_shared<LoraSimplexSite>(makeTensors(m_places[i], i), *this, context(),
                                                m_places[i].site.layer, static_cast<std::uint32_t>(i)));
    addHead();
}

LoraTensors LoraSimplex::makeTensors(const LoraPlace& place, std::size_t number) {
    LATHE_EXPECT(place.rank % vertexCount() == 0);
    std::vector<at::Tensor> a, b;
    for (std::int64_t vertex = 0; vertex < vertexCount(); ++vertex) {
        Rng rng(mixSeed(mixSeed(seedOfVertex(settings().seed, vertex), kLora), number));
        const at::Tensor weight = model().weight(place.site.name + ".weight").detach();
        LoraStart start = startLora(LoraInit::Plain, place.site.isTransposed ? weight.t() : weight,
                                    place.rank / vertexCount(), 1, 0, rng);
        a.push_back(std::move(start.a));
        b.push_back(std::move(start.b));
    }
    LoraTensors tensors;
    tensors.a = addVertices(peftName(place.site, "lora_A.weight"), a, 0);
    tensors.b = addVertices(peftName(place.site, "lora_B.weight"), b, 1);
    tensors.scale = m_lora.scaleOf(place.rank, place.alpha);
    tensors.dropout = m_lora.dropout;
    return tensors;
}

Status LoraSimplex::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    LATHE_TRY(writePeftFolder(folder, origin, loraConfig(m_lora, m_places, model().summary()),
                              midpointTensors(), json()));
    return saveVertices(folder);
}

Result<std::unique_ptr<Adapter>> loadLoraSimplex(LanguageModel& model, const PeftFolder& folder) {
    LATHE_ASSIGN(const SimplexFiles files, readSimplexFiles(folder));
    const json& config = folder.config();
    LATHE_ASSIGN(const std::vector<Site> sites,
                 peftTargetSites(config, model.summary(), folder.configPath()));
    LoraSettings lora;
    config.at("r").get_to(lora.rank);
    config.at("lora_alpha").get_to(lora.alpha);
    config.at("lora_dropout").get_to(lora.dropout);
    if (lora.rank < 1 || lora.rank % files.settings.coefficients.vertices != 0)
        return inputError(folder.configPath(), "r is " + std::to_string(lora.rank) + ", no multiple of the " +
                                                   std::to_string(files.settings.coefficients.vertices) +
                                                   " vertices beside it");
    std::vector<LoraPlace> places;
    for (const Site& site : sites)
        places.push_back({site, lora.rank, lora.alpha});
    auto adapter = std::make_unique<LoraSimplex>(model, files.settings, lora, std::move(places));
    LATHE_TRY(adapter->fill(folder, files));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
