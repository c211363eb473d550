#include "core/kernels/decode_ops.h"

#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace lathe {

namespace {

constexpr std::int64_t kLanes = kLanesOf<Lanes>;
/// A second thread is worth waking for so many multiplications.
constexpr std::int64_t kGrain = 1 << 17;

LATHE_INLINE Quarter folded(const Lanes& x) {
    Quarter parts[4];
    std::memcpy(parts, &x, sizeof parts);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}
LATHE_INLINE float sum(const Lanes& x) {
    const Quarter q = folded(x);
    return (q[0] + q[2]) + (q[1] + q[3]);
}
/// The sums of four at once: a transposition costs less than four sums across lanes.
LATHE_INLINE Quarter sums(const Lanes (&x)[4]) {
    const Quarter a = folded(x[0]);
    const Quarter b = folded(x[1]);
    const Quarter c = folded(x[2]);
    const Quarter d = folded(x[3]);
    const Quarter ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Quarter cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/// Outputs begin … end for one row: dot products, four at a time, so that each x is read once for four.
LATHE_WIDE void linearOneRow(const float* x, const float* w, std::int64_t in, std::int64_t begin,
                             std::int64_t end, float* y) {
    for (std::int64_t o = begin; o < end; o += 4) {
        const std::int64_t count = std::min<std::int64_t>(4, end - o);
        const float* rows[4];
        for (std::int64_t r = 0; r < 4; ++r)
            rows[r] = w + (o + std::min(r, count - 1)) * in;
        Lanes partial[4] = {};
        std::int64_t i = 0;
        for (; i + kLanes <= in; i += kLanes) {
            Lanes values;
            load(x + i, values);
            for (int r = 0; r < 4; ++r) {
                Lanes weights;
                load(rows[r] + i, weights);
                partial[r] += weights * values;
            }
        }
        const Quarter whole = sums(partial);
        for (std::int64_t r = 0; r < count; ++r) {
            float total = whole[r];
            for (std::int64_t rest = i; rest < in; ++rest)
                total += rows[r][rest] * x[rest];
            y[o + r] = total;
        }
    }
}

LATHE_WIDE void swiglu(const float* gate, const float* up, std::int64_t begin, std::int64_t end, float* y) {
    for (std::int64_t i = begin; i < end; i += kLanes) {
        const auto bytes = static_cast<std::size_t>(std::min(kLanes, end - i)) * sizeof(float);
        Lanes g = {};
        Lanes u = {};
        std::memcpy(&g, gate + i, bytes);
        std::memcpy(&u, up + i, bytes);
        Lanes e = -g;
        exponential(e);
        const Lanes result = g / (1.0F + e) * u;
        std::memcpy(y + i, &result, bytes);
    }
}

LATHE_WIDE void rmsNormRow(const float* x, const float* weight, std::int64_t width, double eps, float* y) {
    Lanes squares = {};
    std::int64_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
        Lanes values;
        load(x + i, values);
        squares += values * values;
    }
    float total = sum(squares);
    for (; i < width; ++i)
        total += x[i] * x[i];
    const float scale = 1.0F / std::sqrt(total / static_cast<float>(width) + static_cast<float>(eps));
    for (i = 0; i < width; ++i)
        y[i] = weight[i] * (x[i] * scale);
}

/// exp(score - largest) in place of `count` scores. Returns their sum.
LATHE_INLINE float exponentials(float* scores, std::int64_t count) {
    Lanes tops = Lanes{} - std::numeric_limits<float>::infinity();
    for (std::int64_t s = 0; s < count; s += kLanes) {
        Lanes values;
        load(scores + s, values);
        tops = values > tops ? values : tops;
    }
    float top = tops[0];
    for (int i = 1; i < kLanes; ++i)
        top = std::max(top, tops[i]);
    Lanes total = {};
    for (std::int64_t s = 0; s < count; s += kLanes) {
        Lanes values;
        load(scores + s, values);
        const Whole<Lanes> isOut = values == -std::numeric_limits<float>::infinity();
        values -= top;
        exponential(values);
        values = isOut ? Lanes{} : values;
        total += values;
        store(scores + s, values);
    }
    return sum(total);
}

/// Scores of whole lanes of tokens, out of keys with the tokens side by side; those past the end are ruled
/// out.
LATHE_INLINE void scoresOfHead(const DecodeAttention& a, const float* q, const float* keys, const bool* mask,
                               float* scores) {
    for (std::int64_t s = 0; s < a.tokens; s += kLanes) {
        Lanes total = {};
        for (std::int64_t i = 0; i < a.d; ++i) {
            Lanes k;
            load(keys + i * a.keyStride + s, k);
            total += q[i] * k;
        }
        total *= a.scale;
        store(scores + s, total);
    }
    for (std::int64_t s = a.tokens; s % kLanes != 0; ++s)
        scores[s] = -std::numeric_limits<float>::infinity();
    if (mask != nullptr)
        for (std::int64_t s = 0; s < a.tokens; ++s)
            if (!mask[s])
                scores[s] = -std::numeric_limits<float>::infinity();
}

/// out[i …] = factor Σ shares[s] values[s][i …], a vector's width of them.
template <typename V>
LATHE_INLINE void mix(const DecodeAttention& a, const float* values, const float* shares, float factor,
                      float* out) {
    V partial[4] = {}; // four, so that no sum waits for the one before
    std::int64_t s = 0;
    for (; s + 4 <= a.tokens; s += 4)
        for (int j = 0; j < 4; ++j) {
            V value;
            std::memcpy(&value, values + (s + j) * a.keyValueHeads * a.d, sizeof(V));
            partial[j] += shares[s + j] * value;
        }
    for (; s < a.tokens; ++s) {
        V value;
        std::memcpy(&value, values + s * a.keyValueHeads * a.d, sizeof(V));
        partial[0] += shares[s] * value;
    }
    const V result = ((partial[0] + partial[1]) + (partial[2] + partial[3])) * factor;
    std::memcpy(out, &result, sizeof(V));
}

LATHE_WIDE void attentionOfHead(const DecodeAttention& a, const float* q, const float* keys,
                                const float* values, const bool* mask, float* scores, float* out) {
    scoresOfHead(a, q, keys, mask, scores);
    const float factor = 1.0F / exponentials(scores, a.tokens);
    std::int64_t i = 0;
    for (; i + kLanes <= a.d; i += kLanes)
        mix<Lanes>(a, values + i, scores, factor, out + i);
    for (; i + kLanes / 2 <= a.d; i += kLanes / 2)
        mix<HalfLanes>(a, values + i, scores, factor, out + i);
    for (; i < a.d; ++i) {
        float total = 0;
        for (std::int64_t s = 0; s < a.tokens; ++s)
            total += scores[s] * values[s * a.keyValueHeads * a.d + i];
        out[i] = total * factor;
    }
}

} // namespace

void decodeLinear(const float* x, const float* w, const float* bias, std::int64_t in, std::int64_t out,
                  float* y) {
    const std::int64_t grain = std::max<std::int64_t>(8, kGrain / in / 8 * 8);
    at::parallel_for(0, out, grain,
                     [=](std::int64_t begin, std::int64_t end) { linearOneRow(x, w, in, begin, end, y); });
    if (bias != nullptr)
        for (std::int64_t o = 0; o < out; ++o)
            y[o] += bias[o];
}

void decodeRmsNorm(const float* x, std::int64_t rows, const float* weight, std::int64_t width, double eps,
                   float* y) {
    for (std::int64_t row = 0; row < rows; ++row)
        rmsNormRow(x + row * width, weight, width, eps, y + row * width);
}

void decodeSwiglu(const float* gate, const float* up, std::int64_t count, float* y) {
    at::parallel_for(0, count, kGrain / 8,
                     [=](std::int64_t begin, std::int64_t end) { swiglu(gate, up, begin, end, y); });
}

void decodeRotate(float* x, std::int64_t heads, std::int64_t d, const float* cos, const float* sin,
                  std::int64_t size) {
    const std::int64_t half = size / 2;
    for (std::int64_t head = 0; head < heads; ++head, x += d)
        for (std::int64_t i = 0; i < half; ++i) {
            const float first = x[i];
            const float second = x[i + half];
            x[i] = first * cos[i] - second * sin[i];
            x[i + half] = second * cos[i] + first * sin[i];
        }
}

void decodeAttention(const DecodeAttention& shape, const float* q, const float* keys, const float* values,
                     const bool* mask, float* scratch, float* out) {
    const std::int64_t cost = 2 * shape.tokens * shape.d;
    at::parallel_for(0, shape.keyValueHeads * shape.copies, std::max<std::int64_t>(1, kGrain / cost),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t head = begin; head < end; ++head)
                             attentionOfHead(shape, q + head * shape.d,
                                             keys + head / shape.copies * shape.d * shape.keyStride,
                                             values + head / shape.copies * shape.d, mask,
                                             scratch + head * decodePadded(shape.tokens),
                                             out + head * shape.d);
                     });
}

} // namespace lathe
