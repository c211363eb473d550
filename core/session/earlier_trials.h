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

/// Whether anything of the study is left to run, within its budget: a trial that has not ended, a cancelled
/// one, or one that is not there yet.
[[nodiscard]] bool isUnfinished(const StudySpec& spec, std::span<const TrialRecord> trials);
/// Whether the study's pruner may let a pruned trial go on, so that its curves are looked at.
[[nodiscard]] bool mayPromote(const StudySpec& spec);
/// Likewise, with a pruned trial that the study's pruner lets go on now. curves: only looked at where
/// mayPromote().
[[nodiscard]] bool isUnfinished(const StudySpec& spec, std::span<const TrialRecord> trials,
                                TrialCurves curves, const Registry<Pruner>& pruners);

// What StudyServices asks of the store. All block.
[[nodiscard]] Status saveSamplerState(StoreThread& store, StudyId study, std::string_view state);
[[nodiscard]] Status saveBudget(StoreThread& store, StudyId study, const StudyBudget& budget);
[[nodiscard]] Status saveQueue(StoreThread& store, StudyId study, std::span<const TrialId> order);

/// Adds a trial to a study that nobody runs, where StudyRunner::addTrial() would to one that runs. Contract:
/// the recipe is manualRecipe()'s. Blocks.
[[nodiscard]] Result<TrialId> queueTrial(StoreThread& store, StudyId study, const StudySpec& spec,
                                         const TrialWish& wish);

/// A trial begins anew with these values: its folder is removed, its row has the values. Blocks.
[[nodiscard]] Status restartTrial(StoreThread& store, const std::filesystem::path& folder, TrialId trial,
                                  const ParamValues& values);

} // namespace lathe
