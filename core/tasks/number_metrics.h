#pragma once

#include <span>

namespace lathe {

/// Measures of given numbers against the right ones; contract of all: equally many of both. NaN where there
/// is no pair, of the correlation also where one side is constant or there is a single pair.

/// Spearman's: pearson() of the ranks().
[[nodiscard]] double spearman(std::span<const double> expected, std::span<const double> given);
[[nodiscard]] double meanSquaredError(std::span<const double> expected, std::span<const double> given);
[[nodiscard]] double meanAbsoluteError(std::span<const double> expected, std::span<const double> given);
/// Coefficient of determination, 1 - residual / total sum of squares. Where the right numbers are all the
/// same 1 if they are all met and 0 if not, as scikit-learn has it; NaN of a single pair.
[[nodiscard]] double rSquared(std::span<const double> expected, std::span<const double> given);

} // namespace lathe
