#pragma once

namespace lathe {

/// The t for which Student's distribution with `freedom` degrees of freedom puts the share `level` between -t
/// and t. level in (0, 1), freedom > 0; exact to 1e-9 relative. The quantile of the regularised incomplete
/// beta function (DiDonato and Morris 1992, formula of its continued fraction), found by bisection.
[[nodiscard]] double twoSidedT(double level, double freedom);

/// The probability that Student's distribution with `freedom` > 0 degrees of freedom lies further from 0 than
/// `t`, on either side; 0 for an infinite t.
[[nodiscard]] double twoSidedTail(double t, double freedom);

} // namespace lathe
