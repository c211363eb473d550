#include "core/analysis/quantile.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>

namespace lathe {

double quantileOfSorted(std::span<const double> sorted, double share) {
    LATHE_EXPECT(!sorted.empty() && share >= 0 && share <= 1);
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(place));
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace lathe
