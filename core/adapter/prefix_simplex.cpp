#include "core/adapter/prefix_simplex.h"

#include "core/adapter/simplex_files.h"
#include "core/base/contract.h"
#include "core/base/random.h"
#include "core/model/textwise_tokens.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kPrompt = 0x70726f6d; // "prom", as PromptAdapter: one vertex starts as a prefix does
constexpr const char* kTable = "prompt_embeddings";
constexpr const char* kVertices = "prefix_vertices";
const std::string kOuter = "base_model.";

/// Normal of deviation 1, or uniform where there is a bound.
at::Tensor drawn(const std::vector<std::int64_t>& shape, Rng& rng, double bound) {
    at::Tensor values = at::empty(shape, at::kFloat);
    std::generate_n(values.data_ptr<float>(), values.numel(), [&] {
        return static_cast<float>(bound > 0 ? bound * (2 * rng.uniform() - 1) : rng.normal());
    });
    return values;
}

/// Slot 2l of a table is the keys, 2l + 1 the values of layer l (PEFT's order).
class SimplexTokens final : public TextwiseTokens {
public:
    SimplexTokens(PrefixSimplex& adapter, std::int64_t count) : m_adapter(adapter), m_count(count) {}

    std::int64_t count() const override { return m_count; }
    Content contentOfTexts(std::int64_t texts) const override { return m_adapter.nextContent(texts); }
    Content content() const override { return m_adapter.nextContent(1); }

private:
    PrefixSimplex& m_adapter; // owns this
    std::int64_t m_count;
};

} // namespace

PrefixSimplex::PrefixSimplex(LanguageModel& model, const SimplexSettings& settings,
                             std::unique_ptr<PromptEncoder> encoder, const json& config,
                             std::span<const TrainedWeight> others)
    : SimplexAdapter(model, settings, kOuter),
      m_encoder(std::move(encoder)),
      m_config(std::make_shared<const json>(config)),
      m_tokens(m_encoder->tensors().front().shape.front()) {
    addVertices();
    place(std::make_shared<SimplexTokens>(*this, m_tokens));
    trainWeights(others);
    addHead();
}

void PrefixSimplex::addVertices() {
    const std::vector<EncoderTensor> tensors = m_encoder->tensors();
    const bool isOne = vertexCount() == 1;
    const std::string table = isOne ? kTable : kVertices;
    for (std::size_t place = 0; place < tensors.size(); ++place) {
        const EncoderTensor& each = tensors[place];
        std::vector<at::Tensor> starts;
        for (std::int64_t vertex = 0; vertex < vertexCount(); ++vertex) {
            Rng rng(mixSeed(mixSeed(seedOfVertex(settings().seed, vertex), kPrompt), place));
            starts.push_back(drawn(each.shape, rng, each.bound));
        }
        m_values.push_back(addParameter(tensors.size() == 1 ? table : "prompt_encoder." + each.name,
                                        isOne ? starts.front() : at::stack(starts)));
    }
}

void PrefixSimplex::startFrom(const at::Tensor& tables) {
    LATHE_EXPECT(m_values.size() == 1 && tables.numel() == m_values.front().numel());
    const at::NoGradGuard noGrad;
    m_values.front().copy_(tables.view(m_values.front().sizes()));
}

at::Tensor PrefixSimplex::vertices() const {
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

std::pair<at::Tensor, at::Tensor> PrefixSimplex::twoVertices(std::int64_t one, std::int64_t other) const {
    const at::Tensor all = vertices();
    return {all[one], all[other]};
}

/// Returns [L, B or 1, 2, K, N, d].
at::Tensor PrefixSimplex::mixed(const at::Tensor& coefficients) const {
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

at::Tensor PrefixSimplex::withDropout(const at::Tensor& mixed, std::int64_t texts) const {
    if (!context().clock.isTraining || settings().dropout == 0)
        return mixed;
    const at::Tensor each = mixed.expand({-1, texts, -1, -1, -1, -1});
    const auto site = static_cast<std::uint32_t>(2 * (passes() - 1));
    return each * dropoutMask(each.sizes(), settings().dropout, context().clock, site, each.device())
                      .to(each.scalar_type());
}

VirtualTokens::Content PrefixSimplex::nextContent(std::int64_t texts) {
    const at::Tensor prefix = withDropout(mixed(nextCoefficients(texts)), texts);
    const bool isShared = prefix.size(1) == 1; // a single text too: it needs no dimension of its own
    VirtualTokens::Content content;
    for (const at::Tensor& layer : (isShared ? prefix.squeeze(1) : prefix).unbind(0)) {
        const std::vector<at::Tensor> both = layer.unbind(isShared ? 0 : 1);
        content.keysAndValues.emplace_back(both[0], both[1]);
    }
    return content;
}

std::vector<NamedTensor> PrefixSimplex::midpointTensors() const {
    const at::Tensor all = vertices();
    std::vector<NamedTensor> tensors{{kTable, all.size(0) == 1 ? all.squeeze(0) : all.mean(0)}};
    for (std::size_t i = m_values.size(); i < parameters().size(); ++i)
        tensors.push_back(atMidpoint(parameters()[i]));
    return tensors;
}

std::vector<NamedTensor> PrefixSimplex::vertexTensors() const {
    std::vector<NamedTensor> tensors{{kVertices, vertices().detach()}};
    for (NamedTensor& each : headVertices())
        tensors.push_back(std::move(each));
    return tensors;
}

Status PrefixSimplex::save(const fs::path& folder, const AdapterOrigin& origin) const {
    const at::NoGradGuard noGrad;
    LATHE_TRY(
        writePeftFolder(folder, origin, {{"peft_type", "PREFIX_TUNING"}}, midpointTensors(), *m_config));
    return vertexCount() == 1 ? ok() // the prefix is all there is
                              : writeSimplexFiles(folder, settings(), vertexTensors());
}

Result<std::unique_ptr<Adapter>> loadPrefixSimplex(LanguageModel& model, const PeftFolder& folder) {
    const ModelSummary& summary = model.summary();
    LATHE_TRY(checkPromptFolder(model, folder, PromptPlace::Layers));
    LATHE_ASSIGN(SimplexFiles files, readSimplexFiles(folder));
    const auto tokens = folder.config().at("num_virtual_tokens").get<std::int64_t>();
    const std::int64_t width = promptWidth(summary, PromptPlace::Layers);
    auto& tensors = files.tensors;
    if (!files.settings.mixesHead || files.settings.coefficients.vertices < 2)
        for (const auto& [name, tensor] : folder.tensors())
            if (name != kTable)
                tensors.emplace(name, tensor);
    LATHE_ASSIGN(std::vector<TrainedWeight> others,
                 trainedWeights(folder.config(), summary, {}, folder.configPath()));
    others = withoutHead(std::move(others), summary);
    for (TrainedWeight& each : others) {
        each.file = kOuter + each.weight;
        if (const auto found = folder.tensors().find(each.file); found != folder.tensors().end())
            tensors.emplace(each.file, found->second);
    }
    auto adapter = std::make_unique<PrefixSimplex>(model, files.settings, makePlainEncoder(tokens, width),
                                                   folder.config(), others);
    LATHE_TRY(setParameters(*adapter, tensors, files.path.string()));
    const at::NoGradGuard noGrad;
    LATHE_TRY(requireMidpoint(folder, adapter->midpointTensors(), files.path));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
