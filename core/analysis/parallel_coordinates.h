#pragma once

#include "core/analysis/parameter_axis.h"
#include "core/analysis/study_trials.h"

#include <optional>

namespace lathe {

struct ParallelAxis {
    std::string label;
    bool isLog = false;
    bool isObjective = false;
    std::vector<AxisTick> ticks;
};

struct ParallelLine {
    std::int64_t trial = 0; ///< its number
    /// By axis, 0 (low end) to 1; nothing where the parameter is not active: the line has a gap there.
    std::vector<std::optional<double>> places;
    double objective = 0;
    bool isTop = false; ///< among the best share of the trials
    bool isBest = false;
};

/// A study as parallel coordinates: one axis a searched parameter in the order of the space, then the
/// objective; one line a measured trial, the worst first so that the best are drawn last.
struct ParallelCoordinates {
    std::vector<ParallelAxis> axes;
    std::vector<ParallelLine> lines;
};

/// topShare in (0, 1]: the best ones by that share, rounded up; infeasible trials are never among them. The
/// objective's axis ends at the worst and the best value there is, low values at its low end.
[[nodiscard]] ParallelCoordinates parallelCoordinates(const StudyTrials& study, double topShare = 0.1,
                                                      std::size_t objective = 0);

} // namespace lathe
