#include "core/adapter/lora.h"

#include "core/adapter/lora_eva.h"
#include "core/base/random.h"
#include "core/kernels/packed_weight.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// W as a projection reads it, [out, in].
at::Tensor weightOf(const LanguageModel& model, const Site& site) {
    const auto& tensors = model.summary().tensors;
    const std::string name = site.name + ".weight";
    const bool isThere =
        std::ranges::any_of(tensors, [&name](const TensorSpec& tensor) { return tensor.name == name; });
    LATHE_EXPECT(isThere || site.kind == SiteKind::Head); // a tied head is the token table
    if (!isThere) {
        const auto table = std::ranges::find(model.summary().sites, SiteKind::Embedding, &Site::kind);
        LATHE_EXPECT(table != model.summary().sites.end());
        return model.weight(table->name + ".weight").detach();
    }
    const at::Tensor weight = denseOf(model.weight(name)).detach();
    return site.isTransposed ? weight.t() : weight;
}

/// The token table's A = 0 and B ~ N(0, 1) as PEFT's.
LoraStart startTable(const Site& site, std::int64_t rank, Rng& rng) {
    return {at::zeros({rank, site.in}), normalTensor({site.out, rank}, rng)};
}

bool isTable(const LoraPlace& place) { return place.site.kind == SiteKind::Embedding; }

} // namespace

double LoraSettings::scaleOf(std::int64_t siteRank, double siteAlpha) const {
    const auto real = static_cast<double>(siteRank);
    return siteAlpha / (isRankStabilized ? std::sqrt(real) : real);
}

LoraAdapter::LoraAdapter(LanguageModel& model, LoraSettings settings, std::vector<LoraPlace> places,
                         std::vector<TrainedWeight> trained, std::uint64_t seed,
                         std::shared_ptr<const json> kept)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_settings(std::move(settings)),
      m_asked(std::move(places)),
      m_trained(std::move(trained)),
      m_seed(seed),
      m_kept(std::move(kept)),
      m_places(m_asked) {
    build({});
    trainWeights(m_trained);
}

LoraTensors LoraAdapter::makeTensors(const LoraPlace& place, std::size_t number,
                                     const at::Tensor& directions) {
    Rng rng(mixSeed(mixSeed(m_seed, 0x6c6f7261), number)); // "lora"; a stream of its own for each site
    LoraTensors tensors;
    tensors.scale = m_settings.scaleOf(place.rank, place.alpha);
    tensors.dropout = m_settings.dropout;
    at::Tensor weight = weightOf(model(), place.site);
    const bool reduces = takesFromWeight(m_settings.init) && !isTable(place);
    if (reduces)
        weight = weight.to(tensorOptions());
    LoraStart start = isTable(place) ? startTable(place.site, place.rank, rng)
                                     : startLora(m_settings.init, weight, place.rank, tensors.scale,
                                                 m_settings.iterations, rng);
    if (directions.defined())
        start = {directions, at::zeros_like(start.b)};
    if (reduces) {
        tensors.fixedA = start.a.to(tensorOptions()).contiguous();
        tensors.fixedB = start.b.to(tensorOptions()).contiguous();
    }
    const auto name = [&place](const char* part) {
        return peftName(place.site, isTable(place) ? "lora_embedding_" + std::string(part)
                                                   : "lora_" + std::string(part) + ".weight");
    };
    if (m_settings.keepsFirst)
        tensors.a = start.a.to(tensorOptions(), false, true).contiguous();
    else
        tensors.a = addParameter(name("A"), start.a);
    tensors.b = addParameter(name("B"), start.b);
    if (m_settings.hasBias)
        tensors.bias = addParameter(peftName(place.site, "lora_B.bias"), at::zeros({place.site.out}));
    if (m_settings.isDora)
        tensors.magnitude = addParameter(peftName(place.site, "lora_magnitude_vector"),
                                         doraNorm(isTable(place) ? weight.t() : weight, tensors));
    return tensors;
}

void LoraAdapter::build(const std::vector<at::Tensor>& directions) {
    m_built.clear();
    m_inverses.clear();
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const LoraPlace& each = m_places[i];
        LoraTensors tensors = makeTensors(each, i, i < directions.size() ? directions[i] : at::Tensor());
        const auto number = static_cast<std::uint32_t>(i);
        if (isTable(each))
            place(each.site, std::make_shared<LoraTable>(tensors, model().weight(each.site.name + ".weight"),
                                                         context()));
        else if (m_settings.isDora)
            place(each.site, std::make_shared<DoraSite>(tensors, context(), number));
        else
            place(each.site, std::make_shared<LoraSite>(tensors, context(), number));
        m_built.push_back({each, std::move(tensors)});
    }
}

std::vector<ParameterGroup> LoraAdapter::groups() const {
    if (m_settings.plusRatio == 1)
        return Adapter::groups();
    // The library that defines LoRA+ for PEFT decays nothing unless told to in an option of its own.
    ParameterGroup first{{}, 1, 0.0};
    ParameterGroup tables{{}, m_settings.plusEmbeddingFactor, 0.0};
    ParameterGroup second{{}, m_settings.plusRatio, 0.0};
    for (const NamedTensor& each : parameters()) {
        const auto& [name, tensor] = each;
        if (name.find("lora_embedding_") != std::string::npos)
            tables.parameters.push_back(each);
        else if (name.find("lora_B") != std::string::npos || tensor.dim() == 1)
            second.parameters.push_back(each);
        else
            first.parameters.push_back(each);
    }
    std::vector<ParameterGroup> groups{first, tables, second};
    std::erase_if(groups, [](const ParameterGroup& group) { return group.parameters.empty(); });
    return groups;
}

bool LoraAdapter::wantsCalibration() const { return m_settings.init == LoraInit::Eva; }

void LoraAdapter::calibrate(const NextCalibrationBatch& next) {
    LATHE_EXPECT(wantsCalibration());
    removeParts();
    std::vector<EvaSite> sites;
    for (const LoraPlace& each : m_asked)
        if (!isTable(each))
            sites.push_back({each.site, each.rank});
    const std::vector<at::Tensor> found = evaDirections(model(), sites, m_settings.evaRho, next);
    std::vector<at::Tensor> directions;
    m_places.clear();
    std::size_t place = 0;
    for (LoraPlace each : m_asked) {
        at::Tensor ownDirections;
        if (!isTable(each))
            ownDirections = found[place++];
        if (ownDirections.defined()) {
            const std::int64_t rank = ownDirections.size(0);
            if (rank == 0)
                continue;
            each.alpha *= static_cast<double>(rank) / static_cast<double>(each.rank);
            each.rank = rank;
        }
        m_places.push_back(each);
        directions.push_back(ownDirections);
    }
    build(directions);
}

void LoraAdapter::beginTraining(std::int64_t) {
    m_inverses.clear();
    if (!m_settings.keepsFirst)
        return;
    const at::NoGradGuard noGrad;
    for (const auto& [place, tensors] : m_built) {
        const at::Tensor square = at::mm(tensors.a, tensors.a.t());
        // 1e-8: as the library's own optimiser keeps it invertible.
        const std::optional<double> usual;
        const at::Tensor inverse =
            at::linalg_pinv(square + 1e-8 * at::eye(place.rank, square.options()), usual, usual, false);
        m_inverses.push_back(inverse / (tensors.scale * tensors.scale));
    }
}

void LoraAdapter::beforeUpdate(std::int64_t) {
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_inverses.size(); ++i)
        if (const at::Tensor gradient = m_built[i].tensors.b.grad(); gradient.defined())
            gradient.copy_(at::mm(gradient, m_inverses[i]));
}

std::vector<NamedTensor> LoraAdapter::keptTensors() const {
    std::vector<NamedTensor> kept;
    if (m_settings.keepsFirst)
        for (const auto& [place, tensors] : m_built)
            kept.emplace_back(peftName(place.site, "lora_A.weight"), tensors.a);
    return kept;
}

std::vector<NamedTensor> LoraAdapter::fileTensors() const {
    std::map<std::string, at::Tensor> all(parameters().begin(), parameters().end());
    for (auto& [name, tensor] : keptTensors())
        all[name] = tensor;
    for (const auto& [place, tensors] : m_built) {
        const std::string a = peftName(place.site, "lora_A.weight");
        const std::string b = peftName(place.site, "lora_B.weight");
        if (tensors.fixedA.defined()) {
            all[a] = at::cat({tensors.a, tensors.fixedA});
            all[b] = at::cat({tensors.b, -tensors.fixedB}, 1);
        }
    }
    return {all.begin(), all.end()};
}

Status LoraAdapter::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    const at::NoGradGuard noGrad;
    LoraSettings settings = m_settings;
    std::vector<LoraPlace> places = m_places;
    if (takesFromWeight(m_settings.init)) { // as plain LoRA of twice the rank and the same scale
        settings.rank *= 2;
        settings.alpha =
            m_settings.scaleOf(m_settings.rank, m_settings.alpha) * static_cast<double>(settings.rank);
        settings.isRankStabilized = false;
        for (LoraPlace& each : places) {
            const double scale = m_settings.scaleOf(each.rank, each.alpha);
            each.rank *= isTable(each) ? 1 : 2;
            each.alpha = scale * static_cast<double>(each.rank);
        }
    }
    return writePeftFolder(folder, origin, loraConfig(settings, places, model().summary()), fileTensors(),
                           m_kept ? *m_kept : json());
}

} // namespace lathe
