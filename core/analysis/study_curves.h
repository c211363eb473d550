#pragma once

#include "core/analysis/chart_data.h"
#include "core/base/event.h"

#include <optional>
#include <span>

namespace lathe {

/// The curves of one metric of all trials of a study over steps: Lines "#trial", faint and by trial, the best
/// trial's bold and last, so that it is drawn over them. Without a best, all are normal.
[[nodiscard]] ChartData studyCurvesChart(std::span<const MetricPoint> points, const std::string& metric,
                                         std::optional<TrialId> best);

} // namespace lathe
