#pragma once

#include "core/analysis/chart_data.h"
#include "core/analysis/study_trials.h"

#include <span>

namespace lathe {

/// How far trials came: those that reached a rung, and what became of them before the next one.
struct RungCount {
    std::int64_t steps = 0;   ///< where the rung is
    std::int64_t reached = 0; ///< all of the below together
    std::int64_t kept = 0;    ///< reached the next rung, or completed
    std::int64_t pruned = 0;
    std::int64_t running = 0; ///< not in a final state: still to be decided
    std::int64_t stopped = 0; ///< failed, cancelled or interrupted
    bool operator==(const RungCount&) const = default;
};

/// One count for each rung, lowest first. A completed trial counts as having reached every rung.
[[nodiscard]] std::vector<RungCount> rungFunnel(const StudyTrials& study,
                                                std::span<const std::int64_t> rungs);

/// Rungs to be seen in the trials where no schedule is known: the steps at which trials were pruned, and
/// StudyTrials::fullSteps.
[[nodiscard]] std::vector<std::int64_t> rungsOf(const StudyTrials& study);

/// Bars "reached" and "kept", a label a rung.
[[nodiscard]] ChartData rungFunnelChart(std::span<const RungCount> counts);

} // namespace lathe
