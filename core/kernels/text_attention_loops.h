#pragma once

#include "core/kernels/vectors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

/// The arithmetic of textAttention(): a block of queries of one head against all keys it may see. Queries lie
/// side by side in the lanes of a vector, so that no sum goes across lanes.
namespace lathe::attention {

using DoubleLanes = double __attribute__((vector_size(64)));
using HalfDoubles = double __attribute__((vector_size(32)));

template <typename S>
struct VectorsOf {
    using All = Lanes;
    using Half = HalfLanes;
};
template <>
struct VectorsOf<double> {
    using All = DoubleLanes;
    using Half = HalfDoubles;
};

template <typename S>
inline constexpr std::int64_t kQueries = 64 / sizeof(S);
constexpr std::int64_t kKeys = 8;   ///< at a time, which keeps the multipliers busy
constexpr std::int64_t kChunk = 64; ///< keys between two corrections of the running maximum

template <typename V, typename S>
LATHE_INLINE void get(const S* from, V& to) {
    std::memcpy(&to, from, sizeof(V));
}
template <typename V, typename S>
LATHE_INLINE void put(S* to, const V& from) {
    std::memcpy(to, &from, sizeof(V));
}

/// Scores are in units of ln 2, so that their exponentials are powers of two: queries are multiplied by this
/// too.
constexpr double kUnits = 1.4426950408889634; // 1 / ln 2

/// 2^x of what is not above 127, as a score less the largest one is not.
LATHE_INLINE void exponentialOf(Lanes& x) { powerOfTwo(x); }
LATHE_INLINE void exponentialOf(DoubleLanes& x) {
    for (std::int64_t i = 0; i < kQueries<double>; ++i)
        x[i] = std::exp2(x[i]);
}

/// log₂ x of what is positive and no subnormal number, to 1.4e-7, of itself where it is above one: the
/// exponent, and of the rest m the series of artanh((m - 1) / (m + 1)). NaN and infinity give NaN.
LATHE_INLINE void logarithmOf(Lanes& x) {
    constexpr float kRootOfHalf = 0.70710678F;
    constexpr float kSeries[] = {2.8853901F, 0.96179669F, 0.57707802F, 0.41219859F}; // 2 / (k ln 2), k odd
    const Lanes unknown = x - x;
    Whole<Lanes> bits, half;
    const Lanes root = Lanes{} + kRootOfHalf;
    std::memcpy(&bits, &x, sizeof bits);
    std::memcpy(&half, &root, sizeof half);
    const Whole<Lanes> exponent = (bits - half) >> 23; // so that m is from the root of 1/2 to that of 2
    bits -= exponent << 23;
    Lanes m;
    std::memcpy(&m, &bits, sizeof m);
    const Lanes s = (m - 1.0F) / (m + 1.0F);
    const Lanes square = s * s;
    const Lanes series = ((kSeries[3] * square + kSeries[2]) * square + kSeries[1]) * square + kSeries[0];
    x = __builtin_convertvector(exponent, Lanes) + s * series + unknown;
}
LATHE_INLINE void logarithmOf(DoubleLanes& x) {
    for (std::int64_t i = 0; i < kQueries<double>; ++i)
        x[i] = std::log2(x[i]);
}

/// Of one head of one text. Keys and values: prefix, then text, rows of `width` numbers, zero behind d and in
/// up to kKeys - 1 more rows.
template <typename S>
struct Head {
    const S* keys;
    const S* values;
    std::int64_t d;
    std::int64_t width;
    std::int64_t prefix;
    std::int64_t length; ///< of the text
    bool isCausal;
    std::int64_t window;
};

/// Keys that some query of the block may see, and what hides them from others.
template <typename S>
struct Sight {
    using V = typename VectorsOf<S>::All;
    std::int64_t begin; ///< a multiple of kKeys
    std::int64_t end;
    std::int64_t firstQuery;
    V queries; ///< their places in the text

    LATHE_INLINE Sight(const Head<S>& head, std::int64_t first) : firstQuery(first) {
        for (std::int64_t i = 0; i < kQueries<S>; ++i)
            queries[i] = static_cast<S>(first + i);
        const std::int64_t last = std::min(first + kQueries<S>, head.length);
        end = head.prefix + (head.isCausal ? last : head.length);
        const bool skips = head.isCausal && head.window > 0 && head.prefix == 0;
        begin = skips ? std::max<std::int64_t>(0, first + 1 - head.window) / kKeys * kKeys : 0;
    }

    /// Whether every query sees all of the kKeys keys from `key` on.
    LATHE_INLINE bool isClear(const Head<S>& head, std::int64_t key) const {
        if (key + kKeys > head.prefix + head.length)
            return false;
        if (!head.isCausal || key + kKeys <= head.prefix)
            return true;
        const bool isInTime = key + kKeys - 1 - head.prefix <= firstQuery;
        const std::int64_t oldest =
            firstQuery + kQueries<S> - head.window; // the last query sees from here on
        return isInTime && (head.window == 0 || std::max<std::int64_t>(0, key - head.prefix) >= oldest);
    }

    LATHE_INLINE void hide(const Head<S>& head, std::int64_t key, V& score) const {
        const std::int64_t place = key - head.prefix;
        constexpr S kHidden = -std::numeric_limits<S>::infinity();
        if (place >= head.length)
            score = V{} + kHidden;
        if (place < 0 || place >= head.length || !head.isCausal)
            return;
        score = queries < static_cast<S>(place) ? V{} + kHidden : score;
        if (head.window > 0)
            score = queries >= static_cast<S>(place + head.window) ? V{} + kHidden : score;
    }
};

/// sums[t] = Σ_i queries[i] rows[t][i], t < kKeys.
template <typename S, typename V>
LATHE_INLINE void productsOf(const S* queries, const S* rows, const Head<S>& head, V (&sums)[kKeys]) {
    for (V& sum : sums)
        sum = V{};
    for (std::int64_t i = 0; i < head.d; ++i) {
        V query;
        get(queries + i * kQueries<S>, query);
        for (std::int64_t t = 0; t < kKeys; ++t)
            sums[t] += query * rows[t * head.width + i];
    }
}

/// sums[i + j] += Σ_t shares[t] rows[t][i + j], j < J: several sums at once, as each waits for its last step.
template <std::int64_t J, typename S, typename V>
LATHE_INLINE void mixSome(const V (&shares)[kKeys], const S* rows, std::int64_t width, S* sums) {
    V some[J];
    for (std::int64_t j = 0; j < J; ++j)
        get(sums + j * kQueries<S>, some[j]);
    for (std::int64_t t = 0; t < kKeys; ++t)
        for (std::int64_t j = 0; j < J; ++j)
            some[j] += shares[t] * rows[t * width + j];
    for (std::int64_t j = 0; j < J; ++j)
        put(sums + j * kQueries<S>, some[j]);
}

/// sums[i] += Σ_t shares[t] rows[t][i], i < d.
template <typename S, typename V>
LATHE_INLINE void mix(const V (&shares)[kKeys], const S* rows, const Head<S>& head, S* sums) {
    constexpr std::int64_t kAtOnce = 8;
    const std::int64_t whole = head.d / kAtOnce * kAtOnce;
    for (std::int64_t i = 0; i < whole; i += kAtOnce)
        mixSome<kAtOnce>(shares, rows + i, head.width, sums + i * kQueries<S>);
    for (std::int64_t i = whole; i < head.d; ++i)
        mixSome<1>(shares, rows + i, head.width, sums + i * kQueries<S>);
}

/// mixed[i][lane] = Σ_s softmax(scores)[s] values[s][i]; the queries hold the scale and kUnits
/// already. `scores`: room for kChunk vectors. lse: log₂ of the sum of all exponentials.
template <typename S>
LATHE_INLINE void attendBlock(const Head<S>& head, const S* queries, std::int64_t first, S* scores, S* mixed,
                              S* lse) {
    using V = typename VectorsOf<S>::All;
    constexpr S kNone = -std::numeric_limits<S>::infinity();
    const Sight<S> sight(head, first);
    V top = V{} + kNone;
    V total{};
    std::fill_n(mixed, head.d * kQueries<S>, S(0));
    for (std::int64_t chunk = sight.begin; chunk < sight.end; chunk += kChunk) {
        const std::int64_t end = std::min(chunk + kChunk, sight.end);
        V best = top;
        for (std::int64_t key = chunk; key < end; key += kKeys) {
            V sums[kKeys];
            productsOf(queries, head.keys + key * head.width, head, sums);
            const bool isClear = sight.isClear(head, key);
            for (std::int64_t t = 0; t < kKeys; ++t) {
                if (!isClear)
                    sight.hide(head, key + t, sums[t]);
                best = sums[t] > best ? sums[t] : best;
                put(scores + (key - chunk + t) * kQueries<S>, sums[t]);
            }
        }
        const V base = best == kNone ? V{} : best; // nothing seen yet: no difference of infinities
        V factor = top - base;
        exponentialOf(factor);
        total *= factor;
        for (std::int64_t i = 0; i < head.d; ++i) {
            V sum;
            get(mixed + i * kQueries<S>, sum);
            put(mixed + i * kQueries<S>, sum * factor);
        }
        for (std::int64_t key = chunk; key < end; key += kKeys) {
            V shares[kKeys];
            const bool isClear = sight.isClear(head, key);
            for (std::int64_t t = 0; t < kKeys; ++t) {
                V score;
                get(scores + (key - chunk + t) * kQueries<S>, score);
                shares[t] = score - base;
                exponentialOf(shares[t]);
                if (!isClear)
                    shares[t] = score == kNone ? V{} : shares[t];
                total += shares[t];
            }
            mix(shares, head.values + key * head.width, head, mixed);
        }
        top = best;
    }
    const V inverse = S(1) / total;
    for (std::int64_t i = 0; i < head.d; ++i) {
        V sum;
        get(mixed + i * kQueries<S>, sum);
        put(mixed + i * kQueries<S>, sum * inverse);
    }
    logarithmOf(total);
    put(lse, V(top + total));
}

/// rows[t][…] += Σ_lane shares[t][lane] queries[lane][…] for kKeys rows, as many numbers of a row as W holds.
template <typename W, typename S>
LATHE_INLINE void addPiece(const S* shares, const S* queries, std::int64_t lanes, std::int64_t width,
                           S* rows) {
    W sums[kKeys];
    for (std::int64_t t = 0; t < kKeys; ++t)
        get(rows + t * width, sums[t]);
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        W query;
        get(queries + lane * width, query);
        for (std::int64_t t = 0; t < kKeys; ++t)
            sums[t] += query * shares[t * kQueries<S> + lane];
    }
    for (std::int64_t t = 0; t < kKeys; ++t)
        put(rows + t * width, sums[t]);
}

template <typename S>
LATHE_INLINE void addRows(const S* shares, const S* queries, std::int64_t lanes, std::int64_t width,
                          S* rows) {
    using Vectors = VectorsOf<S>;
    std::int64_t i = 0;
    for (; i + kQueries<S> <= width; i += kQueries<S>)
        addPiece<typename Vectors::All>(shares, queries + i, lanes, width, rows + i);
    if (i < width)
        addPiece<typename Vectors::Half>(shares, queries + i, lanes, width, rows + i);
}

/// What the backward pass of a block reads and adds to; `width` numbers a row, `lanes` queries that are
/// there.
template <typename S>
struct BlockGradient {
    const S* queries;      ///< [d][lane], scaled, in kUnits
    const S* queryRows;    ///< [lane][width], scaled
    const S* upstream;     ///< [d][lane]
    const S* upstreamRows; ///< [lane][width]
    const S* lse;          ///< [lane]
    const S* delta;        ///< [lane]: Σ_i upstream ⊙ result
    std::int64_t first;
    std::int64_t lanes;
    S* shares;        ///< room for 2 · kKeys vectors
    S* queryGradient; ///< [d][lane], of the scaled queries; set here
    S* keyGradient;   ///< [prefix + length …][width], added to
    S* valueGradient;
};

template <typename S>
LATHE_INLINE void attendBlockBackward(const Head<S>& head, const BlockGradient<S>& block) {
    using V = typename VectorsOf<S>::All;
    const Sight<S> sight(head, block.first);
    V lse;
    V delta;
    get(block.lse, lse);
    get(block.delta, delta);
    S* changes = block.shares + kKeys * kQueries<S>;
    std::fill_n(block.queryGradient, head.d * kQueries<S>, S(0));
    for (std::int64_t key = sight.begin; key < sight.end; key += kKeys) {
        V shares[kKeys];
        productsOf(block.queries, head.keys + key * head.width, head, shares);
        const bool isClear = sight.isClear(head, key);
        for (std::int64_t t = 0; t < kKeys; ++t) {
            if (!isClear)
                sight.hide(head, key + t, shares[t]);
            const V score = shares[t];
            shares[t] -= lse;
            exponentialOf(shares[t]);
            if (!isClear)
                shares[t] = score == -std::numeric_limits<S>::infinity() ? V{} : shares[t];
            put(block.shares + t * kQueries<S>, shares[t]);
        }
        V pulls[kKeys];
        productsOf(block.upstream, head.values + key * head.width, head, pulls);
        for (std::int64_t t = 0; t < kKeys; ++t) {
            pulls[t] = shares[t] * (pulls[t] - delta);
            put(changes + t * kQueries<S>, pulls[t]);
        }
        mix(pulls, head.keys + key * head.width, head, block.queryGradient);
        addRows(block.shares, block.upstreamRows, block.lanes, head.width,
                block.valueGradient + key * head.width);
        addRows(changes, block.queryRows, block.lanes, head.width, block.keyGradient + key * head.width);
    }
}

} // namespace lathe::attention
