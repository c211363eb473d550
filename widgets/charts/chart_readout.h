#pragma once

#include "widgets/charts/chart_state.h"

#include <QString>

namespace lathe {

/// Series the read-out names one by one; those beyond are counted.
inline constexpr std::size_t kReadoutRows = 12;

/// The read-out at x as a small table: swatch, name, value, smoothed value.
[[nodiscard]] QString readoutHtml(const ChartState& state, double x, bool isDark);

} // namespace lathe
