#pragma once

#include "app/cli/terminal.h"
#include "core/base/work_time.h"

namespace lathe {

/// "products with the base's weights"
[[nodiscard]] std::string kindWords(WorkKind kind);
/// As tables for people and an object for machines.
void tellProfile(const StepProfile& profile, const Terminal& terminal);

} // namespace lathe
