#pragma once

#include <cstdint>
#include <span>

namespace lathe {

/// The parts of a transformer for one token in each row of a batch, fp32 on the CPU. Unlike anywhere else the
/// rows lie innermost: an activation of width D is [D, L], one row a lane, so that each weight and each
/// address is read once for all rows and nothing is summed across a vector. Lanes past the last row hold
/// whatever comes of zeros. All [..., L] begin at multiples of 64 bytes. No gradients.
/// Letters: L lanes, D width, H query heads, K key-value heads, d head size, S tokens to look at.

inline constexpr std::int64_t kBatchRows = 16;

/// Keys are read, though not used, so many tokens past the last.
inline constexpr std::int64_t kBatchSlack = 7;

/// L for so many rows, 1 to kBatchRows: 4, 8 or 16.
[[nodiscard]] std::int64_t batchLanes(std::int64_t rows);

/// One projection of many: weight [out, in], bias [out] or null, y [out, L].
struct BatchLinear {
    const float* weight = nullptr;
    const float* bias = nullptr;
    std::int64_t out = 0;
    float* y = nullptr;
};
/// y = x Wᵀ + bias for each of `linears`. x: [in, L].
void batchLinear(std::int64_t lanes, const float* x, std::int64_t in, std::span<const BatchLinear> linears);
/// The same for one, added to y.
void batchAddLinear(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& linear);
/// y = silu(x Wᵀ + bias) ⊙ (x Uᵀ + bias'), W of `gate`, U of `up`, into gate.y; of one width.
void batchGatedLinear(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& gate,
                      const BatchLinear& up);

/// RMSNorm, Zhang and Sennrich 2019 (arXiv:1910.07467), of each of `groups`. x, y: [groups, D, L], weight:
/// [D]. y may be x.
void batchRmsNorm(std::int64_t lanes, const float* x, std::int64_t groups, const float* weight,
                  std::int64_t width, double eps, float* y);

/// Rotary positions, half-split, in place. x: [heads, d, L]; cos, sin: [size / 2, L]; the first `size` of d
/// turn.
void batchRotate(std::int64_t lanes, float* x, std::int64_t heads, std::int64_t d, const float* cos,
                 const float* sin, std::int64_t size);

/// Attention. q, out: [K, copies, d, L]; keys, values: [S, K, d, L]; bias: [S, L], 0 or -infinity where not
/// to look, or null; scratch: [K, copies, S, L].
struct BatchAttention {
    std::int64_t keyValueHeads, copies, d, tokens;
    float scale;
};
void batchAttention(std::int64_t lanes, const BatchAttention& shape, const float* q, const float* keys,
                    const float* values, const float* bias, float* scratch, float* out);

/// The first of the largest of each row. scores: [V, L], ids: [L].
void batchLikeliest(std::int64_t lanes, const float* scores, std::int64_t count, std::int32_t* ids);

/// Rows of a table side by side: y[i, r] = table[ids[r], i]; zeros in the lanes past the last. y: [width, L].
void batchGather(std::int64_t lanes, const float* table, std::span<const std::int64_t> ids,
                 std::int64_t width, float* y);

/// to[r, i] = from[i, r] for the first `rows` lanes. to: [rows, count], rows `stride` apart.
void batchToRows(std::int64_t lanes, const float* from, std::int64_t count, std::int64_t rows, float* to,
                 std::int64_t stride);
/// to[i, r] = from[r, i]; zeros in the lanes past `rows`.
void batchFromRows(std::int64_t lanes, const float* from, std::int64_t count, std::int64_t rows,
                   std::int64_t stride, float* to);
/// Puts lane rows[r] of each of `count` vectors into lane r, in place. x: [count, L].
void batchTakeRows(std::int64_t lanes, float* x, std::int64_t count, std::span<const std::int64_t> rows);

} // namespace lathe
