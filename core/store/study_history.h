#pragma once

#include "core/store/study_writer.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lathe {

/// A trial that ran elsewhere, or at another time.
struct HistoryTrial {
    std::int64_t number = 0;
    ParamValues values; ///< where it comes from says whether these are the searched ones or a whole recipe
    std::uint64_t seed = 0;
    TrialState state = TrialState::Queued;
    std::string reason;
    std::optional<double> objective;
    std::vector<std::pair<std::int64_t, double>> curve; ///< of the objective's metric, by step
    std::int64_t steps = 0;
    double seconds = 0;
    std::vector<double> furtherObjectives = {}; ///< where `objective` is there, one for each of the study's
    bool operator==(const HistoryTrial&) const = default;
};

/// Whether a study can learn from a trial in this state: Complete, Pruned or Failed.
[[nodiscard]] bool isHistory(TrialState state);

/// Adds a study with its trials, whose values are whole recipes, to the project; until all of it is there
/// nobody sees any of it. Afterwards the last value of the objective's metric is each trial's objective: a
/// point is added behind the curve where it ends with another number, and one of each further objective.
/// Input error for a trial that isHistory() does not hold for; Database error from the writer.
[[nodiscard]] Result<StudyId> addStudyWithHistory(StudyWriter& writer, const StudySpec& spec,
                                                  std::span<const HistoryTrial> trials);

} // namespace lathe
