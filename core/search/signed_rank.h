#pragma once

#include <span>

namespace lathe {

/// One-sided signed-rank test, Wilcoxon 1945: how likely differences at least as far above 0 are where their
/// signs are chance. Differences of 0 count half on either side (zsplit), equal sizes share their mean rank.
/// Exact up to 50 differences, by the normal approximation with its correction for equal ranks beyond.
/// 1 for no differences. Contract: they are finite.
[[nodiscard]] double signedRankP(std::span<const double> differences);

} // namespace lathe
