#pragma once

#include <span>
#include <vector>

namespace lathe {

/// NaN of no numbers.
[[nodiscard]] double mean(std::span<const double> numbers);
[[nodiscard]] bool isConstant(std::span<const double> numbers);

/// Rank of each number from 1; equal ones share the mean of their ranks.
[[nodiscard]] std::vector<double> ranks(std::span<const double> numbers);

/// Pearson's correlation; contract: equally many of both. NaN where one side is constant or there are fewer
/// than two pairs.
[[nodiscard]] double pearson(std::span<const double> x, std::span<const double> y);

} // namespace lathe
