#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lathe {

double Schedule::at(std::int64_t step) const {
    if (step < warmup)
        return base * static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, warmup));
    if (kind == "constant")
        return base;
    const double length = static_cast<double>(std::max<std::int64_t>(1, total - warmup));
    const double done = static_cast<double>(step - warmup) / length;
    if (kind == "cosine")
        return base * std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
    return base * std::max(0.0, 1.0 - done);
}

} // namespace lathe
