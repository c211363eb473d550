#include "core/kernels/decode_ops.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

// One binary for all x86-64 machines: the loader picks the widest version that the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define LATHE_WIDE __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LATHE_WIDE
#endif
#define LATHE_INLINE inline __attribute__((always_inline))

namespace lathe {

namespace {

constexpr std::int64_t kLanes = 16;
/// Sixteen numbers that the compiler keeps in one, two or four registers, as the processor has them.
using Lanes = float __attribute__((vector_size(64)));
using HalfLanes = float __attribute__((vector_size(32)));
using Whole = std::int32_t __attribute__((vector_size(64)));

/// A second thread is worth waking for so many multiplications.
constexpr std::int64_t kGrain = 1 << 17;

LATHE_INLINE void load(const float* from, Lanes& to) { std::memcpy(&to, from, sizeof(Lanes)); }
LATHE_INLINE void store(float* to, const Lanes& from) { std::memcpy(to, &from, sizeof(Lanes)); }
LATHE_INLINE float sum(const Lanes& x) {
    float half[8];
    for (int i = 0; i < 8; ++i)
        half[i] = x[i] + x[i + 8];
    return ((half[0] + half[4]) + (half[2] + half[6])) + ((half[1] + half[5]) + (half[3] + half[7]));
}

/// e^x to 2e-7 relative for x in [-87, 88]: 2^n times a polynomial of the rest (Cephes' expf).
LATHE_INLINE void exponential(Lanes& x) {
    x = x < -87.0F ? Lanes{} - 87.0F : x;
    x = x > 88.0F ? Lanes{} + 88.0F : x;
    const Lanes scaled = x * 1.44269504088896341F;
    const Whole n =
        __builtin_convertvector(scaled + (scaled < 0.0F ? Lanes{} - 0.5F : Lanes{} + 0.5F), Whole);
    const Lanes whole = __builtin_convertvector(n, Lanes);
    const Lanes r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
    Lanes p = r * 1.9875691500e-4F + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1.0F;
    const Whole power = (n + 127) << 23;
    Lanes factor;
    std::memcpy(&factor, &power, sizeof factor);
    x = p * factor;
}

/// Outputs begin … end for one row: dot products, four at a time, so that each x is read once for four.
LATHE_WIDE void linearOneRow(const float* x, const float* w, std::int64_t in, std::int64_t begin,
                             std::int64_t end, float* y) {
    for (std::int64_t o = begin; o < end; o += 4) {
        const std::int64_t count = std::min<std::int64_t>(4, end - o);
        const float* rows[4];
        for (std::int64_t r = 0; r < 4; ++r)
            rows[r] = w + (o + std::min(r, count - 1)) * in;
        Lanes sums[4] = {};
        std::int64_t i = 0;
        for (; i + kLanes <= in; i += kLanes) {
            Lanes values;
            load(x + i, values);
            for (int r = 0; r < 4; ++r) {
                Lanes weights;
                load(rows[r] + i, weights);
                sums[r] += weights * values;
            }
        }
        for (std::int64_t r = 0; r < count; ++r) {
            float total = sum(sums[r]);
            for (std::int64_t rest = i; rest < in; ++rest)
                total += rows[r][rest] * x[rest];
            y[o + r] = total;
        }
    }
}

/// The same for up to 16 rows, one a lane: xT: [in, 16]. No sums across lanes, each weight is read once.
LATHE_WIDE void linearManyRows(const float* xT, std::int64_t rows, const float* w, std::int64_t in,
                               std::int64_t out, std::int64_t begin, std::int64_t end, float* y) {
    for (std::int64_t o = begin; o < end; o += 8) {
        const std::int64_t count = std::min<std::int64_t>(8, end - o);
        const float* weights[8];
        for (std::int64_t r = 0; r < 8; ++r)
            weights[r] = w + (o + std::min(r, count - 1)) * in;
        Lanes sums[8] = {};
        for (std::int64_t i = 0; i < in; ++i) {
            Lanes values;
            load(xT + i * kLanes, values);
            for (int r = 0; r < 8; ++r)
                sums[r] += weights[r][i] * values;
        }
        for (std::int64_t r = 0; r < count; ++r)
            for (std::int64_t row = 0; row < rows; ++row)
                y[row * out + o + r] = sums[r][row];
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

/// Softmax of `count` scores in place; the values are padded to whole lanes with -infinity.
LATHE_INLINE void softmax(float* scores, std::int64_t count) {
    float top = -std::numeric_limits<float>::infinity();
    for (std::int64_t s = 0; s < count; ++s)
        top = std::max(top, scores[s]);
    Lanes sums = {};
    for (std::int64_t s = 0; s < count; s += kLanes) {
        const auto bytes = static_cast<std::size_t>(std::min(kLanes, count - s)) * sizeof(float);
        Lanes values = Lanes{} - std::numeric_limits<float>::infinity();
        std::memcpy(&values, scores + s, bytes);
        const Whole isOut = values == -std::numeric_limits<float>::infinity();
        values -= top;
        exponential(values);
        values = isOut ? Lanes{} : values;
        sums += values;
        std::memcpy(scores + s, &values, bytes);
    }
    const float factor = 1.0F / sum(sums);
    for (std::int64_t s = 0; s < count; ++s)
        scores[s] *= factor;
}

LATHE_WIDE void attentionOfHead(const DecodeAttention& a, const float* q, const float* keys,
                                const float* values, const bool* mask, float* scores, float* out) {
    for (std::int64_t s = 0; s < a.tokens; ++s) {
        const float* key = keys + s * a.stride;
        float total = 0;
        std::int64_t i = 0;
        if (a.d >= kLanes) {
            Lanes sums = {};
            for (; i + kLanes <= a.d; i += kLanes) {
                Lanes x;
                Lanes k;
                load(q + i, x);
                load(key + i, k);
                sums += x * k;
            }
            total = sum(sums);
        }
        if (i + kLanes / 2 <= a.d) { // small heads have no more than this
            HalfLanes x;
            HalfLanes k;
            std::memcpy(&x, q + i, sizeof x);
            std::memcpy(&k, key + i, sizeof k);
            x *= k;
            total += ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
            i += kLanes / 2;
        }
        for (; i < a.d; ++i)
            total += q[i] * key[i];
        scores[s] = mask == nullptr || mask[s] ? total * a.scale : -std::numeric_limits<float>::infinity();
    }
    softmax(scores, a.tokens);
    std::fill_n(out, a.d, 0.0F);
    for (std::int64_t s = 0; s < a.tokens; ++s) {
        const float* value = values + s * a.stride;
        const float share = scores[s];
        for (std::int64_t i = 0; i < a.d; ++i)
            out[i] += share * value[i];
    }
}

} // namespace

void decodeLinear(const float* x, std::int64_t rows, const float* w, const float* bias, std::int64_t in,
                  std::int64_t out, float* y) {
    const std::int64_t grain = std::max<std::int64_t>(8, kGrain / (in * rows) / 8 * 8);
    if (rows == 1) {
        at::parallel_for(0, out, grain, [=](std::int64_t begin, std::int64_t end) {
            linearOneRow(x, w, in, begin, end, y);
        });
    } else {
        thread_local std::vector<float> columns;
        columns.assign(static_cast<std::size_t>(in * kLanes), 0.0F);
        float* xT = columns.data();
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t i = 0; i < in; ++i)
                xT[i * kLanes + row] = x[row * in + i];
        at::parallel_for(0, out, grain, [=](std::int64_t begin, std::int64_t end) {
            linearManyRows(xT, rows, w, in, out, begin, end, y);
        });
    }
    if (bias != nullptr)
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t o = 0; o < out; ++o)
                y[row * out + o] += bias[o];
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
    for (std::int64_t copy = 0; copy < shape.copies; ++copy)
        attentionOfHead(shape, q + copy * shape.d, keys, values, mask, scratch + copy * shape.tokens,
                        out + copy * shape.d);
}

} // namespace lathe
