#pragma once

#include "core/base/event.h"

#include <nlohmann/json_fwd.hpp>

namespace lathe {

/// One line of --json while a study runs: {"event": "point", "trial": 1, "metric": "loss", "step": 3, …}. The
/// events are point, state, progress, sample, log and rewind.
[[nodiscard]] nlohmann::ordered_json toJsonLine(const Event& event);

} // namespace lathe
