#include "core/kernels/narrow_products.h"

#include "core/base/contract.h"
#include "core/kernels/narrow_tiles.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <algorithm>
#include <variant>
#include <vector>

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

using namespace narrow;

/// Of x as bf16 at a time. A panel so deep stays in the second cache while the rows go by.
constexpr std::int64_t kDepth = 2048;
constexpr std::int64_t kHeight = 1024;
/// Where there is one panel only, nothing else reads the rows again.
constexpr std::int64_t kSingleHeight = 64;
/// Rows that an outer product sums up at a time: their panel stays in the first cache.
constexpr std::int64_t kOuterDepth = 128;
/// A second thread is worth waking for so many multiplications.
constexpr std::int64_t kGrain = 1 << 20;
/// And for so many numbers to round.
constexpr std::int64_t kRoundGrain = 1 << 16;

struct Product {
    float* c;
    NarrowRows x;
    std::variant<Matrix, NarrowFactor> w;
    std::int64_t columns;
    const float* bias;
    bool isAdded;
    BitRows kept; ///< of the sums

    [[nodiscard]] std::int64_t depth() const { return x.width; }
};

/// Room that a thread keeps for one kind of thing; what was there before is gone.
enum class Room { Rows, Panel, Turned };

template <Room>
Pair* roomFor(std::int64_t count) {
    thread_local std::vector<Pair> own;
    if (own.size() < static_cast<std::size_t>(count))
        own.resize(static_cast<std::size_t>(count));
    return own.data();
}

void pack(const Matrix& w, const PanelPlace& place, Pair* panel) {
    w.columnStride == 1 ? packRows(w, place, panel) : packColumns(w, place, panel);
}

/// A factor is rounded first; where its pairs stand side by side in memory, whole blocks of 16 by 16 are
/// turned.
void pack(const NarrowFactor& w, const PanelPlace& place, Pair* panel) {
    if (!w.isTurned) {
        const FloatRows rows{w.data + place.first * w.columns + place.column, w.columns, place.depth};
        return pairRows(rows, place.count, w.scale, panel);
    }
    const std::int64_t pairs = roundedUp(pairsOf(place.depth), kLanes);
    Pair* rounded = roomFor<Room::Turned>(kPanel * pairs);
    roundRows({w.data + place.column * w.depth + place.first, w.depth, place.count}, place.depth, w.scale,
              rounded, pairs);
    for (std::int64_t column = 0; column < place.count; column += kLanes)
        for (std::int64_t pair = 0; pair < pairs; pair += kLanes)
            turnPairs(reinterpret_cast<const std::uint16_t*>(rounded + column * pairs + pair), 2 * pairs,
                      panel + pair * place.stride() + column, place.stride());
}

/// What one thread multiplies at a time.
struct Part {
    std::int64_t row, rows, column, columns, first, depth;
};

/// Returns the rows of a part, as pairs.
Left roundedRows(const Product& all, std::int64_t row, std::int64_t rows, const Part& part) {
    const std::int64_t pairs = roundedUp(pairsOf(part.depth), 2); // as a folded panel wants it
    const NarrowRows& x = all.x;
    if (x.pairs != nullptr && x.kept.bytes == nullptr)
        return {x.pairs + row * x.pairStride + part.first / 2, x.pairStride, 1};
    Pair* room = roomFor<Room::Rows>(rows * pairs);
    if (x.pairs != nullptr)
        keepPairs(PairRows{x.pairs, x.pairStride, row + rows, x.kept}.from(row, part.first), part.depth, room,
                  pairs);
    else
        roundRows(FloatRows{x.data, x.width, row + rows, x.kept}.from(row, part.first), part.depth, 1, room,
                  pairs);
    return {room, pairs, 1};
}

Pair* packedPanel(const Product& all, const PanelPlace& place) {
    Pair* panel = roomFor<Room::Panel>(roundedUp(pairsOf(place.depth), kLanes) * place.stride());
    std::visit([&](const auto& w) { pack(w, place, panel); }, all.w);
    if (place.count <= kFolded)
        foldPanel(pairsOf(place.depth), panel);
    return panel;
}

void multiplyPanel(const Product& all, const Part& part, const Left& left, std::int64_t row,
                   std::int64_t rows, const PanelPlace& place, const Pair* panel) {
    const bool isFirst = part.first == 0;
    const auto multiplyBy = place.count <= kFolded ? multiplyFolded : multiplyRows;
    multiplyBy(left, rows, pairsOf(part.depth), panel,
               {all.c + row * all.columns + place.column, all.columns, place.count,
                isFirst && all.bias != nullptr ? all.bias + place.column : nullptr, !isFirst || all.isAdded,
                all.kept.from(row, place.column)});
}

void multiplyPart(const Product& all, const Part& part) {
    if (part.columns <= kPanel) {
        const PanelPlace place{part.first, part.depth, part.column, part.columns};
        const Pair* panel = packedPanel(all, place);
        for (std::int64_t begin = part.row; begin < part.row + part.rows; begin += kSingleHeight) {
            const std::int64_t rows = std::min(kSingleHeight, part.row + part.rows - begin);
            multiplyPanel(all, part, roundedRows(all, begin, rows, part), begin, rows, place, panel);
        }
        return;
    }
    const Left left = roundedRows(all, part.row, part.rows, part);
    for (std::int64_t column = part.column; column < part.column + part.columns; column += kPanel) {
        const std::int64_t count = std::min(kPanel, part.column + part.columns - column);
        const PanelPlace place{part.first, part.depth, column, count};
        multiplyPanel(all, part, left, part.row, part.rows, place, packedPanel(all, place));
    }
}

void multiply(const Product& all, std::int64_t row, std::int64_t rows, std::int64_t column,
              std::int64_t columns) {
    for (std::int64_t begin = 0; begin < rows; begin += kHeight)
        for (std::int64_t first = 0; first < all.depth(); first += kDepth)
            multiplyPart(all, {row + begin, std::min(kHeight, rows - begin), column, columns, first,
                               std::min(kDepth, all.depth() - first)});
}

/// Each thread has columns of its own, so that none packs what another does too, where there are enough.
void onThreads(const Product& all) {
    constexpr std::int64_t kRows = 24; // whole tiles of either height
    const std::int64_t panels = (all.columns + kPanel - 1) / kPanel, rows = all.x.rows;
    if (panels >= 4 * at::get_num_threads()) {
        const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (rows * all.depth() * kPanel + 1));
        at::parallel_for(0, panels, grain, [&](std::int64_t begin, std::int64_t end) {
            const std::int64_t column = begin * kPanel;
            multiply(all, 0, rows, column, std::min(all.columns, end * kPanel) - column);
        });
        return;
    }
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (all.columns * all.depth() * kRows + 1));
    at::parallel_for(0, (rows + kRows - 1) / kRows, grain, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t row = begin * kRows;
        multiply(all, row, std::min(rows, end * kRows) - row, 0, all.columns);
    });
}

/// `count` columns of some rows, two rows side by side.
void pairSome(const NarrowRows& x, std::int64_t row, std::int64_t rows, std::int64_t column,
              std::int64_t count, Pair* to) {
    if (x.pairs != nullptr)
        pairRows(PairRows{x.pairs, x.pairStride, row + rows, x.kept}.from(row, column), count, to);
    else
        pairRows(FloatRows{x.data, x.width, row + rows, x.kept}.from(row, column), count, 1, to);
}

/// A panel of the columns of aᵀ b; the rows go by in blocks, of which both sides are packed.
void outerPanel(const NarrowRows& a, const NarrowRows& b, std::int64_t column, float* to) {
    const std::int64_t count = std::min(kPanel, b.width - column);
    for (std::int64_t row = 0; row < a.rows; row += kOuterDepth) {
        const std::int64_t rows = std::min(kOuterDepth, a.rows - row), pairs = pairsOf(rows);
        Pair* right = roomFor<Room::Panel>(pairs * kPanel);
        pairSome(b, row, rows, column, count, right);
        const std::int64_t stride = vectorsOf(a.width) * kLanes;
        Pair* left = roomFor<Room::Rows>(pairs * stride);
        pairSome(a, row, rows, 0, a.width, left);
        multiplyRows({left, 1, stride}, a.width, pairs, right,
                     {to + column, b.width, count, nullptr, row > 0});
    }
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

NarrowRows SharedRows::narrow(std::int64_t first, std::int64_t count, const BitRows& kept) const {
    LATHE_EXPECT(multipliesNarrow() && m_rows.is_contiguous());
    const std::int64_t width = m_rows.size(1);
    NarrowRows rows{m_rows.const_data_ptr<float>() + first * width, count, width, kept};
#if defined(LATHE_NARROW)
    if (!m_isShared || width > kDepth)
        return rows;
    const std::int64_t pairs = roundedUp(pairsOf(width), 2);
    if (!m_pairs.defined()) {
        m_pairs = at::empty({m_rows.size(0), pairs}, at::kInt);
        const FloatRows all{m_rows.const_data_ptr<float>(), width, m_rows.size(0)};
        auto* const to = reinterpret_cast<Pair*>(m_pairs.data_ptr<std::int32_t>());
        at::parallel_for(0, all.rows, std::max<std::int64_t>(1, kRoundGrain / width),
                         [&](std::int64_t begin, std::int64_t end) {
                             roundRows({all.data + begin * width, width, end - begin}, width, 1,
                                       to + begin * pairs, pairs);
                         });
    }
    rows.pairs = reinterpret_cast<const Pair*>(m_pairs.const_data_ptr<std::int32_t>()) + first * pairs;
    rows.pairStride = pairs;
#endif
    return rows;
}

void narrowProduct(const at::Tensor& into, const SharedRows& shared, const at::Tensor& w,
                   const at::Tensor& bias, bool isAdded) {
    const at::Tensor& x = shared.tensor();
    LATHE_EXPECT(into.is_contiguous() && x.is_contiguous() && into.size(0) == x.size(0));
    LATHE_EXPECT(x.size(1) == w.size(0) && into.size(1) == w.size(1));
#if defined(LATHE_NARROW)
    const bool isInOrder = w.scalar_type() == at::kBFloat16 && (w.stride(0) == 1 || w.stride(1) == 1);
    if (multipliesNarrow() && isInOrder && x.scalar_type() == at::kFloat && into.numel() > 0) {
        onThreads({into.data_ptr<float>(),
                   shared.narrow(0, x.size(0)),
                   Matrix{static_cast<const std::uint16_t*>(w.const_data_ptr()), w.stride(0), w.stride(1)},
                   w.size(1),
                   bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                   isAdded,
                   {}});
        return;
    }
#endif
    byLibrary(into, x, w, bias, isAdded);
}

void narrowFactorProduct([[maybe_unused]] const NarrowRows& x, [[maybe_unused]] const NarrowFactor& w,
                         [[maybe_unused]] float* c, [[maybe_unused]] bool isAdded,
                         [[maybe_unused]] const BitRows& kept) {
    LATHE_EXPECT(multipliesNarrow() && x.width == w.depth && (isAdded || kept.bytes == nullptr));
#if defined(LATHE_NARROW)
    if (x.rows > 0 && w.columns > 0)
        onThreads({c, x, w, w.columns, nullptr, isAdded, kept});
#endif
}

void narrowOuterProduct([[maybe_unused]] const NarrowRows& a, [[maybe_unused]] const NarrowRows& b,
                        [[maybe_unused]] float* to) {
    LATHE_EXPECT(multipliesNarrow() && a.rows == b.rows && a.kept.bytes == nullptr && a.rows > 0);
#if defined(LATHE_NARROW)
    const std::int64_t work = std::max<std::int64_t>(1, a.rows * a.width * kPanel);
    at::parallel_for(0, (b.width + kPanel - 1) / kPanel, std::max<std::int64_t>(1, kGrain / work),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t panel = begin; panel < end; ++panel)
                             outerPanel(a, b, panel * kPanel, to);
                     });
#endif
}

} // namespace lathe
