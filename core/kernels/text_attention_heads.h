#pragma once

#include "core/kernels/text_attention.h"
#include "core/kernels/text_attention_loops.h"
#include "core/kernels/turned_tiles.h"

#include <algorithm>
#include <vector>

/// textAttention() of one text and one head of keys: what is where in memory, and its way into the loops.
namespace lathe::attention {

/// [texts or B, heads, tokens, d]
template <typename S>
struct HeadRows {
    S* data = nullptr;
    std::int64_t row = 0, head = 0, token = 0; ///< strides

    HeadRows() = default;
    explicit HeadRows(const at::Tensor& x) : row(x.stride(0)), head(x.stride(1)), token(x.stride(2)) {
        if constexpr (std::is_const_v<S>)
            data = x.const_data_ptr<std::remove_const_t<S>>();
        else
            data = x.data_ptr<S>();
    }
    [[nodiscard]] S* at(std::int64_t r, std::int64_t h, std::int64_t t) const {
        return data + r * row + h * head + t * token;
    }
};

struct Sizes {
    std::int64_t heads, shared, d, prefix; ///< shared: heads of keys and values
    bool isCausal;
    std::int64_t window;
    double scale;
    [[nodiscard]] std::int64_t width() const { return (d + kKeys - 1) / kKeys * kKeys; }
    [[nodiscard]] std::int64_t rows(const TextSpan& text) const {
        return (prefix + text.length + kKeys - 1) / kKeys * kKeys;
    }
};

template <typename S>
struct Inputs {
    Sizes sizes;
    HeadRows<const S> q, k, v, prefixKeys, prefixValues;
    const TextAttention* shape = nullptr;
};

/// Where a text's queries are.
struct Queries {
    std::int64_t row, start, first, length; ///< row and start in q; first in the text
};

inline Queries queriesOf(const TextAttention& shape, std::size_t which) {
    if (shape.queries.empty())
        return {shape.texts[which].row, shape.texts[which].start, 0, shape.texts[which].length};
    const QuerySpan& span = shape.queries[which];
    return {0, span.start, span.first, span.length};
}

/// Prefix and text of one head, one row after the other.
template <typename S>
LATHE_INLINE void pack(const Sizes& sizes, const TextSpan& text, const HeadRows<const S>& prefix,
                       const HeadRows<const S>& own, std::int64_t which, std::int64_t head,
                       std::vector<S>& to) {
    const std::int64_t width = sizes.width();
    to.assign(static_cast<std::size_t>(sizes.rows(text) * width), S(0));
    for (std::int64_t i = 0; i < sizes.prefix; ++i)
        std::copy_n(prefix.at(which, head, i), sizes.d, to.data() + i * width);
    for (std::int64_t i = 0; i < text.length; ++i)
        std::copy_n(own.at(text.row, head, text.start + i), sizes.d, to.data() + (sizes.prefix + i) * width);
}

/// What one thread works in.
template <typename S>
struct Room {
    explicit Room(const Sizes& sizes)
        : columns(static_cast<std::size_t>(4 * sizes.d * kQueries<S>)),
          rows(static_cast<std::size_t>(2 * sizes.width() * kQueries<S>)),
          scores(static_cast<std::size_t>(kChunk * kQueries<S>)) {}
    std::vector<S> keys, values, keyGradient, valueGradient;
    std::vector<S> columns; ///< four of [d][lane]
    std::vector<S> rows;    ///< two of [lane][width], zero behind d
    std::vector<S> scores;
};

template <typename S>
LATHE_INLINE Head<S> headOf(const Sizes& sizes, const TextSpan& text, const Room<S>& room) {
    return {room.keys.data(), room.values.data(), sizes.d,        sizes.width(),
            sizes.prefix,     text.length,        sizes.isCausal, sizes.window};
}

/// Queries `first` … of a head, times `factor`, as rows and into lanes; zero where there is none.
template <typename S>
LATHE_INLINE void gather(const HeadRows<const S>& from, const Queries& of, std::int64_t head,
                         std::int64_t first, const Sizes& sizes, S factor, S* rows, S* columns) {
    const std::int64_t lanes = std::min(kQueries<S>, of.length - first);
    const std::int64_t width = sizes.width();
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const S* row = from.at(of.row, head, of.start + first + lane);
        for (std::int64_t i = 0; i < sizes.d; ++i)
            rows[lane * width + i] = factor * row[i];
    }
    std::fill(rows + lanes * width, rows + kQueries<S> * width, S(0));
    turnRows(rows, width, kQueries<S>, sizes.d, columns, kQueries<S>);
}

/// Scaled queries in lanes to what scores are computed of.
template <typename S>
LATHE_INLINE void toUnits(const Sizes& sizes, S* queries) {
    for (std::int64_t i = 0; i < sizes.d * kQueries<S>; ++i)
        queries[i] *= static_cast<S>(kUnits);
}

/// What stands in lanes to where the queries' rows are, times `factor`. `rows`: room.
template <typename S>
LATHE_INLINE void scatter(const S* columns, const Queries& of, std::int64_t head, std::int64_t first,
                          const Sizes& sizes, S factor, S* rows, const HeadRows<S>& to) {
    const std::int64_t width = sizes.width();
    turnRows(columns, kQueries<S>, sizes.d, kQueries<S>, rows, width);
    const std::int64_t lanes = std::min(kQueries<S>, of.length - first);
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        S* row = to.at(of.row, head, of.start + first + lane);
        for (std::int64_t i = 0; i < sizes.d; ++i)
            row[i] = factor * rows[lane * width + i];
    }
}

template <typename S>
LATHE_INLINE void forwardOf(const Inputs<S>& in, std::int64_t which, std::int64_t shared, Room<S>& room,
                            const HeadRows<S>& out, const HeadRows<S>& lse) {
    const Sizes& sizes = in.sizes;
    const TextSpan& text = in.shape->texts[static_cast<std::size_t>(which)];
    const Queries of = queriesOf(*in.shape, static_cast<std::size_t>(which));
    pack(sizes, text, in.prefixKeys, in.k, which, shared, room.keys);
    pack(sizes, text, in.prefixValues, in.v, which, shared, room.values);
    const Head<S> head = headOf(sizes, text, room);
    const std::int64_t copies = sizes.heads / sizes.shared;
    S* queries = room.columns.data();
    S* mixed = queries + sizes.d * kQueries<S>;
    S sums[kQueries<S>];
    for (std::int64_t h = shared * copies; h < (shared + 1) * copies; ++h)
        for (std::int64_t first = 0; first < of.length; first += kQueries<S>) {
            S* rows = room.rows.data();
            gather<S>(in.q, of, h, first, sizes, static_cast<S>(sizes.scale), rows, queries);
            toUnits(sizes, queries);
            attendBlock(head, queries, of.first + first, room.scores.data(), mixed, sums);
            scatter<S>(mixed, of, h, first, sizes, S(1), rows, out);
            std::copy_n(sums, std::min(kQueries<S>, of.length - first), lse.at(of.row, h, of.start + first));
        }
}

template <typename S>
struct Gradients {
    HeadRows<const S> upstream, out, lse;
    HeadRows<S> q, k, v, prefixKeys, prefixValues; ///< of the prefix: [texts, K, n, d]
};

template <typename S>
LATHE_INLINE void unpack(const Sizes& sizes, const TextSpan& text, const std::vector<S>& from,
                         std::int64_t which, std::int64_t head, const HeadRows<S>& prefix,
                         const HeadRows<S>& own) {
    for (std::int64_t i = 0; i < sizes.prefix; ++i)
        std::copy_n(from.data() + i * sizes.width(), sizes.d, prefix.at(which, head, i));
    for (std::int64_t i = 0; i < text.length; ++i)
        std::copy_n(from.data() + (sizes.prefix + i) * sizes.width(), sizes.d,
                    own.at(text.row, head, text.start + i));
}

template <typename S>
LATHE_INLINE void backwardOfBlock(const Inputs<S>& in, const Gradients<S>& to, const Head<S>& head,
                                  const Queries& of, std::int64_t h, std::int64_t first, Room<S>& room) {
    const Sizes& sizes = in.sizes;
    const std::int64_t size = sizes.d * kQueries<S>;
    S* queries = room.columns.data();
    S* upstream = queries + size;
    S* change = upstream + size;
    S* result = change + size;
    S* queryRows = room.rows.data();
    S* upstreamRows = queryRows + sizes.width() * kQueries<S>;
    const auto scale = static_cast<S>(sizes.scale);
    gather<S>(to.out, of, h, first, sizes, S(1), queryRows, result);
    gather<S>(in.q, of, h, first, sizes, scale, queryRows, queries);
    toUnits(sizes, queries);
    gather<S>(to.upstream, of, h, first, sizes, S(1), upstreamRows, upstream);
    const std::int64_t lanes = std::min(kQueries<S>, of.length - first);
    S lse[kQueries<S>] = {};
    S delta[kQueries<S>] = {};
    std::copy_n(to.lse.at(of.row, h, of.start + first), lanes, lse);
    for (std::int64_t i = 0; i < size; i += kQueries<S>)
        for (std::int64_t lane = 0; lane < kQueries<S>; ++lane)
            delta[lane] += upstream[i + lane] * result[i + lane];
    attendBlockBackward(head,
                        {queries, queryRows, upstream, upstreamRows, lse, delta, of.first + first, lanes,
                         room.scores.data(), change, room.keyGradient.data(), room.valueGradient.data()});
    scatter<S>(change, of, h, first, sizes, scale, queryRows, to.q);
}

template <typename S>
LATHE_INLINE void backwardOf(const Inputs<S>& in, const Gradients<S>& to, std::int64_t which,
                             std::int64_t shared, Room<S>& room) {
    const Sizes& sizes = in.sizes;
    const TextSpan& text = in.shape->texts[static_cast<std::size_t>(which)];
    const Queries of = queriesOf(*in.shape, static_cast<std::size_t>(which));
    pack(sizes, text, in.prefixKeys, in.k, which, shared, room.keys);
    pack(sizes, text, in.prefixValues, in.v, which, shared, room.values);
    room.keyGradient.assign(room.keys.size(), S(0));
    room.valueGradient.assign(room.keys.size(), S(0));
    const Head<S> head = headOf(sizes, text, room);
    const std::int64_t copies = sizes.heads / sizes.shared;
    for (std::int64_t h = shared * copies; h < (shared + 1) * copies; ++h)
        for (std::int64_t first = 0; first < of.length; first += kQueries<S>)
            backwardOfBlock(in, to, head, of, h, first, room);
    unpack(sizes, text, room.keyGradient, which, shared, to.prefixKeys, to.k);
    unpack(sizes, text, room.valueGradient, which, shared, to.prefixValues, to.v);
}

} // namespace lathe::attention
