#pragma once

#include <span>
#include <vector>

namespace lathe {

/// Measures of given numbers against the right ones; contract of all: equally many of both. NaN where there
/// is no pair, of the correlations also where one side is constant or there is a single pair.

[[nodiscard]] double pearson(std::span<const double> expected, std::span<const double> given);
/// Pearson's correlation of the ranks().
[[nodiscard]] double spearman(std::span<const double> expected, std::span<const double> given);
[[nodiscard]] double meanSquaredError(std::span<const double> expected, std::span<const double> given);
[[nodiscard]] double meanAbsoluteError(std::span<const double> expected, std::span<const double> given);
/// Coefficient of determination, 1 - residual / total sum of squares. Where the right numbers are all the
/// same 1 if they are all met and 0 if not, as scikit-learn has it; NaN of a single pair.
[[nodiscard]] double rSquared(std::span<const double> expected, std::span<const double> given);

/// Rank of each number from 1; equal ones share the mean of their ranks.
[[nodiscard]] std::vector<double> ranks(std::span<const double> numbers);

} // namespace lathe
