#include "core/kernels/narrow_products.h"

#include "core/base/contract.h"
#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <ATen/ops/mm.h>
#include <algorithm>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#include <immintrin.h>
#define LATHE_NARROW __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#endif

namespace lathe {

namespace {

void byLibrary(at::Tensor into, const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias,
               bool isAdded) {
    const at::Tensor product = at::mm(x.to(w.scalar_type()), w);
    if (isAdded)
        into.add_(product);
    else
        into.copy_(product);
    if (bias.defined())
        into.add_(bias);
}

#if defined(LATHE_NARROW)

// The instruction multiplies pairs: of the matrix the numbers of two rows stand side by side, 16 columns to a
// vector, four vectors to a panel; of x two neighbours of a row go to all lanes.
constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kPanel = 4 * kLanes;
constexpr int kRows = 6; // with four vectors each: 24 of the 32 registers
/// Of x as bf16 at a time. A panel so deep stays in the second cache while the rows go by.
constexpr std::int64_t kDepth = 2048;
constexpr std::int64_t kHeight = 1024;
/// A second thread is worth waking for so many multiplications.
constexpr std::int64_t kGrain = 1 << 20;

/// Two bf16 numbers, the first in the lower half.
using Pair = std::uint32_t;

std::int64_t pairsOf(std::int64_t depth) { return (depth + 1) / 2; }

/// w: [k, m].
struct Matrix {
    const std::uint16_t* data;
    std::int64_t rowStride, columnStride;

    [[nodiscard]] const std::uint16_t* at(std::int64_t row, std::int64_t column) const {
        return data + row * rowStride + column * columnStride;
    }
};

/// Of one panel, from row `first` of w on.
struct PanelPlace {
    std::int64_t first, depth;
    std::int64_t column, count; ///< columns that are there; the rest of the panel is zero
};

Pair pairAt(const Matrix& w, const PanelPlace& place, std::int64_t pair, std::int64_t column) {
    if (column >= place.count)
        return 0;
    const std::int64_t row = 2 * pair;
    const Pair low = *w.at(place.first + row, place.column + column);
    const Pair high = row + 1 < place.depth ? *w.at(place.first + row + 1, place.column + column) : 0;
    return low | high << 16U;
}

void packSome(const Matrix& w, const PanelPlace& place, std::int64_t fromPair, std::int64_t fromColumn,
              Pair* panel) {
    for (std::int64_t pair = fromPair; pair < pairsOf(place.depth); ++pair)
        for (std::int64_t column = fromColumn; column < kPanel; ++column)
            panel[pair * kPanel + column] = pairAt(w, place, pair, column);
}

LATHE_NARROW LATHE_INLINE __m512i widened(const std::uint16_t* numbers) {
    __m256i narrow;
    std::memcpy(&narrow, numbers, sizeof narrow);
    return _mm512_cvtepu16_epi32(narrow);
}

/// Neighbouring columns are neighbours in memory.
LATHE_NARROW void packRows(const Matrix& w, const PanelPlace& place, Pair* panel) {
    const std::int64_t whole = place.count / kLanes * kLanes;
    for (std::int64_t pair = 0; pair < place.depth / 2; ++pair)
        for (std::int64_t column = 0; column < whole; column += kLanes) {
            const std::uint16_t* from = w.at(place.first + 2 * pair, place.column + column);
            const __m512i high = _mm512_slli_epi32(widened(from + w.rowStride), 16);
            _mm512_storeu_si512(panel + pair * kPanel + column, _mm512_or_si512(widened(from), high));
        }
    packSome(w, place, 0, whole, panel);
    packSome(w, place, place.depth / 2, 0, panel);
}

/// 16 columns of 16 pairs, the pairs of a column side by side in memory, to 16 pairs of 16 columns.
LATHE_NARROW void turnPairs(const std::uint16_t* from, std::int64_t stride, Pair* to) {
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
        _mm512_storeu_si512(to + i * kPanel, _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88));
        _mm512_storeu_si512(to + (i + 8) * kPanel, _mm512_shuffle_i32x4(b[i], b[i + 8], 0xdd));
    }
}

/// Neighbouring rows are neighbours in memory.
void packColumns(const Matrix& w, const PanelPlace& place, Pair* panel) {
    const std::int64_t whole = place.count / kLanes * kLanes;
    const std::int64_t pairs = place.depth / (2 * kLanes) * kLanes;
    for (std::int64_t column = 0; column < whole; column += kLanes)
        for (std::int64_t pair = 0; pair < pairs; pair += kLanes)
            turnPairs(w.at(place.first + 2 * pair, place.column + column), w.columnStride,
                      panel + pair * kPanel + column);
    packSome(w, place, 0, whole, panel);
    packSome(w, place, pairs, 0, panel);
}

/// Rows of x as pairs, `pairs` a row.
LATHE_NARROW void roundRows(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                            Pair* to) {
    const std::int64_t pairs = pairsOf(depth);
    for (std::int64_t row = 0; row < rows; ++row, x += stride, to += pairs) {
        std::int64_t i = 0;
        for (; i + 2 * kLanes <= depth; i += 2 * kLanes) {
            const __m512bh both =
                _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + i + kLanes), _mm512_loadu_ps(x + i));
            std::memcpy(to + i / 2, &both, sizeof both);
        }
        for (; i < depth; i += kLanes) {
            const auto isThere = static_cast<__mmask16>((1U << std::min(kLanes, depth - i)) - 1U);
            const __m256bh some = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(isThere, x + i));
            std::memcpy(to + i / 2, &some,
                        static_cast<std::size_t>(pairsOf(std::min(kLanes, depth - i))) * sizeof(Pair));
        }
    }
}

/// Where a tile of sums goes.
struct TilePlace {
    float* c;
    std::int64_t stride;
    std::int64_t columns; ///< of the panel that are there
    const float* bias;    ///< of them, or null
    bool isAdded;
};

template <int R>
LATHE_NARROW LATHE_INLINE void storeTile(const TilePlace& place, const __m512 (&sums)[R][4]) {
    for (int j = 0; j < 4; ++j) {
        const std::int64_t left = std::min(kLanes, place.columns - j * kLanes);
        if (left <= 0)
            return;
        const auto isThere = static_cast<__mmask16>((1U << left) - 1U);
        const __m512 bias = place.bias == nullptr ? _mm512_setzero_ps()
                                                  : _mm512_maskz_loadu_ps(isThere, place.bias + j * kLanes);
        for (int r = 0; r < R; ++r) {
            float* c = place.c + r * place.stride + j * kLanes;
            __m512 sum = _mm512_add_ps(sums[r][j], bias);
            if (place.isAdded)
                sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(isThere, c));
            _mm512_mask_storeu_ps(c, isThere, sum);
        }
    }
}

template <int R>
LATHE_NARROW void tile(const Pair* x, std::int64_t pairs, const Pair* panel, const TilePlace& place) {
    __m512 sums[R][4];
    for (int r = 0; r < R; ++r)
        for (int j = 0; j < 4; ++j)
            sums[r][j] = _mm512_setzero_ps();
    for (std::int64_t pair = 0; pair < pairs; ++pair, panel += kPanel) {
        __m512i right[4];
        for (int j = 0; j < 4; ++j)
            right[j] = _mm512_loadu_si512(panel + j * kLanes);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const __m512i left = _mm512_set1_epi32(static_cast<int>(x[r * pairs + pair]));
#pragma GCC unroll 4
            for (int j = 0; j < 4; ++j)
                sums[r][j] = _mm512_dpbf16_ps(sums[r][j], reinterpret_cast<__m512bh>(left),
                                              reinterpret_cast<__m512bh>(right[j]));
        }
    }
    storeTile<R>(place, sums);
}

using Tile = void (*)(const Pair*, std::int64_t, const Pair*, const TilePlace&);
constexpr Tile kTiles[kRows] = {tile<1>, tile<2>, tile<3>, tile<4>, tile<5>, tile<6>};

struct Product {
    float* c;
    const float* x;
    Matrix w;
    const float* bias;
    std::int64_t depth, columns; ///< k and m
    bool isAdded;
};

/// What one thread works in.
struct Room {
    std::vector<Pair> rows, panel;
};

Room& room(std::int64_t rows, std::int64_t pairs) {
    thread_local Room own;
    own.rows.resize(std::max(own.rows.size(), static_cast<std::size_t>(rows * pairs)));
    own.panel.resize(std::max(own.panel.size(), static_cast<std::size_t>(pairs * kPanel)));
    return own;
}

struct Part {
    std::int64_t row, rows, column, columns, first, depth;
};

void multiplyPart(const Product& all, const Part& part) {
    const std::int64_t pairs = pairsOf(part.depth);
    Room& own = room(part.rows, pairs);
    roundRows(all.x + part.row * all.depth + part.first, all.depth, part.rows, part.depth, own.rows.data());
    const bool isFirst = part.first == 0;
    for (std::int64_t column = part.column; column < part.column + part.columns; column += kPanel) {
        const std::int64_t count = std::min(kPanel, part.column + part.columns - column);
        const PanelPlace place{part.first, part.depth, column, count};
        all.w.columnStride == 1 ? packRows(all.w, place, own.panel.data())
                                : packColumns(all.w, place, own.panel.data());
        for (std::int64_t row = 0; row < part.rows; row += kRows) {
            const std::int64_t height = std::min<std::int64_t>(kRows, part.rows - row);
            kTiles[height - 1](own.rows.data() + row * pairs, pairs, own.panel.data(),
                               {all.c + (part.row + row) * all.columns + column, all.columns, count,
                                isFirst && all.bias != nullptr ? all.bias + column : nullptr,
                                !isFirst || all.isAdded});
        }
    }
}

void multiply(const Product& all, std::int64_t row, std::int64_t rows, std::int64_t column,
              std::int64_t columns) {
    for (std::int64_t begin = 0; begin < rows; begin += kHeight)
        for (std::int64_t first = 0; first < all.depth; first += kDepth)
            multiplyPart(all, {row + begin, std::min(kHeight, rows - begin), column, columns, first,
                               std::min(kDepth, all.depth - first)});
}

/// Each thread has columns of its own, so that none packs what another does too, where there are enough.
void onThreads(const Product& all, std::int64_t rows) {
    const std::int64_t panels = (all.columns + kPanel - 1) / kPanel;
    if (panels >= 4 * at::get_num_threads()) {
        const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (rows * all.depth * kPanel + 1));
        at::parallel_for(0, panels, grain, [&](std::int64_t begin, std::int64_t end) {
            const std::int64_t column = begin * kPanel;
            multiply(all, 0, rows, column, std::min(all.columns, end * kPanel) - column);
        });
        return;
    }
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (all.columns * all.depth * kRows + 1));
    at::parallel_for(0, (rows + kRows - 1) / kRows, grain, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t row = begin * kRows;
        multiply(all, row, std::min(rows, end * kRows) - row, 0, all.columns);
    });
}

#endif

} // namespace

bool multipliesNarrow() {
#if defined(LATHE_NARROW)
    static const bool can = __builtin_cpu_supports("avx512bf16") != 0;
    return can;
#else
    return false;
#endif
}

void narrowProduct(const at::Tensor& into, const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias,
                   bool isAdded) {
    LATHE_EXPECT(into.is_contiguous() && x.is_contiguous() && into.size(0) == x.size(0));
    LATHE_EXPECT(x.size(1) == w.size(0) && into.size(1) == w.size(1));
#if defined(LATHE_NARROW)
    const bool isInOrder = w.scalar_type() == at::kBFloat16 && (w.stride(0) == 1 || w.stride(1) == 1);
    if (multipliesNarrow() && isInOrder && x.scalar_type() == at::kFloat && into.numel() > 0) {
        onThreads({into.data_ptr<float>(), x.const_data_ptr<float>(),
                   Matrix{static_cast<const std::uint16_t*>(w.const_data_ptr()), w.stride(0), w.stride(1)},
                   bias.defined() ? bias.const_data_ptr<float>() : nullptr, x.size(1), w.size(1), isAdded},
                  x.size(0));
        return;
    }
#endif
    byLibrary(into, x, w, bias, isAdded);
}

} // namespace lathe
