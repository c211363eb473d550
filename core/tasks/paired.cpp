#include "core/tasks/paired.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// P(X <= few or X >= many) for a fair coin thrown few + many times; in logarithms, because 2^-n underflows.
double evenSplitChance(std::int64_t few, std::int64_t many) {
    const std::int64_t thrown = few + many;
    double logTerm = -static_cast<double>(thrown) * std::log(2.0);
    double tail = 0;
    for (std::int64_t i = 0; i <= few; ++i) {
        tail += std::exp(logTerm);
        logTerm += std::log(static_cast<double>(thrown - i) / static_cast<double>(i + 1));
    }
    return std::min(1.0, 2 * tail);
}

} // namespace

PairedComparison comparePaired(std::span<const RowVerdict> first, std::span<const RowVerdict> second) {
    LATHE_EXPECT(first.size() == second.size());
    PairedComparison result;
    for (std::size_t row = 0; row < first.size(); ++row) {
        if (!first[row].isCorrect || !second[row].isCorrect)
            continue;
        ++result.rows;
        const bool isFirstRight = *first[row].isCorrect;
        const bool isSecondRight = *second[row].isCorrect;
        std::int64_t& count = isFirstRight    ? isSecondRight ? result.bothRight : result.onlyFirst
                              : isSecondRight ? result.onlySecond
                                              : result.bothWrong;
        ++count;
    }
    result.pValue = evenSplitChance(std::min(result.onlyFirst, result.onlySecond),
                                    std::max(result.onlyFirst, result.onlySecond));
    return result;
}

} // namespace lathe
