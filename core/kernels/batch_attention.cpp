#include "core/kernels/batch_decode_ops.h"
#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <limits>

namespace lathe {

namespace {

/// A second thread is worth waking for so many multiplications of whole vectors; half of what products need,
/// since keys and values come from farther away.
constexpr std::int64_t kGrain = 1 << 16;

/// scores[c][s] of C heads that share keys, T tokens at a time; tops[c]: the largest.
template <typename V, int C, int T>
LATHE_INLINE void scoresOf(const BatchAttention& a, const float* q, const float* keys, const float* bias,
                           float* scores, V (&tops)[C]) {
    constexpr std::int64_t kL = kLanesOf<V>;
    const std::int64_t stride = a.keyValueHeads * a.d * kL;
    static_assert(T <= kBatchSlack + 1);
    for (std::int64_t s = 0; s < a.tokens; s += T) {
        const float* key = keys + s * stride;
        V sums[C][T] = {};
        for (std::int64_t i = 0; i < a.d; ++i) {
            V k[T];
            for (int t = 0; t < T; ++t) {
                load(key + t * stride + i * kL, k[t]);
            }
            for (int c = 0; c < C; ++c) {
                V value;
                load(q + (c * a.d + i) * kL, value);
                for (int t = 0; t < T; ++t)
                    sums[c][t] += value * k[t];
            }
        }
        for (int t = 0; t < T && s + t < a.tokens; ++t)
            for (int c = 0; c < C; ++c) {
                V score = sums[c][t] * a.scale;
                if (bias != nullptr) {
                    V more;
                    load(bias + (s + t) * kL, more);
                    score += more;
                }
                tops[c] = score > tops[c] ? score : tops[c];
                store(scores + (c * a.tokens + s + t) * kL, score);
            }
    }
}

/// exp(score - top) in place; total: their sum.
template <typename V>
LATHE_INLINE void exponentialsOf(float* scores, std::int64_t count, const V& top, bool hasBias, V& total) {
    total = V{};
    for (std::int64_t s = 0; s < count; ++s) {
        V value;
        load(scores + s * kLanesOf<V>, value);
        const Whole<V> isOut = value == -std::numeric_limits<float>::infinity();
        value -= top;
        exponential(value);
        if (hasBias)
            value = isOut ? V{} : value;
        total += value;
        store(scores + s * kLanesOf<V>, value);
    }
}

/// So many tokens' values stay in the cache while they are mixed.
constexpr std::int64_t kMixed = 16;

/// out[c][i …] (+)= Σ shares[c][s] values[s][i …] over the tokens begin … end, I numbers of a head at once.
template <typename V, int C, int I>
LATHE_INLINE void mixOf(const BatchAttention& a, const float* values, const float* shares, std::int64_t begin,
                        std::int64_t end, std::int64_t i, float* out) {
    constexpr std::int64_t kL = kLanesOf<V>;
    const std::int64_t stride = a.keyValueHeads * a.d * kL;
    V sums[C][I];
    for (int c = 0; c < C; ++c)
        for (int j = 0; j < I; ++j) {
            if (begin == 0)
                sums[c][j] = V{};
            else
                load(out + (c * a.d + i + j) * kL, sums[c][j]);
        }
    for (std::int64_t s = begin; s < end; ++s) {
        V share[C];
        for (int c = 0; c < C; ++c)
            load(shares + (c * a.tokens + s) * kL, share[c]);
        for (int j = 0; j < I; ++j) {
            V value;
            load(values + s * stride + (i + j) * kL, value);
            for (int c = 0; c < C; ++c)
                sums[c][j] += share[c] * value;
        }
    }
    for (int c = 0; c < C; ++c)
        for (int j = 0; j < I; ++j)
            store(out + (c * a.d + i + j) * kL, sums[c][j]);
}

/// Of C heads that share keys and values. As many sums at a time as keep the multipliers busy.
template <typename V, int C>
LATHE_INLINE void attentionOf(const BatchAttention& a, const float* q, const float* keys, const float* values,
                              const float* bias, float* scores, float* out) {
    constexpr int kAtOnce = C == 1 ? 8 : 4;
    constexpr std::int64_t kL = kLanesOf<V>;
    V tops[C];
    for (V& top : tops)
        top = V{} - std::numeric_limits<float>::infinity();
    scoresOf<V, C, kAtOnce>(a, q, keys, bias, scores, tops);
    V factors[C];
    for (int c = 0; c < C; ++c) {
        exponentialsOf(scores + c * a.tokens * kL, a.tokens, tops[c], bias != nullptr, factors[c]);
        factors[c] = 1.0F / factors[c];
    }
    for (std::int64_t s = 0; s < a.tokens; s += kMixed) {
        const std::int64_t end = std::min(s + kMixed, a.tokens);
        std::int64_t i = 0;
        for (; i + kAtOnce <= a.d; i += kAtOnce)
            mixOf<V, C, kAtOnce>(a, values, scores, s, end, i, out);
        for (; i < a.d; ++i)
            mixOf<V, C, 1>(a, values, scores, s, end, i, out);
    }
    for (int c = 0; c < C; ++c)
        for (std::int64_t i = 0; i < a.d; ++i) {
            V value;
            load(out + (c * a.d + i) * kL, value);
            store(out + (c * a.d + i) * kL, value * factors[c]);
        }
}

template <typename V>
LATHE_INLINE void attentionOfHead(const BatchAttention& a, const float* q, const float* keys,
                                  const float* values, const float* bias, float* scores, float* out) {
    std::int64_t copy = 0;
    const auto next = [&](std::int64_t count) {
        q += count * a.d * kLanesOf<V>;
        out += count * a.d * kLanesOf<V>;
        copy += count;
    };
    for (; copy + 4 <= a.copies; next(4))
        attentionOf<V, 4>(a, q, keys, values, bias, scores, out);
    for (; copy + 3 <= a.copies; next(3))
        attentionOf<V, 3>(a, q, keys, values, bias, scores, out);
    for (; copy + 2 <= a.copies; next(2))
        attentionOf<V, 2>(a, q, keys, values, bias, scores, out);
    for (; copy < a.copies; next(1))
        attentionOf<V, 1>(a, q, keys, values, bias, scores, out);
}

LATHE_WIDE void attention(std::int64_t lanes, const BatchAttention& shape, const float* q, const float* keys,
                          const float* values, const float* bias, float* scratch, float* out) {
    withLanes(lanes, [&](auto of) LATHE_ALWAYS {
        attentionOfHead<typename decltype(of)::Type>(shape, q, keys, values, bias, scratch, out);
    });
}

} // namespace

void batchAttention(std::int64_t lanes, const BatchAttention& shape, const float* q, const float* keys,
                    const float* values, const float* bias, float* scratch, float* out) {
    const std::int64_t cost = 2 * shape.copies * shape.tokens * shape.d;
    at::parallel_for(0, shape.keyValueHeads, std::max<std::int64_t>(1, kGrain / cost),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t head = begin; head < end; ++head) {
                             const std::int64_t ofKeys = head * shape.d * lanes;
                             const std::int64_t ofQueries = ofKeys * shape.copies;
                             attention(lanes, shape, q + ofQueries, keys + ofKeys, values + ofKeys, bias,
                                       scratch + head * shape.copies * shape.tokens * lanes, out + ofQueries);
                         }
                     });
}

} // namespace lathe
