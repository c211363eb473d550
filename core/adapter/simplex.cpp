#include "core/adapter/simplex.h"

#include "core/adapter/simplex_head.h"
#include "core/base/contract.h"
#include "core/base/random.h"
#include "core/model/textwise_tokens.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

constexpr std::uint64_t kDropout = 0x64726f70; // "drop"
constexpr std::uint64_t kPrompt = 0x70726f6d;  // "prom", as PromptAdapter: one vertex starts as a prefix does
constexpr std::uint64_t kHead = 0x68656164;    // "head"
constexpr std::uint64_t kTraining = 0x74726169; // "trai"
constexpr std::uint64_t kVertex = 0x76657274;   // "vert"
constexpr double kHeadDeviation = 0.02;
const std::string kOuter = "base_model.";

at::Tensor drawn(const std::vector<std::int64_t>& shape, Rng& rng, double bound, double deviation = 1) {
    at::Tensor values = at::empty(shape, at::kFloat);
    std::generate_n(values.data_ptr<float>(), values.numel(), [&] {
        return static_cast<float>(bound > 0 ? bound * (2 * rng.uniform() - 1) : deviation * rng.normal());
    });
    return values;
}

/// Slot 2l of a table is the keys, 2l + 1 the values of layer l (PEFT's order).
class SimplexTokens final : public TextwiseTokens {
public:
    SimplexTokens(SimplexAdapter& adapter, std::int64_t count) : m_adapter(adapter), m_count(count) {}

    std::int64_t count() const override { return m_count; }
    Content contentOfTexts(std::int64_t texts) const override { return m_adapter.nextContent(texts); }
    Content content() const override { return m_adapter.nextContent(1); }

private:
    SimplexAdapter& m_adapter; // owns this
    std::int64_t m_count;
};

std::vector<TrainedWeight> plainHead(const ModelSummary& model) {
    std::vector<TrainedWeight> weights = headWeights(model);
    for (TrainedWeight& each : weights)
        each.file = kOuter + each.weight;
    return weights;
}

} // namespace

std::uint64_t seedOfVertex(std::uint64_t seed, std::int64_t vertex) {
    return vertex == 0 ? seed : mixSeed(mixSeed(seed, kVertex), static_cast<std::uint64_t>(vertex));
}

SimplexAdapter::SimplexAdapter(LanguageModel& model, const SimplexSettings& settings,
                               std::unique_ptr<PromptEncoder> encoder, const json& config,
                               std::span<const TrainedWeight> others)
    : Adapter(model, mixSeed(settings.seed, kDropout)),
      m_settings(settings),
      m_encoder(std::move(encoder)),
      m_config(std::make_shared<const json>(config)),
      m_tokens(m_encoder->tensors().front().shape.front()) {
    addVertices();
    readAtMidpoint();
    place(std::make_shared<SimplexTokens>(*this, m_tokens));
    trainWeights(others);
    addHead();
}

void SimplexAdapter::addVertices() {
    const std::vector<EncoderTensor> tensors = m_encoder->tensors();
    const bool isOne = vertexCount() == 1;
    const std::string table = isOne ? "prompt_embeddings" : "prefix_vertices";
    for (std::size_t place = 0; place < tensors.size(); ++place) {
        const EncoderTensor& each = tensors[place];
        std::vector<at::Tensor> starts;
        for (std::int64_t vertex = 0; vertex < vertexCount(); ++vertex) {
            Rng rng(mixSeed(mixSeed(seedOfVertex(m_settings.seed, vertex), kPrompt), place));
            starts.push_back(drawn(each.shape, rng, each.bound));
        }
        m_values.push_back(addParameter(tensors.size() == 1 ? table : "prompt_encoder." + each.name,
                                        isOne ? starts.front() : at::stack(starts)));
    }
}

/// One vertex, or one head for all: the model's own, as beside any other adapter.
void SimplexAdapter::addHead() {
    const std::vector<TrainedWeight> weights = plainHead(model().summary());
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
        if (isMixed) {
            std::vector<at::Tensor> starts;
            for (std::int64_t vertex = 0; vertex < vertexCount(); ++vertex) {
                Rng rng(mixSeed(mixSeed(seedOfVertex(m_settings.seed, vertex), kHead), m_head.size()));
                starts.push_back(drawn({site.out, site.in}, rng, 0, kHeadDeviation));
            }
            const std::string name = "head_vertices." + site.name;
            layer.weight = addParameter(name + ".weight", at::stack(starts));
            if (isOfHead(site.name + ".bias"))
                layer.bias = addParameter(name + ".bias", at::zeros({vertexCount(), site.out}));
        }
        if (isMixed || (isFirst && m_settings.dropout > 0))
            place(site, std::make_shared<SimplexHead>(*this, layer.weight, layer.bias, isFirst));
        if (isMixed)
            m_head.push_back(std::move(layer));
        isFirst = false;
    }
}

void SimplexAdapter::startFrom(const at::Tensor& tables) {
    LATHE_EXPECT(m_values.size() == 1 && tables.numel() == m_values.front().numel());
    const at::NoGradGuard noGrad;
    m_values.front().copy_(tables.view(m_values.front().sizes()));
}

at::Tensor SimplexAdapter::vertices() const {
    if (vertexCount() == 1)
        return m_encoder->table(m_values, context().clock).unsqueeze(0);
    if (m_values.size() == 1) // a plain table, and no reason to take it apart
        return m_values.front();
    std::vector<std::vector<at::Tensor>> byTensor;
    for (const at::Tensor& all : m_values)
        byTensor.push_back(all.unbind(0)); // at once: its gradient is one tensor
    std::vector<at::Tensor> tables;
    for (std::size_t vertex = 0; vertex < static_cast<std::size_t>(vertexCount()); ++vertex) {
        std::vector<at::Tensor> own;
        for (const auto& each : byTensor)
            own.push_back(each[vertex]);
        tables.push_back(m_encoder->table(own, context().clock));
    }
    return at::stack(tables);
}

void SimplexAdapter::readAt(const std::vector<double>& alpha) {
    LATHE_EXPECT(static_cast<std::int64_t>(alpha.size()) == vertexCount());
    m_point = at::tensor(alpha, at::kDouble);
    m_headCoefficients = m_point.unsqueeze(0).to(tensorOptions());
    m_stream.reset();
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
}

void SimplexAdapter::beginStep(std::int64_t step) {
    Adapter::beginStep(step);
    m_textsRead = 0;
    m_passes = 0;
}

/// [B or 1, L + 1, M]; the last slot is the head's.
at::Tensor SimplexAdapter::coefficientsFor(std::int64_t texts) {
    const std::int64_t slots = model().summary().layers + 1;
    const DropoutClock& clock = context().clock;
    if (!clock.isTraining && !m_stream)
        return m_point.expand({1, slots, -1}).to(tensorOptions());
    const std::uint64_t stream = clock.isTraining ? mixSeed(mixSeed(m_settings.seed, kTraining),
                                                            static_cast<std::uint64_t>(clock.step))
                                                  : *m_stream;
    const at::Tensor all = drawCoefficients(m_settings.coefficients, stream, m_textsRead, texts, slots);
    m_textsRead += texts;
    return all.to(tensorOptions());
}

/// Returns [L, B or 1, 2, K, N, d].
at::Tensor SimplexAdapter::mixed(const at::Tensor& coefficients) const {
    const ModelSummary& summary = model().summary();
    const std::int64_t layers = summary.layers;
    const at::Tensor byLayer =
        vertices()
            .view({vertexCount(), m_tokens, layers, 2, summary.keyValueHeads, summary.headSize})
            .permute({2, 0, 3, 4, 1, 5})
            .reshape({layers, vertexCount(), -1});
    const at::Tensor alpha = coefficients.narrow(1, 0, layers).permute({1, 0, 2}); // [L, B or 1, M]
    return at::bmm(alpha, byLayer)
        .view({layers, alpha.size(1), 2, summary.keyValueHeads, m_tokens, summary.headSize});
}

at::Tensor SimplexAdapter::withDropout(const at::Tensor& mixed, std::int64_t texts) const {
    if (!context().clock.isTraining || m_settings.dropout == 0)
        return mixed;
    const at::Tensor each = mixed.expand({-1, texts, -1, -1, -1, -1});
    const auto site = static_cast<std::uint32_t>(2 * m_passes);
    return each * dropoutMask(each.sizes(), m_settings.dropout, context().clock, site, each.device())
                      .to(each.scalar_type());
}

VirtualTokens::Content SimplexAdapter::nextContent(std::int64_t texts) {
    const at::Tensor coefficients = coefficientsFor(texts);
    m_headCoefficients = coefficients.select(1, coefficients.size(1) - 1);
    at::Tensor prefix = withDropout(mixed(coefficients), texts);
    ++m_passes;
    const bool isShared = prefix.size(1) == 1; // a single text too: it needs no dimension of its own
    VirtualTokens::Content content;
    for (const at::Tensor& layer : (isShared ? prefix.squeeze(1) : prefix).unbind(0)) {
        const std::vector<at::Tensor> both = layer.unbind(isShared ? 0 : 1);
        content.keysAndValues.emplace_back(both[0], both[1]);
    }
    return content;
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
    const at::Tensor all = vertices();
    const auto [one, other] = drawPair(vertexCount(), m_settings.seed, context().clock.step);
    return squaredCosine(all[one], all[other]) * m_settings.cosineWeight;
}

/// Whatever its weight: how far apart the vertices are is worth knowing.
void SimplexAdapter::beforeUpdate(std::int64_t step) {
    if (vertexCount() == 1)
        return;
    const at::NoGradGuard noGrad;
    const at::Tensor all = vertices();
    const auto [one, other] = drawPair(vertexCount(), m_settings.seed, step);
    m_cosine = squaredCosine(all[one], all[other]);
}

std::optional<double> SimplexAdapter::cosine() const {
    return m_cosine.defined() ? std::optional(m_cosine.item<double>()) : std::nullopt;
}

} // namespace lathe
