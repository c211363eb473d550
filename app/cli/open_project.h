#pragma once

#include "app/cli/command_set.h"
#include "core/store/study_reader.h"

namespace lathe {

/// The project folder this call is about, absolute.
[[nodiscard]] std::filesystem::path projectFolder(const SharedOptions& shared);

/// Its rows, for looking only: creates nothing. Database error if there is no project yet.
[[nodiscard]] Result<StudyReader> openForReading(const SharedOptions& shared);

/// The trial with an adapter that a person names by its number. Input error if it is unknown, or has none.
[[nodiscard]] Result<TrialRecord> findTrialWithAdapter(const StudyReader& reader, std::int64_t trial);

} // namespace lathe
