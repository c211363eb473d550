#pragma once

#include "app/cli/command_set.h"
#include "app/cli/study_changes.h"
#include "core/params/study_spec.h"
#include "core/session/confirmation.h"

namespace lathe {

/// Everything that can be known to be wrong with a study before anything is written: schema, search space,
/// files. Says each problem; true if there is none.
[[nodiscard]] bool checkStudy(const StudySpec& spec, const BuiltinParts& parts, const Terminal& terminal);

/// Checks, writes and runs a new study in the project, `slots` trials at a time (kAutoSlots: as many as suit
/// it), and says how it went.
[[nodiscard]] ExitCode runNewStudy(const StudySpec& spec, std::size_t slots, const StudyChanges& changes,
                                   const CommandSet& commands, const Terminal& terminal);

/// Checks, writes and runs a study whose trials are all known, and says how they compare.
[[nodiscard]] ExitCode runPlannedStudy(const ConfirmationPlan& plan, std::size_t slots,
                                       const CommandSet& commands, const Terminal& terminal);

/// Goes on with a study that was stopped or killed, or, with changes, with any. `wanted`: its number, or
/// "latest".
[[nodiscard]] ExitCode resumeStudy(const std::string& wanted, std::size_t slots, const StudyChanges& changes,
                                   const CommandSet& commands, const Terminal& terminal);

} // namespace lathe
