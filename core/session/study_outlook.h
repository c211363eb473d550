#pragma once

#include "core/analysis/study_forecast.h"
#include "core/params/study_spec.h"

#include <QString>

#include <span>

namespace lathe {

class RunTableModel;

/// What a study that has not begun will cost.
struct StudyOutlook {
    StudyForecast forecast; ///< hours only where the project has a run like its trials
    bool isAtMost = false;  ///< a pruner will end trials early
    QString like;           ///< name of the newest such run; empty: there is none
};

/// A run is like the study's trials if it is complete and has their model, data and length; of these, those
/// whose recipe has the most fields in common tell the speed. Contract: slots >= 1.
[[nodiscard]] StudyOutlook outlookOf(const StudySpec& study, std::int64_t slots, const RunTableModel& runs);

} // namespace lathe
