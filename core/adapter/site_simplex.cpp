#include "core/adapter/site_simplex.h"

#include "core/base/contract.h"
#include "core/model/textwise_tokens.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/repeat_interleave.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <algorithm>

namespace lathe {

namespace {

const std::string kFilePrefix = "base_model.model.";

/// No tokens: told of each pass, it tells the adapter.
class TextTeller final : public TextwiseTokens {
public:
    explicit TextTeller(SiteSimplex& adapter) : m_adapter(adapter) {}

    std::int64_t count() const override { return 0; }
    Content content() const override { return contentBeside(1, {}); }
    Content contentOfTexts(std::int64_t texts) const override { return contentBeside(texts, {}); }
    Content contentBeside(std::int64_t texts, std::span<const std::int64_t> lengths) const override {
        m_adapter.take(texts, lengths);
        return {};
    }

private:
    SiteSimplex& m_adapter; // owns the attachment of this
};

} // namespace

SiteSimplex::SiteSimplex(LanguageModel& model, const SimplexSettings& settings)
    : SimplexAdapter(model, settings, kFilePrefix) {}

at::Tensor SiteSimplex::addVertices(std::string name, const std::vector<at::Tensor>& starts,
                                    std::int64_t dim) {
    LATHE_EXPECT(static_cast<std::int64_t>(starts.size()) == vertexCount());
    at::Tensor all = addParameter(name, at::cat(starts, dim));
    m_vertices.push_back({std::move(name), all, dim});
    return all;
}

void SiteSimplex::readingChanged() {
    m_textOf = at::Tensor();
    if (isDrawn()) {
        if (!m_told)
            m_told = model().attach(std::make_shared<TextTeller>(*this));
        return;
    }
    m_told.reset();
    const at::Tensor weights = point() * vertexCount();
    const bool isMiddle = (weights - 1).abs().max().item<double>() < 1e-12; // of fp64
    m_weights =
        isMiddle ? at::Tensor() : weights.expand({1, model().summary().layers, -1}).to(tensorOptions());
}

void SiteSimplex::take(std::int64_t texts, std::span<const std::int64_t> lengths) {
    m_weights = nextCoefficients(texts).narrow(1, 0, model().summary().layers) * vertexCount();
    m_textOf = at::Tensor();
    if (!lengths.empty() && m_weights.size(0) > 1)
        m_textOf = at::repeat_interleave(at::tensor(lengths, at::kLong)).to(model().device());
}

at::Tensor SiteSimplex::weighted(const at::Tensor& channels, std::int64_t layer) const {
    if (isEven())
        return channels;
    at::Tensor weights = m_weights.select(1, layer); // [B or 1, M]
    std::vector<std::int64_t> shape(static_cast<std::size_t>(channels.dim()) + 1, 1);
    *(shape.end() - 2) = vertexCount();
    if (m_textOf.defined()) {
        LATHE_EXPECT(channels.dim() == 3 && channels.size(1) == m_textOf.numel());
        weights = weights.index_select(0, m_textOf);
        shape[1] = weights.size(0);
    } else {
        LATHE_EXPECT(weights.size(0) == 1 || channels.size(0) == weights.size(0));
        shape[0] = weights.size(0);
    }
    return (channels.unflatten(-1, {vertexCount(), -1}) * weights.view(shape)).flatten(-2);
}

std::pair<at::Tensor, at::Tensor> SiteSimplex::twoVertices(std::int64_t one, std::int64_t other) const {
    std::vector<at::Tensor> ofOne, ofOther;
    for (const Vertices& each : m_vertices) {
        const std::vector<at::Tensor> parts = each.all.chunk(vertexCount(), each.dim);
        ofOne.push_back(parts[static_cast<std::size_t>(one)].flatten());
        ofOther.push_back(parts[static_cast<std::size_t>(other)].flatten());
    }
    return {at::cat(ofOne), at::cat(ofOther)};
}

std::vector<NamedTensor> SiteSimplex::midpointTensors() const {
    std::map<std::string, at::Tensor> tensors;
    for (const NamedTensor& each : parameters())
        tensors.insert(atMidpoint(each));
    return {tensors.begin(), tensors.end()};
}

std::vector<NamedTensor> SiteSimplex::vertexTensors() const {
    std::vector<NamedTensor> tensors;
    for (const Vertices& each : m_vertices)
        tensors.emplace_back(each.name, at::stack(each.all.detach().chunk(vertexCount(), each.dim)));
    for (NamedTensor& each : headVertices())
        tensors.push_back(std::move(each));
    return tensors;
}

Status SiteSimplex::saveVertices(const std::filesystem::path& folder) const {
    return vertexCount() == 1 ? ok() : writeSimplexFiles(folder, settings(), vertexTensors());
}

Status SiteSimplex::fill(const PeftFolder& folder, const SimplexFiles& files) const {
    std::map<std::string, at::Tensor> tensors = folder.tensors();
    for (const NamedTensor& each : headVertices()) {
        tensors.erase(atMidpoint(each).first);
        if (const auto found = files.tensors.find(each.first); found != files.tensors.end())
            tensors.insert(*found);
    }
    LATHE_TRY(setParameters(*this, tensors, files.path.string()));
    const at::NoGradGuard noGrad;
    for (const auto& [name, value] : vertexTensors()) {
        const auto found = files.tensors.find(name);
        if (found == files.tensors.end() || !at::equal(found->second.to(value.options()), value))
            return inputError(files.path.string(), "does not belong to " + folder.tensorsPath() + ": " +
                                                       name + " there is not made of these vertices");
    }
    return requireMidpoint(folder, midpointTensors(), files.path);
}

} // namespace lathe
