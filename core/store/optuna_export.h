#pragma once

#include "core/store/export_target.h"
#include "core/store/study_reader.h"

namespace lathe {

/// Writes the study as a file of Optuna's RDB storage (SQLite), which optuna.load_study of Optuna 3.2 to 5.0
/// and optuna-dashboard open: `storage="sqlite:///FILE"`, the study's own name. It appears whole or not at
/// all.
///
/// Each trial carries its searched values with their distributions, its objective, the points of the
/// objective's metric as intermediate values, its times (UTC) and, as user attributes, the seed, the whole
/// recipe, the steps, the seconds, the reason of its end and the last value of every other metric. A
/// cancelled trial is FAIL there, as is a complete one without an objective (or with NaN, which Optuna does
/// not allow); what runs is RUNNING, what is still to run WAITING. -0.0 becomes 0.0, in Optuna's own files
/// too.
/// Input error: the target (see checkExportTarget()), or a searched value Optuna has no form for; Io or
/// Database error if it cannot be written. Blocks; any thread.
[[nodiscard]] Status writeOptunaFile(const StudyContent& content, const std::filesystem::path& target,
                                     Existing existing);

} // namespace lathe
