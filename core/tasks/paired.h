#pragma once

#include "core/tasks/verdict.h"

namespace lathe {

/// Two models on the same rows: where they differ, and how likely such a difference is by chance. The
/// difference of a metric is compareVerdicts().
struct PairedComparison {
    std::int64_t rows = 0; ///< judged right or wrong for both
    std::int64_t bothRight = 0;
    std::int64_t onlyFirst = 0;  ///< the first right, the second wrong
    std::int64_t onlySecond = 0; ///< the reverse
    std::int64_t bothWrong = 0;
    /// Chance of a split of the differing rows at least as uneven, if both were equally good: McNemar's exact
    /// test, two-sided (McNemar 1947); 1 where no row differs.
    double pValue = 1;
};
/// Contract: equally many verdicts, of the same rows in the same order.
[[nodiscard]] PairedComparison comparePaired(std::span<const RowVerdict> first,
                                             std::span<const RowVerdict> second);

} // namespace lathe
