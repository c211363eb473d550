#include "core/adapter/prompt_encoder.h"

#include "core/base/contract.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <cmath>

namespace lathe {

namespace {

/// As torch's Linear starts: weight and bias uniform in ±1/√in.
void addLinear(std::vector<EncoderTensor>& tensors, const std::string& name, std::int64_t in,
               std::int64_t out) {
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    tensors.push_back({name + ".weight", {out, in}, bound});
    tensors.push_back({name + ".bias", {out}, bound});
}

EncoderTensor embedding(std::int64_t tokens, std::int64_t width) {
    return {"embedding.weight", {tokens, width}, 0};
}

class PlainEncoder final : public PromptEncoder {
public:
    PlainEncoder(std::int64_t tokens, std::int64_t width) : m_tokens(tokens), m_width(width) {}
    std::vector<EncoderTensor> tensors() const override { return {embedding(m_tokens, m_width)}; }
    at::Tensor table(std::span<const at::Tensor> values, const DropoutClock&) const override {
        return values.front();
    }

private:
    std::int64_t m_tokens, m_width;
};

class ProjectionEncoder final : public PromptEncoder {
public:
    ProjectionEncoder(std::int64_t tokens, std::int64_t in, std::int64_t hidden, std::int64_t width)
        : m_tokens(tokens), m_in(in), m_hidden(hidden), m_width(width) {}

    std::vector<EncoderTensor> tensors() const override {
        std::vector<EncoderTensor> all{embedding(m_tokens, m_in)};
        addLinear(all, "transform.0", m_in, m_hidden);
        addLinear(all, "transform.2", m_hidden, m_width);
        return all;
    }
    at::Tensor table(std::span<const at::Tensor> values, const DropoutClock&) const override {
        return at::linear(at::tanh(at::linear(values[0], values[1], values[2])), values[3], values[4]);
    }

private:
    std::int64_t m_tokens, m_in, m_hidden, m_width;
};

class MlpEncoder final : public PromptEncoder {
public:
    MlpEncoder(std::int64_t tokens, std::int64_t width, std::int64_t hidden)
        : m_tokens(tokens), m_width(width), m_hidden(hidden) {}

    std::vector<EncoderTensor> tensors() const override {
        std::vector<EncoderTensor> all{embedding(m_tokens, m_width)};
        addLinear(all, "mlp_head.0", m_width, m_hidden);
        addLinear(all, "mlp_head.2", m_hidden, m_hidden);
        addLinear(all, "mlp_head.4", m_hidden, m_width);
        return all;
    }
    at::Tensor table(std::span<const at::Tensor> values, const DropoutClock&) const override {
        const at::Tensor first = at::relu(at::linear(values[0], values[1], values[2]));
        return at::linear(at::relu(at::linear(first, values[3], values[4])), values[5], values[6]);
    }

private:
    std::int64_t m_tokens, m_width, m_hidden;
};

class LstmEncoder final : public PromptEncoder {
public:
    LstmEncoder(std::int64_t tokens, std::int64_t width, std::int64_t hidden, std::int64_t layers,
                double dropout)
        : m_tokens(tokens), m_width(width), m_hidden(hidden), m_layers(layers), m_dropout(dropout) {}

    std::vector<EncoderTensor> tensors() const override;
    at::Tensor table(std::span<const at::Tensor> values, const DropoutClock& clock) const override;

private:
    static constexpr std::size_t kPerLayer = 8; // two directions of two weights and two biases

    std::int64_t m_tokens, m_width, m_hidden, m_layers;
    double m_dropout;
};

std::vector<EncoderTensor> LstmEncoder::tensors() const {
    std::vector<EncoderTensor> all{embedding(m_tokens, m_width)};
    const double bound = 1 / std::sqrt(static_cast<double>(m_hidden)); // as torch's LSTM starts
    const std::int64_t gates = 4 * m_hidden;
    for (std::int64_t layer = 0; layer < m_layers; ++layer) {
        const std::int64_t in = layer == 0 ? m_width : 2 * m_hidden;
        for (const std::string direction : {"", "_reverse"}) {
            const std::string end = "_l" + std::to_string(layer) + direction;
            all.push_back({"lstm_head.weight_ih" + end, {gates, in}, bound});
            all.push_back({"lstm_head.weight_hh" + end, {gates, m_hidden}, bound});
            all.push_back({"lstm_head.bias_ih" + end, {gates}, bound});
            all.push_back({"lstm_head.bias_hh" + end, {gates}, bound});
        }
    }
    addLinear(all, "mlp_head.0", 2 * m_hidden, 2 * m_hidden);
    addLinear(all, "mlp_head.2", 2 * m_hidden, m_width);
    return all;
}

/// Layer by layer, so that the masks between them are ours.
at::Tensor LstmEncoder::table(std::span<const at::Tensor> values, const DropoutClock& clock) const {
    at::Tensor x = values[0].unsqueeze(0); // [1, N, D]
    const at::Tensor nothing = at::zeros({2, 1, m_hidden}, x.options());
    for (std::int64_t layer = 0; layer < m_layers; ++layer) {
        if (layer > 0 && clock.isTraining && m_dropout > 0)
            x = x * dropoutMask(x.sizes(), m_dropout, clock, static_cast<std::uint32_t>(layer), x.device())
                        .to(x.scalar_type());
        const auto own = values.subspan(1 + static_cast<std::size_t>(layer) * kPerLayer, kPerLayer);
        const std::vector<at::Tensor> weights(own.begin(), own.end());
        x = std::get<0>(at::lstm(x, {nothing, nothing}, weights, /*has_biases=*/true, /*num_layers=*/1,
                                 /*dropout=*/0.0, /*train=*/at::GradMode::is_enabled(),
                                 /*bidirectional=*/true, /*batch_first=*/true));
    }
    const auto head = values.last(4);
    return at::linear(at::relu(at::linear(x.squeeze(0), head[0], head[1])), head[2], head[3]);
}

} // namespace

std::int64_t EncoderTensor::count() const {
    std::int64_t numbers = 1;
    for (const std::int64_t size : shape)
        numbers *= size;
    return numbers;
}

std::unique_ptr<PromptEncoder> makePlainEncoder(std::int64_t tokens, std::int64_t width) {
    return std::make_unique<PlainEncoder>(tokens, width);
}

std::unique_ptr<PromptEncoder> makeProjectionEncoder(std::int64_t tokens, std::int64_t in,
                                                     std::int64_t hidden, std::int64_t width) {
    return std::make_unique<ProjectionEncoder>(tokens, in, hidden, width);
}

std::unique_ptr<PromptEncoder> makeMlpEncoder(std::int64_t tokens, std::int64_t width, std::int64_t hidden) {
    return std::make_unique<MlpEncoder>(tokens, width, hidden);
}

std::unique_ptr<PromptEncoder> makeLstmEncoder(std::int64_t tokens, std::int64_t width, std::int64_t hidden,
                                               std::int64_t layers, double dropout) {
    LATHE_EXPECT(layers > 0);
    return std::make_unique<LstmEncoder>(tokens, width, hidden, layers, dropout);
}

} // namespace lathe
