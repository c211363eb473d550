#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lathe {

/// One term of a sum of products of matrices, Σ_k a(i, k) b(k, j). Neighbouring columns of b are neighbours
/// in memory; a may stand in any order.
template <typename S>
struct ProductTerm {
    const S* a = nullptr;
    std::int64_t aRow = 0;   ///< stride from a(i, k) to a(i + 1, k)
    std::int64_t aDepth = 1; ///< stride from a(i, k) to a(i, k + 1)
    const S* b = nullptr;
    std::int64_t bDepth = 0; ///< stride from b(k, j) to b(k + 1, j)
    std::int64_t depth = 0;
};

/// Where a sum of products goes.
template <typename S>
struct ProductTarget {
    S* c = nullptr;
    std::int64_t stride = 0; ///< from c(i, j) to c(i + 1, j)
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    bool isAdded = false; ///< to what stands there
};

inline constexpr std::size_t kMostTerms = 8;

/// c(i, j) = Σ over the terms, in registers from the first term to the last. For matrices as small as those
/// of small models and of low-rank paths, on which a BLAS library spends much of its time getting ready. Each
/// number is summed along k one after the other, so it depends neither on the other rows nor on the threads.
/// S: float or double.
/// Contract: at most kMostTerms terms.
template <typename S>
void sumProducts(const ProductTarget<S>& into, std::span<const ProductTerm<S>> terms);

extern template void sumProducts<float>(const ProductTarget<float>&, std::span<const ProductTerm<float>>);
extern template void sumProducts<double>(const ProductTarget<double>&, std::span<const ProductTerm<double>>);

/// to(j, i) = factor · from(i, j); from: [rows, columns], to: [columns, rows], both without gaps.
template <typename S>
void turnMatrix(const S* from, std::int64_t rows, std::int64_t columns, S factor, S* to) {
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            to[j * rows + i] = factor * from[i * columns + j];
}

} // namespace lathe
