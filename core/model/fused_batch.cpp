#include "core/kernels/aligned_floats.h"
#include "core/kernels/batch_decode_ops.h"
#include "core/model/fused_step.h"

#include <ATen/ops/empty.h>
#include <algorithm>
#include <array>
#include <limits>

namespace lathe {

namespace {

/// Letters as in batch_decode_ops.h: L lanes.

struct KeptLayer {
    AlignedFloats keys, values; // [S, K, d, L]
};

class FusedBatch final : public FusedStep {
public:
    FusedBatch(FusedModel model, std::int64_t rows)
        : m_model(std::move(model)),
          m_rows(rows),
          m_lanes(batchLanes(rows)),
          m_turns(m_model.rope),
          m_layers(m_model.layers.size()),
          m_x(floats(m_model.width)),
          m_normed(m_x.size()),
          m_q(floats(m_model.most([](const FusedLayer& layer) { return layer.q.out; }))),
          m_mixed(m_q.size()),
          m_gate(floats(m_model.most([](const FusedLayer& layer) { return layer.gate.out; }))),
          m_logits(floats(m_model.head.out)),
          m_cos(floats(m_turns.half())),
          m_sin(m_cos.size()),
          m_likeliest(static_cast<std::size_t>(rows)) {}

    void read(std::int64_t place, std::span<const std::int64_t> tokens,
              std::span<const std::int64_t> positions, const at::Tensor& mask) override;
    at::Tensor logits() override;
    std::span<const std::int64_t> likeliest() override;
    void reserve(std::int64_t tokens) override {
        for (std::size_t number = 0; number < m_layers.size(); ++number)
            makeRoom(m_model.layers[number], m_layers[number], tokens);
    }
    void put(std::size_t layer, const at::Tensor& keys, const at::Tensor& values) override;
    std::pair<at::Tensor, at::Tensor> taken(std::size_t layer, std::int64_t tokens) const override;
    void takeRows(std::span<const std::int64_t> rows, std::int64_t tokens) override;

private:
    /// Floats of [count, L].
    [[nodiscard]] std::size_t floats(std::int64_t count) const {
        return static_cast<std::size_t>(count * m_lanes);
    }
    void normalize(const FusedNorm& norm) {
        batchRmsNorm(m_lanes, m_x.data(), 1, norm.weight, m_model.width, norm.eps, m_normed.data());
    }
    void addToStream(const FusedLinear& linear, const AlignedFloats& from) {
        batchAddLinear(m_lanes, from.data(), linear.in, into(linear, m_x.data()));
    }
    static BatchLinear into(const FusedLinear& linear, float* y) {
        return {linear.weight, linear.bias, linear.out, y};
    }
    void setTurns(std::span<const std::int64_t> positions);
    void setBias(const at::Tensor& mask, std::int64_t tokens);
    void makeRoom(const FusedLayer& layer, KeptLayer& kept, std::int64_t tokens) const;
    void readHeads(const FusedLayer& layer, KeptLayer& kept, std::int64_t place);
    void attend(const FusedLayer& layer, const KeptLayer& kept, std::int64_t tokens, const float* bias);

    FusedModel m_model;
    std::int64_t m_rows, m_lanes;
    Turns m_turns;
    std::vector<KeptLayer> m_layers;
    AlignedFloats m_x, m_normed;        // [D, L]
    AlignedFloats m_q, m_mixed, m_gate; // [H d, L], [H d, L], [F, L]
    AlignedFloats m_logits;             // [V, L]
    AlignedFloats m_cos, m_sin;         // [size / 2, L]
    AlignedFloats m_bias;               // [S, L]: -infinity on padding
    std::int64_t m_biased = 0;          // tokens that it is made of
    AlignedFloats m_scores;             // [H, S, L]
    std::vector<std::int64_t> m_likeliest;
};

/// A row's cosines and sines into its lane.
void FusedBatch::setTurns(std::span<const std::int64_t> positions) {
    for (std::size_t row = 0; row < positions.size(); ++row) {
        const float* cos = m_turns.cos(positions[row]);
        const float* sin = m_turns.sin(positions[row]);
        float* toCos = m_cos.data() + row;
        float* toSin = m_sin.data() + row;
        for (std::int64_t i = 0; i < m_turns.half(); ++i) {
            toCos[i * m_lanes] = cos[i];
            toSin[i * m_lanes] = sin[i];
        }
    }
}

void FusedBatch::setBias(const at::Tensor& mask, std::int64_t tokens) {
    m_bias.ensure(floats(tokens));
    const bool* seen = mask.const_data_ptr<bool>();
    for (std::int64_t row = 0; row < m_rows; ++row)
        for (std::int64_t s = m_biased; s < tokens; ++s)
            m_bias.data()[s * m_lanes + row] =
                seen[row * mask.stride(0) + s] ? 0.0F : -std::numeric_limits<float>::infinity();
    m_biased = tokens;
}

void FusedBatch::makeRoom(const FusedLayer& layer, KeptLayer& kept, std::int64_t tokens) const {
    kept.keys.ensure(floats((tokens + kBatchSlack) * layer.k.out));
    kept.values.ensure(floats(tokens * layer.v.out));
}

/// Queries, and keys and values into their place.
void FusedBatch::readHeads(const FusedLayer& layer, KeptLayer& kept, std::int64_t place) {
    makeRoom(layer, kept, place + 1);
    float* q = m_q.data();
    float* k = kept.keys.data() + place * layer.k.out * m_lanes;
    float* v = kept.values.data() + place * layer.v.out * m_lanes;
    const std::array linears{into(layer.q, q), into(layer.k, k), into(layer.v, v)};
    batchLinear(m_lanes, m_normed.data(), layer.q.in, linears);
    if (layer.queryNorm.weight != nullptr)
        batchRmsNorm(m_lanes, q, layer.heads, layer.queryNorm.weight, layer.d, layer.queryNorm.eps, q);
    if (layer.keyNorm.weight != nullptr)
        batchRmsNorm(m_lanes, k, layer.keyValueHeads, layer.keyNorm.weight, layer.d, layer.keyNorm.eps, k);
    batchRotate(m_lanes, q, layer.heads, layer.d, m_cos.data(), m_sin.data(), m_turns.size());
    batchRotate(m_lanes, k, layer.keyValueHeads, layer.d, m_cos.data(), m_sin.data(), m_turns.size());
}

void FusedBatch::attend(const FusedLayer& layer, const KeptLayer& kept, std::int64_t tokens,
                        const float* bias) {
    const std::int64_t first = layer.firstSeen(tokens);
    const BatchAttention shape{layer.keyValueHeads, layer.copies(), layer.d, tokens - first, layer.scale};
    m_scores.ensure(floats(layer.heads * tokens));
    const std::int64_t place = first * layer.k.out * m_lanes;
    batchAttention(m_lanes, shape, m_q.data(), kept.keys.data() + place, kept.values.data() + place,
                   bias == nullptr ? nullptr : bias + first * m_lanes, m_scores.data(), m_mixed.data());
}

void FusedBatch::read(std::int64_t place, std::span<const std::int64_t> tokens,
                      std::span<const std::int64_t> positions, const at::Tensor& mask) {
    batchGather(m_lanes, m_model.embedding, tokens, m_model.width, m_x.data());
    setTurns(positions);
    if (mask.defined())
        setBias(mask, place + 1);
    for (std::size_t number = 0; number < m_layers.size(); ++number) {
        const FusedLayer& layer = m_model.layers[number];
        normalize(layer.attentionNorm);
        readHeads(layer, m_layers[number], place);
        attend(layer, m_layers[number], place + 1, mask.defined() ? m_bias.data() : nullptr);
        addToStream(layer.output, m_mixed);
        normalize(layer.mlpNorm);
        batchGatedLinear(m_lanes, m_normed.data(), layer.gate.in, into(layer.gate, m_gate.data()),
                         into(layer.up, nullptr));
        addToStream(layer.down, m_gate);
    }
    normalize(m_model.finalNorm);
    const std::array head{into(m_model.head, m_logits.data())};
    batchLinear(m_lanes, m_normed.data(), m_model.head.in, head);
}

at::Tensor FusedBatch::logits() {
    at::Tensor rows = at::empty({m_rows, m_model.head.out}, at::kFloat);
    batchToRows(m_lanes, m_logits.data(), m_model.head.out, m_rows, rows.data_ptr<float>(), m_model.head.out);
    return rows;
}

std::span<const std::int64_t> FusedBatch::likeliest() {
    std::array<std::int32_t, kBatchRows> ids;
    batchLikeliest(m_lanes, m_logits.data(), m_model.head.out, ids.data());
    std::copy_n(ids.begin(), m_likeliest.size(), m_likeliest.begin());
    return m_likeliest;
}

void FusedBatch::put(std::size_t layer, const at::Tensor& keys, const at::Tensor& values) {
    KeptLayer& kept = m_layers[layer];
    makeRoom(m_model.layers[layer], kept, keys.size(2));
    const auto copy = [&](const at::Tensor& from, AlignedFloats& to) {
        for (std::int64_t s = 0; s < from.size(2); ++s)
            for (std::int64_t head = 0; head < from.size(1); ++head)
                batchFromRows(m_lanes,
                              from.const_data_ptr<float>() + head * from.stride(1) + s * from.stride(2),
                              from.size(3), m_rows, from.stride(0),
                              to.data() + (s * from.size(1) + head) * from.size(3) * m_lanes);
    };
    copy(keys, kept.keys);
    copy(values, kept.values);
}

std::pair<at::Tensor, at::Tensor> FusedBatch::taken(std::size_t layer, std::int64_t tokens) const {
    const std::int64_t heads = m_model.layers[layer].keyValueHeads;
    const std::int64_t d = m_model.layers[layer].d;
    const auto copied = [&](const AlignedFloats& from) {
        at::Tensor to = at::empty({m_rows, heads, tokens, d}, at::kFloat);
        for (std::int64_t s = 0; s < tokens; ++s)
            for (std::int64_t head = 0; head < heads; ++head)
                batchToRows(m_lanes, from.data() + (s * heads + head) * d * m_lanes, d, m_rows,
                            to.data_ptr<float>() + head * to.stride(1) + s * d, to.stride(0));
        return to;
    };
    return {copied(m_layers[layer].keys), copied(m_layers[layer].values)};
}

void FusedBatch::takeRows(std::span<const std::int64_t> rows, std::int64_t tokens) {
    for (std::size_t number = 0; number < m_layers.size(); ++number) {
        const FusedLayer& layer = m_model.layers[number];
        batchTakeRows(m_lanes, m_layers[number].keys.data(), tokens * layer.k.out, rows);
        batchTakeRows(m_lanes, m_layers[number].values.data(), tokens * layer.v.out, rows);
    }
    batchTakeRows(m_lanes, m_bias.data(), m_biased, rows);
}

} // namespace

std::unique_ptr<FusedStep> fusedBatch(FusedModel model, std::int64_t rows) {
    return std::make_unique<FusedBatch>(std::move(model), rows);
}

} // namespace lathe
