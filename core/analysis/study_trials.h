#pragma once

#include "core/base/event.h"
#include "core/params/study_spec.h"

#include <cstdint>
#include <vector>

namespace lathe {

/// A trial as the statistics see it.
struct StudyTrial {
    std::int64_t number = 0;
    ParamValues values; ///< the searched keys that were active in it
    TrialState state = TrialState::Queued;
    std::vector<double> objectives = {};  ///< in the order of StudyTrials::objectives; empty: it has none yet
    std::int64_t steps = 0;               ///< optimiser steps done
    double seconds = 0;                   ///< training time
    std::vector<double> constraints = {}; ///< one above 0 is violated
};

/// What the statistics of a study are made of. A plain value, so that the store, a session or an import can
/// fill it.
struct StudyTrials {
    SearchSpace space;
    std::vector<Objective> objectives{Objective{}};
    std::vector<StudyTrial> trials; ///< by number
    std::int64_t fullSteps = 0;     ///< optimiser steps of a trial that is not cut short; 0: not known
};

/// The value to make small: the objective, its sign turned where the study maximises it. Contract: the trial
/// has objectives.
[[nodiscard]] double lossOf(const StudyTrials& study, const StudyTrial& trial, std::size_t objective = 0);

/// Complete, with a finite value for every objective.
[[nodiscard]] bool isMeasured(const StudyTrials& study, const StudyTrial& trial);
[[nodiscard]] std::vector<const StudyTrial*> measuredTrials(const StudyTrials& study);

/// Sum of what the trial violates its constraints by; not-a-number counts as a violation without end.
[[nodiscard]] double violationOf(const StudyTrial& trial);

/// The measured trial that violates nothing and has the best value, the earliest of equals; null without one.
[[nodiscard]] const StudyTrial* bestTrial(const StudyTrials& study, std::size_t objective = 0);

} // namespace lathe
