#pragma once

#include "core/engine/thread_executor.h"

namespace lathe {

/// Tasks of which `slots` run at the same time: a recipe that leaves its threads open (0) takes its part of
/// the cores instead of all of them, which would only wait for one another. Contract: slots >= 1.
[[nodiscard]] TaskFactory sharingCores(TaskFactory make, std::size_t slots);

} // namespace lathe
