#include "core/adapter/simplex.h"

#include "core/adapter/initial_values.h"
#include "core/adapter/simplex_head.h"
#include "core/base/contract.h"
#include "core/base/random.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <algorithm>

namespace lathe {

namespace {

constexpr std::uint64_t kDropout = 0x64726f70;  // "drop", as every adapter
constexpr std::uint64_t kHead = 0x68656164;     // "head"
constexpr std::uint64_t kTraining = 0x74726169; // "trai"
constexpr std::uint64_t kVertex = 0x76657274;   // "vert"
constexpr double kHeadDeviation = 0.02;
const std::string kHeadVertices = "head_vertices.";

} // namespace

std::uint64_t seedOfVertex(std::uint64_t seed, std::int64_t vertex) {
    return vertex == 0 ? seed : mixSeed(mixSeed(seed, kVertex), static_cast<std::uint64_t>(vertex));
}

std::vector<TrainedWeight> withoutHead(std::vector<TrainedWeight> weights, const ModelSummary& model) {
    const std::vector<TrainedWeight> head = headWeights(model);
    std::erase_if(weights, [&head](const TrainedWeight& each) {
        return std::ranges::find(head, each.weight, &TrainedWeight::weight) != head.end();
    });
    return weights;
}

SimplexAdapter::SimplexAdapter(LanguageModel& model, const SimplexSettings& settings, std::string filePrefix)
    : Adapter(model, mixSeed(settings.seed, kDropout)),
      m_settings(settings),
      m_filePrefix(std::move(filePrefix)) {
    readAtMidpoint();
}

SimplexAdapter::HeadLayer SimplexAdapter::makeHeadLayer(const Site& site, bool hasBias) {
    std::vector<at::Tensor> starts;
    for (std::int64_t vertex = 0; vertex < vertexCount(); ++vertex) {
        Rng rng(mixSeed(mixSeed(seedOfVertex(m_settings.seed, vertex), kHead), m_head.size()));
        starts.push_back(normalValues(site.out, site.in, kHeadDeviation, rng));
    }
    HeadLayer layer{site.name, addParameter(kHeadVertices + site.name + ".weight", at::stack(starts)), {}};
    if (hasBias)
        layer.bias = addParameter(kHeadVertices + site.name + ".bias", at::zeros({vertexCount(), site.out}));
    return layer;
}

void SimplexAdapter::addHead() {
    std::vector<TrainedWeight> weights = headWeights(model().summary());
    for (TrainedWeight& each : weights)
        each.file = m_filePrefix + each.weight;
    const bool isMixed = m_settings.mixesHead && vertexCount() > 1 && !weights.empty();
    if (!isMixed)
        trainWeights(weights);
    const auto isOfHead = [&weights](const std::string& name) {
        return std::ranges::find(weights, name, &TrainedWeight::weight) != weights.end();
    };
    bool isFirst = true;
    for (const Site& site : model().summary().sites) {
        if (!isOfHead(site.name + ".weight"))
            continue;
        HeadLayer layer{site.name, {}, {}};
        if (isMixed)
            layer = makeHeadLayer(site, isOfHead(site.name + ".bias"));
        if (isMixed || (isFirst && m_settings.dropout > 0))
            place(site, std::make_shared<SimplexHead>(*this, layer.weight, layer.bias, isFirst));
        if (isMixed)
            m_head.push_back(std::move(layer));
        isFirst = false;
    }
}

void SimplexAdapter::readAt(const std::vector<double>& alpha) {
    LATHE_EXPECT(static_cast<std::int64_t>(alpha.size()) == vertexCount());
    m_point = at::tensor(alpha, at::kDouble);
    m_headCoefficients = m_point.unsqueeze(0).to(tensorOptions());
    m_stream.reset();
    readingChanged();
}

void SimplexAdapter::readAtMidpoint() {
    const auto count = static_cast<std::size_t>(vertexCount());
    readAt(std::vector<double>(count, 1 / static_cast<double>(count)));
}

void SimplexAdapter::readAtVertex(std::int64_t vertex) {
    std::vector<double> alpha(static_cast<std::size_t>(vertexCount()), 0.0);
    alpha.at(static_cast<std::size_t>(vertex)) = 1;
    readAt(alpha);
}

void SimplexAdapter::readDrawn(std::uint64_t stream, std::int64_t firstText) {
    m_stream = stream;
    m_textsRead = firstText;
    readingChanged();
}

bool SimplexAdapter::isDrawn() const {
    return vertexCount() > 1 && (context().clock.isTraining || m_stream.has_value());
}

void SimplexAdapter::beginStep(std::int64_t step) {
    Adapter::beginStep(step);
    m_textsRead = 0;
    m_passes = 0;
    readingChanged();
}

void SimplexAdapter::endTraining() {
    Adapter::endTraining();
    m_headCoefficients = m_point.unsqueeze(0).to(tensorOptions()); // no longer those of the last texts
    readingChanged();
}

at::Tensor SimplexAdapter::nextCoefficients(std::int64_t texts) {
    const std::int64_t slots = model().summary().layers + 1;
    const DropoutClock& clock = context().clock;
    at::Tensor all = m_point.expand({1, slots, -1});
    if (clock.isTraining || m_stream) {
        const std::uint64_t stream = clock.isTraining ? mixSeed(mixSeed(m_settings.seed, kTraining),
                                                                static_cast<std::uint64_t>(clock.step))
                                                      : *m_stream;
        all = drawCoefficients(m_settings.coefficients, stream, m_textsRead, texts, slots);
        m_textsRead += texts;
    }
    all = all.to(tensorOptions());
    m_headCoefficients = all.select(1, slots - 1);
    ++m_passes;
    return all;
}

at::Tensor SimplexAdapter::headInput(const at::Tensor& x) const {
    if (!context().clock.isTraining || m_settings.dropout == 0)
        return x;
    const auto site = static_cast<std::uint32_t>(2 * m_passes + 1); // no prefix has an odd one
    return x *
           dropoutMask(x.sizes(), m_settings.dropout, context().clock, site, x.device()).to(x.scalar_type());
}

at::Tensor SimplexAdapter::penalty() const {
    if (m_settings.cosineWeight == 0 || vertexCount() == 1)
        return {};
    const auto [first, second] = drawPair(vertexCount(), m_settings.seed, context().clock.step);
    const auto [one, other] = twoVertices(first, second);
    return squaredCosine(one, other) * m_settings.cosineWeight;
}

/// Whatever its weight: how far apart the vertices are is worth knowing.
void SimplexAdapter::beforeUpdate(std::int64_t step) {
    if (vertexCount() == 1)
        return;
    const at::NoGradGuard noGrad;
    const auto [first, second] = drawPair(vertexCount(), m_settings.seed, step);
    const auto [one, other] = twoVertices(first, second);
    m_cosine = squaredCosine(one, other);
}

std::optional<double> SimplexAdapter::cosine() const {
    return m_cosine.defined() ? std::optional(m_cosine.item<double>()) : std::nullopt;
}

/// Means of adapters and heads taken apart are exact, because heads are mixed layer by layer.
NamedTensor SimplexAdapter::atMidpoint(const NamedTensor& parameter) const {
    const auto& [name, value] = parameter;
    return name.starts_with(kHeadVertices)
               ? NamedTensor(m_filePrefix + name.substr(kHeadVertices.size()), value.mean(0))
               : parameter;
}

std::vector<NamedTensor> SimplexAdapter::headVertices() const {
    std::vector<NamedTensor> tensors;
    for (const auto& [name, value] : parameters())
        if (name.starts_with(kHeadVertices))
            tensors.emplace_back(name, value.detach());
    return tensors;
}

} // namespace lathe
