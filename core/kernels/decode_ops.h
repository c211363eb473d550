#pragma once

#include <cstdint>

namespace lathe {

/// The parts of a transformer for one token, fp32 on the CPU, as plain loops over vectors: with so little
/// arithmetic, finding out what an operator has to do costs more than doing it. No gradients.
/// Letters: D width, H query heads, K key-value heads, d head size, S tokens to look at.

/// y = x Wᵀ + bias. x: [in], w: [out, in], bias: [out] or null, y: [out].
void decodeLinear(const float* x, const float* w, const float* bias, std::int64_t in, std::int64_t out,
                  float* y);

/// RMSNorm, Zhang and Sennrich 2019 (arXiv:1910.07467). x, y: [rows, D], weight: [D].
void decodeRmsNorm(const float* x, std::int64_t rows, const float* weight, std::int64_t width, double eps,
                   float* y);

/// y = silu(gate) ⊙ up, `count` values; y may be gate.
void decodeSwiglu(const float* gate, const float* up, std::int64_t count, float* y);

/// Rotary positions, half-split, in place. x: [heads, d]; cos, sin: [size / 2]; the first `size` of d
/// turn.
void decodeRotate(float* x, std::int64_t heads, std::int64_t d, const float* cos, const float* sin,
                  std::int64_t size);

/// `count` rounded up to what the vector loops read and write at a time.
inline constexpr std::int64_t decodePadded(std::int64_t count) { return (count + 15) / 16 * 16; }

/// Attention. q, out: [K, copies, d]; keys: [K, d, S padded], tokens side by side, `keyStride` apart,
/// readable to the padded end; values: [S, K, d]; mask: [S] or null, false where not to look; scratch: [K,
/// copies, S padded].
struct DecodeAttention {
    std::int64_t keyValueHeads, copies, d, tokens, keyStride;
    float scale;
};
void decodeAttention(const DecodeAttention& shape, const float* q, const float* keys, const float* values,
                     const bool* mask, float* scratch, float* out);

} // namespace lathe
