#pragma once

#include "core/engine/study_runner.h"
#include "core/store/study_reader.h"

#include <map>
#include <span>
#include <vector>

namespace lathe {

/// What the study's trials have reported of prunedMetric(), by trial.
using TrialCurves = std::map<TrialId, std::vector<CurvePoint>>;
[[nodiscard]] Result<TrialCurves> readCurves(const StudyReader& reader, StudyId id, const StudySpec& spec);

/// A study's rows as the engine goes on from them.
[[nodiscard]] std::vector<EarlierTrial> earlierTrials(std::span<const TrialRecord> trials,
                                                      const StudySpec& spec, TrialCurves curves);

} // namespace lathe
