#include "core/kernels/batch_decode_ops.h"

#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

/// A second thread is worth waking for so many multiplications of whole vectors.
constexpr std::int64_t kGrain = 1 << 15;
/// Weight rows read side by side: as many sums as two multipliers of a latency of four keep busy.
constexpr int kRowsAtOnce = 8;
/// Columns between two looks ahead, a cache line of weights.
constexpr std::int64_t kLine = 16;

/// sums[r] = Σ weights[r][i] x[i]. Asks for `ahead` floats later meanwhile: what comes from main memory is
/// too far away for the processor's own guesses, which end with each page.
template <typename V>
LATHE_INLINE void dotRows(const float* x, const float* const (&weights)[kRowsAtOnce], std::int64_t in,
                          std::int64_t ahead, V (&sums)[kRowsAtOnce]) {
    for (V& sum : sums)
        sum = V{};
    std::int64_t i = 0;
    for (; i + kLine <= in; i += kLine) {
        for (const float* row : weights)
            __builtin_prefetch(row + i + ahead, 0, 2);
        for (std::int64_t j = i; j < i + kLine; ++j) {
            V values;
            load(x + j * kLanesOf<V>, values);
            for (int r = 0; r < kRowsAtOnce; ++r)
                sums[r] += weights[r][j] * values;
        }
    }
    for (; i < in; ++i) {
        V values;
        load(x + i * kLanesOf<V>, values);
        for (int r = 0; r < kRowsAtOnce; ++r)
            sums[r] += weights[r][i] * values;
    }
}

/// Outputs begin … end of a projection.
template <typename V, bool isAdded>
LATHE_INLINE void linearOf(const float* x, std::int64_t in, const BatchLinear& linear, std::int64_t begin,
                           std::int64_t end) {
    for (std::int64_t o = begin; o < end; o += kRowsAtOnce) {
        const std::int64_t count = std::min<std::int64_t>(kRowsAtOnce, end - o);
        const float* weights[kRowsAtOnce];
        for (std::int64_t r = 0; r < kRowsAtOnce; ++r)
            weights[r] = linear.weight + (o + std::min(r, count - 1)) * in;
        V sums[kRowsAtOnce];
        dotRows<V>(x, weights, in, kRowsAtOnce * in, sums);
        for (std::int64_t r = 0; r < count; ++r) {
            float* y = linear.y + (o + r) * kLanesOf<V>;
            V result = sums[r] + (linear.bias != nullptr ? linear.bias[o + r] : 0.0F);
            if (isAdded) {
                V old;
                load(y, old);
                result += old;
            }
            store(y, result);
        }
    }
}

/// Outputs begin … end of a gated pair.
template <typename V>
LATHE_INLINE void gatedOf(const float* x, std::int64_t in, const BatchLinear& gate, const BatchLinear& up,
                          std::int64_t begin, std::int64_t end) {
    constexpr std::int64_t kPairs = kRowsAtOnce / 2;
    for (std::int64_t o = begin; o < end; o += kPairs) {
        const std::int64_t count = std::min(kPairs, end - o);
        const float* weights[kRowsAtOnce];
        for (std::int64_t r = 0; r < kPairs; ++r) {
            weights[r] = gate.weight + (o + std::min(r, count - 1)) * in;
            weights[kPairs + r] = up.weight + (o + std::min(r, count - 1)) * in;
        }
        V sums[kRowsAtOnce];
        dotRows<V>(x, weights, in, kPairs * in, sums);
        for (std::int64_t r = 0; r < count; ++r) {
            const V g = sums[r] + (gate.bias != nullptr ? gate.bias[o + r] : 0.0F);
            const V u = sums[kPairs + r] + (up.bias != nullptr ? up.bias[o + r] : 0.0F);
            V e = -g;
            exponential(e);
            store(gate.y + (o + r) * kLanesOf<V>, g / (1.0F + e) * u);
        }
    }
}

template <typename V>
LATHE_INLINE void rmsNormOf(const float* x, const float* weight, std::int64_t width, double eps, float* y) {
    V squares[4] = {}; // four, so that no sum waits for the one before
    std::int64_t i = 0;
    for (; i + 4 <= width; i += 4)
        for (int j = 0; j < 4; ++j) {
            V value;
            load(x + (i + j) * kLanesOf<V>, value);
            squares[j] += value * value;
        }
    for (; i < width; ++i) {
        V value;
        load(x + i * kLanesOf<V>, value);
        squares[0] += value * value;
    }
    const V mean = ((squares[0] + squares[1]) + (squares[2] + squares[3])) / static_cast<float>(width);
    V scale;
    for (std::int64_t lane = 0; lane < kLanesOf<V>; ++lane)
        scale[lane] = 1.0F / std::sqrt(mean[lane] + static_cast<float>(eps));
    for (i = 0; i < width; ++i) {
        V value;
        load(x + i * kLanesOf<V>, value);
        store(y + i * kLanesOf<V>, weight[i] * (value * scale));
    }
}

template <typename V>
LATHE_INLINE void rotateOf(float* x, std::int64_t heads, std::int64_t d, const float* cos, const float* sin,
                           std::int64_t half) {
    constexpr std::int64_t kL = kLanesOf<V>;
    for (std::int64_t i = 0; i < half; ++i) {
        V c;
        V s;
        load(cos + i * kL, c);
        load(sin + i * kL, s);
        for (std::int64_t head = 0; head < heads; ++head) {
            float* place = x + (head * d + i) * kL;
            V first;
            V second;
            load(place, first);
            load(place + half * kL, second);
            store(place, first * c - second * s);
            store(place + half * kL, second * c + first * s);
        }
    }
}

template <typename V>
LATHE_INLINE void likeliestOf(const float* scores, std::int64_t count, std::int32_t* ids) {
    V best;
    load(scores, best);
    Whole<V> chosen = {};
    for (std::int64_t id = 1; id < count; ++id) {
        V score;
        load(scores + id * kLanesOf<V>, score);
        const Whole<V> isMore = score > best;
        best = isMore ? score : best;
        chosen = isMore ? Whole<V>{} + static_cast<std::int32_t>(id) : chosen;
    }
    std::memcpy(ids, &chosen, sizeof chosen);
}

LATHE_WIDE void linearPart(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& linear,
                           std::int64_t begin, std::int64_t end) {
    withLanes(lanes, [&](auto of) LATHE_ALWAYS {
        linearOf<typename decltype(of)::Type, false>(x, in, linear, begin, end);
    });
}

LATHE_WIDE void addLinearPart(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& linear,
                              std::int64_t begin, std::int64_t end) {
    withLanes(lanes, [&](auto of) LATHE_ALWAYS {
        linearOf<typename decltype(of)::Type, true>(x, in, linear, begin, end);
    });
}

LATHE_WIDE void gatedPart(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& gate,
                          const BatchLinear& up, std::int64_t begin, std::int64_t end) {
    withLanes(lanes, [&](auto of)
                         LATHE_ALWAYS { gatedOf<typename decltype(of)::Type>(x, in, gate, up, begin, end); });
}

LATHE_WIDE void rmsNorms(std::int64_t lanes, const float* x, std::int64_t groups, const float* weight,
                         std::int64_t width, double eps, float* y) {
    withLanes(lanes, [&](auto of) LATHE_ALWAYS {
        for (std::int64_t group = 0; group < groups; ++group)
            rmsNormOf<typename decltype(of)::Type>(x + group * width * lanes, weight, width, eps,
                                                   y + group * width * lanes);
    });
}

LATHE_WIDE void rotateHeads(std::int64_t lanes, float* x, std::int64_t heads, std::int64_t d,
                            const float* cos, const float* sin, std::int64_t half) {
    withLanes(lanes, [&](auto of) LATHE_ALWAYS {
        rotateOf<typename decltype(of)::Type>(x, heads, d, cos, sin, half);
    });
}

LATHE_WIDE void likeliest(std::int64_t lanes, const float* scores, std::int64_t count, std::int32_t* ids) {
    withLanes(lanes,
              [&](auto of) LATHE_ALWAYS { likeliestOf<typename decltype(of)::Type>(scores, count, ids); });
}

std::int64_t grainFor(std::int64_t in) {
    return std::max<std::int64_t>(kRowsAtOnce, kGrain / in / kRowsAtOnce * kRowsAtOnce);
}

} // namespace

std::int64_t batchLanes(std::int64_t rows) {
    return rows <= kLanesOf<Quarter>     ? kLanesOf<Quarter>
           : rows <= kLanesOf<HalfLanes> ? kLanesOf<HalfLanes>
                                         : kLanesOf<Lanes>;
}

void batchLinear(std::int64_t lanes, const float* x, std::int64_t in, std::span<const BatchLinear> linears) {
    std::int64_t total = 0;
    for (const BatchLinear& linear : linears)
        total += linear.out;
    at::parallel_for(0, total, grainFor(in), [=](std::int64_t begin, std::int64_t end) {
        std::int64_t first = 0; // output of this projection, counted through all
        for (const BatchLinear& linear : linears) {
            const std::int64_t from = std::max<std::int64_t>(begin - first, 0);
            const std::int64_t to = std::min(end - first, linear.out);
            if (from < to)
                linearPart(lanes, x, in, linear, from, to);
            first += linear.out;
        }
    });
}

void batchAddLinear(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& linear) {
    at::parallel_for(0, linear.out, grainFor(in), [&](std::int64_t begin, std::int64_t end) {
        addLinearPart(lanes, x, in, linear, begin, end);
    });
}

void batchGatedLinear(std::int64_t lanes, const float* x, std::int64_t in, const BatchLinear& gate,
                      const BatchLinear& up) {
    at::parallel_for(0, gate.out, grainFor(2 * in), [&](std::int64_t begin, std::int64_t end) {
        gatedPart(lanes, x, in, gate, up, begin, end);
    });
}

void batchRmsNorm(std::int64_t lanes, const float* x, std::int64_t groups, const float* weight,
                  std::int64_t width, double eps, float* y) {
    rmsNorms(lanes, x, groups, weight, width, eps, y);
}

void batchRotate(std::int64_t lanes, float* x, std::int64_t heads, std::int64_t d, const float* cos,
                 const float* sin, std::int64_t size) {
    rotateHeads(lanes, x, heads, d, cos, sin, size / 2);
}

void batchLikeliest(std::int64_t lanes, const float* scores, std::int64_t count, std::int32_t* ids) {
    likeliest(lanes, scores, count, ids);
}

void batchGather(std::int64_t lanes, const float* table, std::span<const std::int64_t> ids,
                 std::int64_t width, float* y) {
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const bool isRow = lane < static_cast<std::int64_t>(ids.size());
        const float* row = isRow ? table + ids[static_cast<std::size_t>(lane)] * width : nullptr;
        for (std::int64_t i = 0; i < width; ++i)
            y[i * lanes + lane] = isRow ? row[i] : 0.0F;
    }
}

void batchToRows(std::int64_t lanes, const float* from, std::int64_t count, std::int64_t rows, float* to,
                 std::int64_t stride) {
    for (std::int64_t i = 0; i < count; ++i)
        for (std::int64_t row = 0; row < rows; ++row)
            to[row * stride + i] = from[i * lanes + row];
}

void batchFromRows(std::int64_t lanes, const float* from, std::int64_t count, std::int64_t rows,
                   std::int64_t stride, float* to) {
    for (std::int64_t i = 0; i < count; ++i)
        for (std::int64_t lane = 0; lane < lanes; ++lane)
            to[i * lanes + lane] = lane < rows ? from[lane * stride + i] : 0.0F;
}

void batchTakeRows(std::int64_t lanes, float* x, std::int64_t count, std::span<const std::int64_t> rows) {
    std::array<float, kBatchRows> before;
    for (std::int64_t i = 0; i < count; ++i, x += lanes) {
        std::copy_n(x, lanes, before.begin());
        for (std::size_t row = 0; row < rows.size(); ++row)
            x[row] = before[static_cast<std::size_t>(rows[row])];
    }
}

} // namespace lathe
