#pragma once

namespace lathe {

/// Logarithm of the standard normal distribution function, to full relative precision far into both tails: an
/// asymptotic series (Abramowitz and Stegun 1964, 26.2.12) where erfc underflows.
[[nodiscard]] double logNormalCdf(double x);

/// Logarithm of the mass of the standard normal distribution between `from` and `to`; -infinity where
/// from >= to. No digits are lost where both lie in the same tail.
[[nodiscard]] double logNormalMass(double from, double to);

/// The x with logNormalCdf(x) = logShare; logShare <= 0.
[[nodiscard]] double normalQuantileOfLog(double logShare);

/// The value below which the share `u` of a standard normal distribution that is cut to [from, to] lies; u in
/// [0, 1].
[[nodiscard]] double truncatedNormalQuantile(double u, double from, double to);

} // namespace lathe
