#pragma once

#include "core/store/study_reader.h"
#include "core/train/export_adapter.h"

namespace lathe {

/// What the store knows of a trial, for the model card: the recipe, and of each eval_ metric the last value
/// and the best with their steps. Database error as the reader's.
[[nodiscard]] Result<RunFacts> runFacts(const StudyReader& reader, const TrialRecord& trial);

/// An export of the trial's adapter in the usual format; the caller chooses target and everything else.
/// Contract: the trial has an adapter folder.
[[nodiscard]] Result<ExportRequest> exportRequest(const StudyReader& reader, const TrialRecord& trial);

} // namespace lathe
