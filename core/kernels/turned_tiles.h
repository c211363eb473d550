#pragma once

#include "core/kernels/vectors.h"

namespace lathe {

/// to(j, i) = from(i, j) of eight by eight numbers, in registers.
LATHE_INLINE void turnTile(const float* from, std::int64_t fromStride, float* to, std::int64_t toStride) {
    HalfLanes row[8], pair[8], four[8];
    for (int i = 0; i < 8; ++i)
        load(from + i * fromStride, row[i]);
    for (int i = 0; i < 8; i += 2) {
        pair[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        pair[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int half = 0; half < 8; half += 4)
        for (int i = 0; i < 2; ++i) {
            const HalfLanes &a = pair[half + i], &b = pair[half + i + 2];
            four[half + 2 * i] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
            four[half + 2 * i + 1] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int i = 0; i < 4; ++i) {
        const HalfLanes low = __builtin_shufflevector(four[i], four[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        const HalfLanes high = __builtin_shufflevector(four[i], four[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
        store(to + i * toStride, low);
        store(to + (i + 4) * toStride, high);
    }
}

/// to(j, i) = from(i, j), i < rows, j < columns.
template <typename S>
LATHE_INLINE void turnRows(const S* from, std::int64_t fromStride, std::int64_t rows, std::int64_t columns,
                           S* to, std::int64_t toStride) {
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            to[j * toStride + i] = from[i * fromStride + j];
}

LATHE_INLINE void turnRows(const float* from, std::int64_t fromStride, std::int64_t rows,
                           std::int64_t columns, float* to, std::int64_t toStride) {
    constexpr std::int64_t kTile = 8;
    const std::int64_t wholeRows = rows / kTile * kTile;
    const std::int64_t wholeColumns = columns / kTile * kTile;
    for (std::int64_t i = 0; i < wholeRows; i += kTile)
        for (std::int64_t j = 0; j < wholeColumns; j += kTile)
            turnTile(from + i * fromStride + j, fromStride, to + j * toStride + i, toStride);
    turnRows<float>(from + wholeRows * fromStride, fromStride, rows - wholeRows, columns, to + wholeRows,
                    toStride);
    turnRows<float>(from + wholeColumns, fromStride, wholeRows, columns - wholeColumns,
                    to + wholeColumns * toStride, toStride);
}

} // namespace lathe
