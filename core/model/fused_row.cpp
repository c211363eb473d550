#include "core/kernels/aligned_floats.h"
#include "core/kernels/decode_ops.h"
#include "core/model/fused_step.h"
#include "core/model/sampling.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <algorithm>

namespace lathe {

namespace {

std::size_t countOf(std::int64_t count) { return static_cast<std::size_t>(count); }

struct KeptLayer {
    AlignedFloats keys;    // [K, d, room]: tokens side by side, so that scores need no sums across a vector
    std::int64_t room = 0; // more than the tokens by a whole vector at least: a window may begin anywhere
    AlignedFloats values;  // [S, K, d]
};

class FusedRow final : public FusedStep {
public:
    explicit FusedRow(FusedModel model)
        : m_model(std::move(model)),
          m_turns(m_model.rope),
          m_layers(m_model.layers.size()),
          m_logits(at::empty({1, m_model.head.out}, at::kFloat)),
          m_x(countOf(m_model.width)),
          m_normed(m_x.size()),
          m_added(m_x.size()),
          m_q(countOf(m_model.most([](const FusedLayer& layer) { return layer.q.out; }))),
          m_k(countOf(m_model.most([](const FusedLayer& layer) { return layer.k.out; }))),
          m_mixed(m_q.size()),
          m_gate(countOf(m_model.most([](const FusedLayer& layer) { return layer.gate.out; }))),
          m_up(m_gate.size()) {}

    void read(std::int64_t place, std::span<const std::int64_t> tokens,
              std::span<const std::int64_t> positions, const at::Tensor& mask) override;
    at::Tensor logits() override { return m_logits; }
    std::span<const std::int64_t> likeliest() override {
        m_likeliest = likeliestToken({m_logits.const_data_ptr<float>(), countOf(m_logits.size(1))});
        return {&m_likeliest, 1};
    }
    void reserve(std::int64_t tokens) override {
        for (std::size_t number = 0; number < m_layers.size(); ++number)
            makeRoom(m_model.layers[number], m_layers[number], tokens);
    }
    void put(std::size_t layer, const at::Tensor& keys, const at::Tensor& values) override;
    std::pair<at::Tensor, at::Tensor> taken(std::size_t layer, std::int64_t tokens) const override;
    void takeRows(std::span<const std::int64_t>, std::int64_t) override {} // the only one

private:
    static void apply(const FusedLinear& linear, const AlignedFloats& from, float* to) {
        decodeLinear(from.data(), linear.weight, linear.bias, linear.in, linear.out, to);
    }
    void normalize(const FusedNorm& norm) {
        decodeRmsNorm(m_x.data(), 1, norm.weight, m_model.width, norm.eps, m_normed.data());
    }
    void addToStream(const FusedLinear& linear, const AlignedFloats& from) {
        apply(linear, from, m_added.data());
        for (std::int64_t i = 0; i < m_model.width; ++i)
            m_x.data()[i] += m_added.data()[i];
    }
    void makeRoom(const FusedLayer& layer, KeptLayer& kept, std::int64_t tokens) const;
    void readHeads(const FusedLayer& layer, KeptLayer& kept, std::int64_t place, std::int64_t position);
    void attend(const FusedLayer& layer, const KeptLayer& kept, std::int64_t tokens, const bool* mask);

    FusedModel m_model;
    Turns m_turns;
    std::vector<KeptLayer> m_layers;
    at::Tensor m_logits; // [1, V]
    std::int64_t m_likeliest = 0;
    AlignedFloats m_x, m_normed, m_added; // [D]
    AlignedFloats m_q, m_k, m_mixed;      // [H d], [K d], [H d]
    AlignedFloats m_gate, m_up;           // [F]
    AlignedFloats m_scores;               // [H, S padded]
};

void FusedRow::makeRoom(const FusedLayer& layer, KeptLayer& kept, std::int64_t tokens) const {
    kept.values.ensure(countOf(tokens * layer.k.out));
    if (kept.room >= tokens + decodePadded(1))
        return;
    const std::int64_t room = decodePadded(std::max(tokens, 2 * kept.room)) + decodePadded(1);
    AlignedFloats keys(countOf(layer.k.out * room));
    for (std::int64_t i = 0; i < layer.k.out; ++i)
        std::copy_n(kept.keys.data() + i * kept.room, kept.room, keys.data() + i * room);
    kept.keys = std::move(keys);
    kept.room = room;
}

void FusedRow::readHeads(const FusedLayer& layer, KeptLayer& kept, std::int64_t place,
                         std::int64_t position) {
    makeRoom(layer, kept, place + 1);
    apply(layer.q, m_normed, m_q.data());
    apply(layer.k, m_normed, m_k.data());
    apply(layer.v, m_normed, kept.values.data() + place * layer.v.out);
    float* q = m_q.data();
    float* k = m_k.data();
    if (layer.queryNorm.weight != nullptr)
        decodeRmsNorm(q, layer.heads, layer.queryNorm.weight, layer.d, layer.queryNorm.eps, q);
    if (layer.keyNorm.weight != nullptr)
        decodeRmsNorm(k, layer.keyValueHeads, layer.keyNorm.weight, layer.d, layer.keyNorm.eps, k);
    const float* cos = m_turns.cos(position);
    const float* sin = m_turns.sin(position);
    decodeRotate(q, layer.heads, layer.d, cos, sin, m_turns.size());
    decodeRotate(k, layer.keyValueHeads, layer.d, cos, sin, m_turns.size());
    for (std::int64_t i = 0; i < layer.k.out; ++i)
        kept.keys.data()[i * kept.room + place] = k[i];
}

void FusedRow::attend(const FusedLayer& layer, const KeptLayer& kept, std::int64_t tokens, const bool* mask) {
    const std::int64_t first = layer.firstSeen(tokens);
    const DecodeAttention shape{layer.keyValueHeads, layer.copies(), layer.d,
                                tokens - first,      kept.room,      layer.scale};
    m_scores.ensure(countOf(layer.heads * decodePadded(tokens)));
    decodeAttention(shape, m_q.data(), kept.keys.data() + first, kept.values.data() + first * layer.v.out,
                    mask == nullptr ? nullptr : mask + first, m_scores.data(), m_mixed.data());
}

void FusedRow::read(std::int64_t place, std::span<const std::int64_t> tokens,
                    std::span<const std::int64_t> positions, const at::Tensor& mask) {
    std::copy_n(m_model.embedding + tokens[0] * m_model.width, m_model.width, m_x.data());
    const bool* seen = mask.defined() ? mask.const_data_ptr<bool>() : nullptr;
    for (std::size_t number = 0; number < m_layers.size(); ++number) {
        const FusedLayer& layer = m_model.layers[number];
        normalize(layer.attentionNorm);
        readHeads(layer, m_layers[number], place, positions[0]);
        attend(layer, m_layers[number], place + 1, seen);
        addToStream(layer.output, m_mixed);
        normalize(layer.mlpNorm);
        apply(layer.gate, m_normed, m_gate.data());
        apply(layer.up, m_normed, m_up.data());
        decodeSwiglu(m_gate.data(), m_up.data(), layer.gate.out, m_gate.data());
        addToStream(layer.down, m_gate);
    }
    normalize(m_model.finalNorm);
    apply(m_model.head, m_normed, m_logits.data_ptr<float>());
}

void FusedRow::put(std::size_t layer, const at::Tensor& keys, const at::Tensor& values) {
    KeptLayer& kept = m_layers[layer];
    const std::int64_t heads = keys.size(1);
    const std::int64_t d = keys.size(3);
    makeRoom(m_model.layers[layer], kept, keys.size(2));
    for (std::int64_t head = 0; head < heads; ++head)
        for (std::int64_t s = 0; s < keys.size(2); ++s) {
            const float* key = keys.const_data_ptr<float>() + head * keys.stride(1) + s * keys.stride(2);
            const float* value =
                values.const_data_ptr<float>() + head * values.stride(1) + s * values.stride(2);
            for (std::int64_t i = 0; i < d; ++i)
                kept.keys.data()[(head * d + i) * kept.room + s] = key[i];
            std::copy_n(value, d, kept.values.data() + (s * heads + head) * d);
        }
}

std::pair<at::Tensor, at::Tensor> FusedRow::taken(std::size_t layer, std::int64_t tokens) const {
    const KeptLayer& kept = m_layers[layer];
    const std::int64_t heads = m_model.layers[layer].keyValueHeads;
    const std::int64_t d = m_model.layers[layer].d;
    const at::Tensor keys = at::empty({1, heads, tokens, d}, at::kFloat);
    const at::Tensor values = at::empty_like(keys);
    float* key = keys.data_ptr<float>();
    float* value = values.data_ptr<float>();
    for (std::int64_t head = 0; head < heads; ++head)
        for (std::int64_t s = 0; s < tokens; ++s, key += d, value += d) {
            for (std::int64_t i = 0; i < d; ++i)
                key[i] = kept.keys.data()[(head * d + i) * kept.room + s];
            std::copy_n(kept.values.data() + (s * heads + head) * d, d, value);
        }
    return {keys, values};
}

} // namespace

std::unique_ptr<FusedStep> fusedRow(FusedModel model) { return std::make_unique<FusedRow>(std::move(model)); }

} // namespace lathe
