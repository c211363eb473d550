#pragma once

#include "core/engine/study_runner.h"
#include "core/store/store_thread.h"
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

/// A trial begins anew with these values: its folder is removed, its row has the values. Blocks.
[[nodiscard]] Status restartTrial(StoreThread& store, const std::filesystem::path& folder, TrialId trial,
                                  const ParamValues& values);

} // namespace lathe
