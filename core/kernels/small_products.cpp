#include "core/kernels/small_products.h"

#include "core/base/contract.h"
#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <vector>

namespace lathe {

namespace {

/// A second thread is worth waking for so many multiplications.
constexpr std::int64_t kGrain = 1 << 18;

template <typename S, std::int64_t bytes>
struct VectorOf;
template <std::int64_t bytes>
struct VectorOf<float, bytes> {
    typedef float Type __attribute__((vector_size(bytes))); // NOLINT: GCC takes the size of no alias
};
template <std::int64_t bytes>
struct VectorOf<double, bytes> {
    typedef double Type __attribute__((vector_size(bytes))); // NOLINT
};

/// `R` rows by `C` vectors of `bytes` of the sum, which stay in registers.
template <typename S, std::int64_t bytes, int R, int C>
LATHE_INLINE void tile(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms, std::int64_t row,
                       std::int64_t column) {
    using V = typename VectorOf<S, bytes>::Type;
    constexpr std::int64_t kLanes = bytes / static_cast<std::int64_t>(sizeof(S));
    S* const c = into.c + row * into.stride + column;
    V sums[R][C];
    for (int r = 0; r < R; ++r)
        for (int j = 0; j < C; ++j) {
            sums[r][j] = V{};
            if (into.isAdded)
                std::memcpy(&sums[r][j], c + r * into.stride + j * kLanes, sizeof(V));
        }
    for (const ProductTerm<S>& term : terms) {
        const S* a = term.a + row * term.aRow;
        const S* b = term.b + column;
        for (std::int64_t k = 0; k < term.depth; ++k, a += term.aDepth, b += term.bDepth) {
            V right[C];
#pragma GCC unroll 8
            for (int j = 0; j < C; ++j)
                std::memcpy(&right[j], b + j * kLanes, sizeof(V));
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                const S left = a[r * term.aRow];
#pragma GCC unroll 8
                for (int j = 0; j < C; ++j)
                    sums[r][j] += left * right[j];
            }
        }
    }
    for (int r = 0; r < R; ++r)
        for (int j = 0; j < C; ++j)
            std::memcpy(c + r * into.stride + j * kLanes, &sums[r][j], sizeof(V));
}

/// The rows of one strip of columns.
template <typename S, std::int64_t bytes, int R, int C>
LATHE_INLINE void strip(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms,
                        std::int64_t column) {
    std::int64_t row = 0;
    for (; row + R <= into.rows; row += R)
        tile<S, bytes, R, C>(into, terms, row, column);
    if constexpr (R > 4)
        for (; row + 4 <= into.rows; row += 4)
            tile<S, bytes, 4, C>(into, terms, row, column);
    for (; row < into.rows; ++row)
        tile<S, bytes, 1, C>(into, terms, row, column);
}

/// One to three columns, beside others of zero: alone, each would take a vector's place in the multipliers.
template <typename S, int R>
LATHE_INLINE void lastColumns(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms,
                              std::int64_t column) {
    constexpr std::int64_t kWidth = 4;
    const std::int64_t count = into.columns - column;
    const auto widen = [count](const S* from, std::int64_t stride, std::int64_t rows, S* to) {
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t j = 0; j < count; ++j)
                to[row * kWidth + j] = from[row * stride + j];
    };
    std::int64_t depth = 0;
    for (const ProductTerm<S>& term : terms)
        depth += term.depth;
    thread_local std::vector<S> room;
    room.assign(static_cast<std::size_t>((into.rows + depth) * kWidth), S(0));
    ProductTerm<S> widened[kMostTerms];
    ProductTarget<S> target{room.data(), kWidth, into.rows, kWidth, into.isAdded};
    if (into.isAdded)
        widen(into.c + column, into.stride, into.rows, target.c);
    S* right = target.c + into.rows * kWidth;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        widen(terms[i].b + column, terms[i].bDepth, terms[i].depth, right);
        widened[i] = terms[i];
        widened[i].b = right;
        widened[i].bDepth = kWidth;
        right += terms[i].depth * kWidth;
    }
    strip<S, kWidth * sizeof(S), R, 1>(target, std::span<const ProductTerm<S>>(widened, terms.size()), 0);
    for (std::int64_t row = 0; row < into.rows; ++row)
        std::copy_n(target.c + row * kWidth, count, into.c + row * into.stride + column);
}

/// `bytes`: of a vector register. Columns that do not fill one go in narrower ones.
template <typename S, std::int64_t bytes, int R>
LATHE_INLINE void strips(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms) {
    constexpr std::int64_t kLanes = bytes / static_cast<std::int64_t>(sizeof(S));
    constexpr std::int64_t kFew = 4;
    std::int64_t column = 0;
    for (; column + 2 * kLanes <= into.columns; column += 2 * kLanes)
        strip<S, bytes, R, 2>(into, terms, column);
    for (; column + kLanes <= into.columns; column += kLanes)
        strip<S, bytes, R, 1>(into, terms, column);
    if constexpr (kLanes > 2 * kFew)
        for (; column + 2 * kFew <= into.columns; column += 2 * kFew)
            strip<S, 2 * kFew * sizeof(S), R, 1>(into, terms, column);
    if constexpr (kLanes > kFew)
        for (; column + kFew <= into.columns; column += kFew)
            strip<S, kFew * sizeof(S), R, 1>(into, terms, column);
    if (column < into.columns)
        lastColumns<S, R>(into, terms, column);
}

template <typename S>
using Products = void (*)(const ProductTarget<S>&, std::span<const ProductTerm<S>>);

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
// Not LATHE_WIDE: how many rows fit into the registers differs.
template <typename S>
__attribute__((target("arch=x86-64-v4"))) void productsOf64(const ProductTarget<S>& into,
                                                            std::span<const ProductTerm<S>> terms) {
    strips<S, 64, 8>(into, terms);
}
template <typename S>
__attribute__((target("arch=x86-64-v3"))) void productsOf32(const ProductTarget<S>& into,
                                                            std::span<const ProductTerm<S>> terms) {
    strips<S, 32, 6>(into, terms);
}
#endif

template <typename S>
void productsOf16(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms) {
    strips<S, 16, 4>(into, terms);
}

template <typename S>
Products<S> widest() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (__builtin_cpu_supports("x86-64-v4") != 0)
        return productsOf64<S>;
    if (__builtin_cpu_supports("x86-64-v3") != 0)
        return productsOf32<S>;
#endif
    return productsOf16<S>;
}

} // namespace

template <typename S>
void sumProducts(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms) {
    static const Products<S> products = widest<S>();
    LATHE_EXPECT(terms.size() <= kMostTerms);
    std::int64_t depth = 0;
    for (const ProductTerm<S>& term : terms)
        depth += term.depth;
    constexpr std::int64_t kUnit = 32; // of rows or columns, so that the tiles are whole
    const bool isTall = into.rows >= into.columns;
    const std::int64_t along = isTall ? into.rows : into.columns;
    const std::int64_t work = std::max<std::int64_t>(1, kUnit * depth * (isTall ? into.columns : into.rows));
    at::parallel_for(0, (along + kUnit - 1) / kUnit, std::max<std::int64_t>(1, kGrain / work),
                     [&](std::int64_t begin, std::int64_t end) {
                         const std::int64_t first = begin * kUnit;
                         const std::int64_t count = std::min(along, end * kUnit) - first;
                         ProductTarget<S> part = into;
                         (isTall ? part.rows : part.columns) = count;
                         part.c += first * (isTall ? into.stride : 1);
                         ProductTerm<S> moved[kMostTerms];
                         std::size_t number = 0;
                         for (const ProductTerm<S>& term : terms) {
                             moved[number] = term;
                             (isTall ? moved[number].a : moved[number].b) += first * (isTall ? term.aRow : 1);
                             ++number;
                         }
                         products(part, std::span<const ProductTerm<S>>(moved, number));
                     });
}

template void sumProducts<float>(const ProductTarget<float>&, std::span<const ProductTerm<float>>);
template void sumProducts<double>(const ProductTarget<double>&, std::span<const ProductTerm<double>>);

} // namespace lathe
