#pragma once

#include "core/params/study_spec.h"

#include <string>
#include <vector>

namespace lathe {

/// What the trials of a recipe report.
struct ReportedMetrics {
    /// What a study can improve, each in its better direction; the task's own comes first.
    std::vector<Objective> objectives;
    /// Everything that a constraint may speak of.
    std::vector<std::string> limits;
    bool operator==(const ReportedMetrics&) const = default;
};

} // namespace lathe
