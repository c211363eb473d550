#pragma once

#include "core/store/optuna_import.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// How a study of Optuna's is to become one of a project.
struct ImportOrder {
    std::string name;                           ///< empty: the file's
    std::vector<std::string> metrics;           ///< what its values are, in order; the rest as the file says
    std::string samplerId;                      ///< empty: the file's if Lathe has written it, else random
    std::map<std::string, std::string> renamed; ///< its parameters to fields of the recipe
    ParamValues recipe;                         ///< what was not searched; over the file's own
    std::int64_t moreTrials = 0;                ///< how many a new search adds to them
};

/// A study as addStudyWithHistory() takes it.
struct StudyImport {
    StudySpec spec;
    std::vector<HistoryTrial> trials;
    std::vector<std::string> notes; ///< what was left out or changed, a sentence each
};

/// The trials with whole recipes: the searched values over order.recipe over the file's own over the
/// defaults. Parameters named as fields of the recipe get those fields' conditions. Trials that have not
/// ended are left out, and told. With more trials to come the study's trialCount leaves room for them, a
/// failed trial without all its parameters is left out, and told. Input error: more metrics than the study
/// has objectives, a renamed parameter that is not there or gets another's name, no trial that has ended, or,
/// with more trials to come, a trial with a value but without one of its parameters.
[[nodiscard]] Result<StudyImport> prepareImport(OptunaStudy study, const ImportOrder& order,
                                                std::span<const ParamSpec> schema);

} // namespace lathe
