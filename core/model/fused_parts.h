#pragma once

#include "core/model/language_model.h"
#include "core/model/transformer_spec.h"

#include <cstdint>
#include <vector>

namespace lathe {

/// What the fused steps read of a model: where its weights lie, and how wide they are.
/// Letters: B rows, D width, H query heads, K key-value heads, d head size, F width of the MLP, V vocabulary.

struct FusedLinear {
    const float* weight = nullptr; // [out, in]
    const float* bias = nullptr;   // [out] or null
    std::int64_t in = 0, out = 0;
};

struct FusedNorm {
    const float* weight = nullptr; // null: none
    double eps = 0;
};

struct FusedLayer {
    FusedNorm attentionNorm, mlpNorm, queryNorm, keyNorm;
    FusedLinear q, k, v, output, gate, up, down;
    std::int64_t heads = 0, keyValueHeads = 0, d = 0, window = 0;
    float scale = 1;

    [[nodiscard]] std::int64_t copies() const { return heads / keyValueHeads; }
    /// The first of `length` tokens that the last one looks at.
    [[nodiscard]] std::int64_t firstSeen(std::int64_t length) const {
        return window > 0 && window < length ? length - window : 0;
    }
};

struct FusedModel {
    std::int64_t width = 0, vocabulary = 0;
    const float* embedding = nullptr; // [V, D]
    std::vector<FusedLayer> layers;
    FusedNorm finalNorm;
    FusedLinear head;
    RopeSpec rope;

    /// The largest `size(layer)`.
    template <typename F>
    [[nodiscard]] std::int64_t most(F size) const {
        std::int64_t result = 0;
        for (const FusedLayer& layer : layers)
            result = size(layer) > result ? size(layer) : result;
        return result;
    }
};

/// Whether the fused steps have all parts of such a model.
[[nodiscard]] bool isFusable(const ModelSpec& spec);
/// Contract: isFusable(spec). The model outlives what is returned.
[[nodiscard]] FusedModel fusedModelOf(const ModelSpec& spec, const LanguageModel& model);

/// Cosines and sines of the rotary positions, a row a position; made as positions come.
class Turns {
public:
    explicit Turns(const RopeSpec& spec);

    /// Numbers of a head that turn.
    [[nodiscard]] std::int64_t size() const { return 2 * half(); }
    [[nodiscard]] std::int64_t half() const { return static_cast<std::int64_t>(m_frequencies.size()); }
    /// [size / 2], valid until the next call.
    [[nodiscard]] const float* cos(std::int64_t position);
    [[nodiscard]] const float* sin(std::int64_t position);

private:
    void extend(std::int64_t position);

    std::vector<double> m_frequencies;
    float m_factor;
    std::int64_t m_positions = 0;
    std::vector<float> m_cos, m_sin;
};

} // namespace lathe
