#pragma once

#include "core/base/event.h"
#include "core/train/flat_adamw.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// Where a run is, besides its tensors. Data order and dropout are functions of seed and step, so these few
/// numbers are enough to go on bit for bit.
struct RunPosition {
    std::int64_t step = 0;        ///< optimiser steps done
    std::int64_t batchesDone = 0; ///< micro-batches drawn
    double seconds = 0;           ///< training time
    bool isMeasured = false;      ///< what is due at this step (evaluation, samples) is done
    std::map<std::string, double> lastValues;
    std::map<std::string, double> bestValues;
    /// The last points reported: a process that dies right after the checkpoint takes with it those that the
    /// store had not written yet, and a resumed run begins behind them. So it reports them again.
    std::vector<MetricPoint> latestPoints;
};

/// Files by name: what an adapter says of itself, for people and for a resumed run.
using RunRecords = std::map<std::string, std::string>;

/// Writes <folder>/checkpoints/step-NNNNNNNN (built beside and renamed, so that a crash leaves no half of
/// one) and removes all but the newest two. `others`: what else belongs to the run, such as an adapter's
/// state(); `records`: its records(). Io error as writeFileAtomically().
[[nodiscard]] Status saveCheckpoint(const std::filesystem::path& folder, const RunPosition& position,
                                    const FlatAdamW& optimizer, const std::vector<NamedTensor>& others,
                                    const RunRecords& records = {});

/// The records of the newest whole checkpoint; none where there is no checkpoint. Io error where one cannot
/// be read.
[[nodiscard]] Result<RunRecords> checkpointRecords(const std::filesystem::path& folder);
/// Into the run's folder. Io error as writeFileAtomically().
[[nodiscard]] Status writeRecords(const std::filesystem::path& folder, const RunRecords& records);

/// Takes the newest whole checkpoint of `folder` into the optimiser (and through it into the parameters) and
/// into the tensors `others`.
/// Nothing if there is none. Input error if it belongs to another recipe.
[[nodiscard]] Result<std::optional<RunPosition>> restoreCheckpoint(const std::filesystem::path& folder,
                                                                   FlatAdamW& optimizer,
                                                                   const std::vector<NamedTensor>& others);

} // namespace lathe
