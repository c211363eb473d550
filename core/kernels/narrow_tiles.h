#pragma once

#include "core/kernels/dropout_bits.h"
#include "core/kernels/vectors.h"

#include <algorithm>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#include <immintrin.h>
#define LATHE_NARROW __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

// What products of bf16 are made of, for AVX512_BF16. The instruction multiplies pairs and sums them up in
// fp32: of the right side, the numbers of two rows stand side by side, 16 columns to a vector, up to four
// vectors to a panel; of the left side, two neighbours of a row go to all lanes.
namespace lathe::narrow {

inline constexpr std::int64_t kLanes = 16;
inline constexpr std::int64_t kPanel = 4 * kLanes;

/// Two bf16 numbers, the first in the lower half.
using Pair = std::uint32_t;

inline std::int64_t pairsOf(std::int64_t depth) { return (depth + 1) / 2; }
inline std::int64_t vectorsOf(std::int64_t columns) { return (columns + kLanes - 1) / kLanes; }
inline std::int64_t roundedUp(std::int64_t number, std::int64_t to) { return (number + to - 1) / to * to; }

/// A lane each for so many of 16.
inline std::uint16_t lanesFor(std::int64_t count) {
    return static_cast<std::uint16_t>(count >= kLanes ? 0xffffU : (1U << count) - 1U);
}

/// bf16, [k, m].
struct Matrix {
    const std::uint16_t* data;
    std::int64_t rowStride, columnStride;

    [[nodiscard]] const std::uint16_t* at(std::int64_t row, std::int64_t column) const {
        return data + row * rowStride + column * columnStride;
    }
};

/// Of one panel, from row `first` of the right side on.
struct PanelPlace {
    std::int64_t first, depth;
    std::int64_t column, count; ///< columns that are there; what a panel holds behind them is never looked at

    [[nodiscard]] std::int64_t stride() const { return vectorsOf(count) * kLanes; } ///< from pair to pair
};

inline Pair pairAt(const Matrix& w, const PanelPlace& place, std::int64_t pair, std::int64_t column) {
    const std::int64_t row = 2 * pair;
    const Pair low = *w.at(place.first + row, place.column + column);
    const Pair high = row + 1 < place.depth ? *w.at(place.first + row + 1, place.column + column) : 0;
    return low | high << 16U;
}

/// Those pairs and columns that stand outside whole vectors.
inline void packRest(const Matrix& w, const PanelPlace& place, std::int64_t wholePairs,
                     std::int64_t wholeColumns, Pair* panel) {
    for (std::int64_t pair = 0; pair < pairsOf(place.depth); ++pair)
        for (std::int64_t column = pair < wholePairs ? wholeColumns : 0; column < place.count; ++column)
            panel[pair * place.stride() + column] = pairAt(w, place, pair, column);
}

LATHE_NARROW LATHE_INLINE __m512i widened(const std::uint16_t* numbers) {
    __m256i narrow;
    std::memcpy(&narrow, numbers, sizeof narrow);
    return _mm512_cvtepu16_epi32(narrow);
}

/// Rows that packRows asks for ahead. A panel takes a piece of each row only, which the processor does not
/// foresee: without asking it waits for memory at every row.
inline constexpr std::int64_t kRowsAhead = 16;

/// Neighbouring columns are neighbours in memory.
LATHE_NARROW inline void packRows(const Matrix& w, const PanelPlace& place, Pair* panel) {
    const std::int64_t whole = place.count / kLanes * kLanes;
    for (std::int64_t pair = 0; pair < place.depth / 2; ++pair)
        for (std::int64_t column = 0; column < whole; column += kLanes) {
            const std::uint16_t* from = w.at(place.first + 2 * pair, place.column + column);
            _mm_prefetch(from + kRowsAhead * w.rowStride, _MM_HINT_T0);
            _mm_prefetch(from + (kRowsAhead + 1) * w.rowStride, _MM_HINT_T0);
            const __m512i high = _mm512_slli_epi32(widened(from + w.rowStride), 16);
            _mm512_storeu_si512(panel + pair * place.stride() + column, _mm512_or_si512(widened(from), high));
        }
    packRest(w, place, place.depth / 2, whole, panel);
}

/// 16 columns of 16 pairs, the pairs of a column side by side in memory, to 16 pairs of 16 columns.
LATHE_NARROW inline void turnPairs(const std::uint16_t* from, std::int64_t stride, Pair* to,
                                   std::int64_t toStride) {
    __m512i a[16], b[16];
    for (int i = 0; i < 16; ++i)
        a[i] = _mm512_loadu_si512(from + i * stride);
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int j = 0; j < 2; ++j) {
            a[i + 2 * j] = _mm512_unpacklo_epi64(b[i + j], b[i + j + 2]);
            a[i + 2 * j + 1] = _mm512_unpackhi_epi64(b[i + j], b[i + j + 2]);
        }
    for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 2; ++j) {
            b[i + 8 * j] = _mm512_shuffle_i32x4(a[i + 8 * j], a[i + 8 * j + 4], 0x88);
            b[i + 8 * j + 4] = _mm512_shuffle_i32x4(a[i + 8 * j], a[i + 8 * j + 4], 0xdd);
        }
    for (int i = 0; i < 8; ++i) {
        _mm512_storeu_si512(to + i * toStride, _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88));
        _mm512_storeu_si512(to + (i + 8) * toStride, _mm512_shuffle_i32x4(b[i], b[i + 8], 0xdd));
    }
}

/// Neighbouring rows are neighbours in memory.
inline void packColumns(const Matrix& w, const PanelPlace& place, Pair* panel) {
    const std::int64_t whole = place.count / kLanes * kLanes;
    const std::int64_t pairs = place.depth / (2 * kLanes) * kLanes;
    for (std::int64_t column = 0; column < whole; column += kLanes)
        for (std::int64_t pair = 0; pair < pairs; pair += kLanes)
            turnPairs(w.at(place.first + 2 * pair, place.column + column), w.columnStride,
                      panel + pair * place.stride() + column, place.stride());
    packRest(w, place, pairs, whole, panel);
}

/// Rows of fp32. `kept`: the elements that count, where it has bits; the others are zero.
struct FloatRows {
    const float* data;
    std::int64_t stride, rows;
    BitRows kept = {};

    [[nodiscard]] FloatRows from(std::int64_t row, std::int64_t column) const {
        return {data + row * stride + column, stride, rows - row, kept.from(row, column)};
    }
};

/// 16 numbers of a row from `column` on, those behind `count` and those that are not kept as zero.
template <bool isMasked>
LATHE_NARROW LATHE_INLINE __m512 someOf(const FloatRows& x, std::int64_t row, std::int64_t column,
                                        std::int64_t count) {
    std::uint32_t lanes = lanesFor(count);
    if constexpr (isMasked)
        lanes &= x.kept.at(row, column);
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>(lanes), x.data + row * x.stride + column);
}

/// Each row as pairs of its neighbours, `pairs` from row to row; zero behind the last up to a whole vector,
/// as far as `pairs` goes.
template <bool isMasked>
LATHE_NARROW void roundRowsOf(const FloatRows& x, std::int64_t depth, float scale, Pair* to,
                              std::int64_t pairs) {
    const __m512 factor = _mm512_set1_ps(scale);
    for (std::int64_t row = 0; row < x.rows; ++row, to += pairs) {
        std::int64_t i = 0;
        for (; i + 2 * kLanes <= depth; i += 2 * kLanes) {
            const __m512 first = someOf<isMasked>(x, row, i, kLanes);
            const __m512 second = someOf<isMasked>(x, row, i + kLanes, kLanes);
            const __m512bh both =
                _mm512_cvtne2ps_pbh(_mm512_mul_ps(second, factor), _mm512_mul_ps(first, factor));
            std::memcpy(to + i / 2, &both, sizeof both);
        }
        for (; i < depth; i += kLanes) {
            const __m256bh some =
                _mm512_cvtneps_pbh(_mm512_mul_ps(someOf<isMasked>(x, row, i, depth - i), factor));
            const auto isThere = static_cast<__mmask8>(lanesFor(pairs - i / 2));
            _mm256_mask_storeu_epi32(to + i / 2, isThere, reinterpret_cast<__m256i>(some));
        }
    }
}

inline void roundRows(const FloatRows& x, std::int64_t depth, float scale, Pair* to, std::int64_t pairs) {
    x.kept.bytes == nullptr ? roundRowsOf<false>(x, depth, scale, to, pairs)
                            : roundRowsOf<true>(x, depth, scale, to, pairs);
}

/// A panel of `count` columns of the rows: two rows side by side.
template <bool isMasked>
LATHE_NARROW void pairRowsOf(const FloatRows& x, std::int64_t count, float scale, Pair* panel) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
                                           7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    const __m512 factor = _mm512_set1_ps(scale);
    const std::int64_t stride = vectorsOf(count) * kLanes;
    for (std::int64_t row = 0; row < x.rows; row += 2, panel += stride)
        for (std::int64_t column = 0; column < count; column += kLanes) {
            const std::int64_t left = count - column;
            const __m512 first = _mm512_mul_ps(someOf<isMasked>(x, row, column, left), factor);
            const __m512 second = row + 1 < x.rows
                                      ? _mm512_mul_ps(someOf<isMasked>(x, row + 1, column, left), factor)
                                      : _mm512_setzero_ps();
            const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
            _mm512_storeu_si512(panel + column, _mm512_permutexvar_epi16(order, both));
        }
}

inline void pairRows(const FloatRows& x, std::int64_t count, float scale, Pair* panel) {
    x.kept.bytes == nullptr ? pairRowsOf<false>(x, count, scale, panel)
                            : pairRowsOf<true>(x, count, scale, panel);
}

/// Rows rounded already, as roundRows() leaves them; `kept` as above.
struct PairRows {
    const Pair* data;
    std::int64_t stride, rows;
    BitRows kept = {};

    /// column: even.
    [[nodiscard]] PairRows from(std::int64_t row, std::int64_t column) const {
        return {data + row * stride + column / 2, stride, rows - row, kept.from(row, column)};
    }
};

/// 32 numbers of a row from `column` on, those behind `count` and those that are not kept as zero.
template <bool isMasked>
LATHE_NARROW LATHE_INLINE __m512i someOf(const PairRows& x, std::int64_t row, std::int64_t column,
                                         std::int64_t count) {
    std::uint32_t lanes = count >= 2 * kLanes ? ~0U : (1U << count) - 1U;
    if constexpr (isMasked)
        lanes &= (x.kept.at(row, column) & 0xffffU) | x.kept.at(row, column + kLanes) << 16U;
    return _mm512_maskz_loadu_epi16(lanes, x.data + row * x.stride + column / 2);
}

/// The rows without what is not kept, `pairs` from row to row. depth: even, but for the last of a row.
LATHE_NARROW inline void keepPairs(const PairRows& x, std::int64_t depth, Pair* to, std::int64_t pairs) {
    for (std::int64_t row = 0; row < x.rows; ++row, to += pairs)
        for (std::int64_t i = 0; i < depth; i += 2 * kLanes)
            _mm512_mask_storeu_epi32(to + i / 2, lanesFor(pairs - i / 2), someOf<true>(x, row, i, depth - i));
}

/// As pairRowsOf(), of rows that are rounded already.
template <bool isMasked>
LATHE_NARROW void pairRowsOf(const PairRows& x, std::int64_t count, Pair* panel) {
    const __m512i firsts = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39,
                                            7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i seconds = _mm512_add_epi16(firsts, _mm512_set1_epi16(kLanes));
    const std::int64_t stride = vectorsOf(count) * kLanes;
    for (std::int64_t row = 0; row < x.rows; row += 2, panel += stride)
        for (std::int64_t column = 0; column < count; column += 2 * kLanes) {
            const std::int64_t left = count - column;
            const __m512i first = someOf<isMasked>(x, row, column, left);
            const __m512i second =
                row + 1 < x.rows ? someOf<isMasked>(x, row + 1, column, left) : _mm512_setzero_si512();
            _mm512_storeu_si512(panel + column, _mm512_permutex2var_epi16(first, firsts, second));
            if (left > kLanes)
                _mm512_storeu_si512(panel + column + kLanes,
                                    _mm512_permutex2var_epi16(first, seconds, second));
        }
}

inline void pairRows(const PairRows& x, std::int64_t count, Pair* panel) {
    x.kept.bytes == nullptr ? pairRowsOf<false>(x, count, panel) : pairRowsOf<true>(x, count, panel);
}

/// The left side of a tile: pair p of row r stands at data[r · row + p · pair].
struct Left {
    const Pair* data;
    std::int64_t row, pair;
};

/// Where sums go.
struct TilePlace {
    float* c;
    std::int64_t stride;
    std::int64_t columns; ///< of the panel
    const float* bias;    ///< of them, or null
    bool isAdded;
    BitRows kept = {}; ///< of the sums that count, where it has bits: only with isAdded

    [[nodiscard]] TilePlace from(std::int64_t row) const {
        TilePlace place = *this;
        place.c += row * stride;
        place.kept = kept.from(row, 0);
        return place;
    }
};

template <int R, int C>
LATHE_NARROW LATHE_INLINE void storeTile(const TilePlace& place, const __m512 (&sums)[R][C]) {
    for (int j = 0; j < C; ++j) {
        const std::int64_t column = j * kLanes;
        const std::uint16_t isThere = lanesFor(place.columns - column);
        const __m512 bias =
            place.bias == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(isThere, place.bias + column);
        for (int r = 0; r < R; ++r) {
            float* c = place.c + r * place.stride + column;
            __m512 sum = _mm512_add_ps(sums[r][j], bias);
            if (place.isAdded) {
                const __m512 before = _mm512_maskz_loadu_ps(isThere, c);
                const auto counts =
                    static_cast<__mmask16>(place.kept.bytes == nullptr ? 0xffffU : place.kept.at(r, column));
                sum = _mm512_mask_add_ps(before, counts, before, sum);
            }
            _mm512_mask_storeu_ps(c, isThere, sum);
        }
    }
}

/// R rows by C vectors of the sum, which stay in registers.
template <int R, int C>
LATHE_NARROW void tile(const Left& left, std::int64_t pairs, const Pair* panel, const TilePlace& place) {
    __m512 sums[R][C];
    for (int r = 0; r < R; ++r)
        for (int j = 0; j < C; ++j)
            sums[r][j] = _mm512_setzero_ps();
    const Pair* x = left.data;
    for (std::int64_t pair = 0; pair < pairs; ++pair, panel += C * kLanes, x += left.pair) {
        __m512i right[C];
        for (int j = 0; j < C; ++j)
            right[j] = _mm512_loadu_si512(panel + j * kLanes);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const __m512i both = _mm512_set1_epi32(static_cast<int>(x[r * left.row]));
#pragma GCC unroll 4
            for (int j = 0; j < C; ++j)
                sums[r][j] = _mm512_dpbf16_ps(sums[r][j], reinterpret_cast<__m512bh>(both),
                                              reinterpret_cast<__m512bh>(right[j]));
        }
    }
    storeTile<R, C>(place, sums);
}

/// Up to so many columns fill half a vector only: two pairs of each share it, see foldPanel().
inline constexpr std::int64_t kFolded = kLanes / 2;

/// Of each two pairs one vector, the first and the second pair of a column side by side.
LATHE_NARROW inline void foldPanel(std::int64_t pairs, Pair* panel) {
    const __m512i order = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    for (std::int64_t pair = 0; pair < pairs; pair += 2) {
        const __m512i first = _mm512_loadu_si512(panel + pair * kLanes);
        const __m512i second =
            pair + 1 < pairs ? _mm512_loadu_si512(panel + (pair + 1) * kLanes) : _mm512_setzero_si512();
        _mm512_storeu_si512(panel + pair / 2 * kLanes, _mm512_permutex2var_epi32(first, order, second));
    }
}

/// Rows times a folded panel. left.pair is 1, and behind an odd number of pairs there is one of zero.
template <int R>
LATHE_NARROW void foldedTile(const Left& left, std::int64_t pairs, const Pair* panel,
                             const TilePlace& place) {
    __m512 sums[R][1];
    for (int r = 0; r < R; ++r)
        sums[r][0] = _mm512_setzero_ps();
    for (std::int64_t pair = 0; pair < pairs; pair += 2, panel += kLanes) {
        const __m512i right = _mm512_loadu_si512(panel);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            std::int64_t both;
            std::memcpy(&both, left.data + r * left.row + pair, sizeof both);
            sums[r][0] = _mm512_dpbf16_ps(sums[r][0], reinterpret_cast<__m512bh>(_mm512_set1_epi64(both)),
                                          reinterpret_cast<__m512bh>(right));
        }
    }
    constexpr __mmask16 kFirsts = 0x5555;
    for (int r = 0; r < R; ++r) {
        const __m512 swapped = _mm512_permute_ps(sums[r][0], 0xb1);
        sums[r][0] = _mm512_maskz_compress_ps(kFirsts, _mm512_add_ps(sums[r][0], swapped));
    }
    storeTile<R, 1>(place, sums);
}

/// Of 32 registers the sums of six rows take 24 where they are four vectors wide; of eight rows, three wide,
/// too.
inline constexpr std::int64_t kMostRows = 8;
using Tile = void (*)(const Left&, std::int64_t, const Pair*, const TilePlace&);
inline constexpr Tile kTiles[4][kMostRows] = {
    {tile<1, 1>, tile<2, 1>, tile<3, 1>, tile<4, 1>, tile<5, 1>, tile<6, 1>, tile<7, 1>, tile<8, 1>},
    {tile<1, 2>, tile<2, 2>, tile<3, 2>, tile<4, 2>, tile<5, 2>, tile<6, 2>, tile<7, 2>, tile<8, 2>},
    {tile<1, 3>, tile<2, 3>, tile<3, 3>, tile<4, 3>, tile<5, 3>, tile<6, 3>, tile<7, 3>, tile<8, 3>},
    {tile<1, 4>, tile<2, 4>, tile<3, 4>, tile<4, 4>, tile<5, 4>, tile<6, 4>}};

inline constexpr Tile kFoldedTiles[kMostRows] = {foldedTile<1>, foldedTile<2>, foldedTile<3>, foldedTile<4>,
                                                 foldedTile<5>, foldedTile<6>, foldedTile<7>, foldedTile<8>};

inline void multiplyFolded(const Left& left, std::int64_t rows, std::int64_t pairs, const Pair* panel,
                           const TilePlace& place) {
    for (std::int64_t row = 0; row < rows; row += kMostRows)
        kFoldedTiles[std::min(kMostRows, rows - row) - 1]({left.data + row * left.row, left.row, left.pair},
                                                          pairs, panel, place.from(row));
}

/// The rows of the left side times a panel.
inline void multiplyRows(const Left& left, std::int64_t rows, std::int64_t pairs, const Pair* panel,
                         const TilePlace& place) {
    const std::int64_t vectors = vectorsOf(place.columns);
    const std::int64_t most = vectors == 4 ? 6 : kMostRows;
    for (std::int64_t row = 0; row < rows; row += most)
        kTiles[vectors - 1][std::min(most, rows - row) - 1]({left.data + row * left.row, left.row, left.pair},
                                                            pairs, panel, place.from(row));
}

} // namespace lathe::narrow

#endif
