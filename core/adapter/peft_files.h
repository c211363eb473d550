#pragma once

#include "core/model/model_summary.h"

#include <string>

namespace lathe {

/// "base_model.model.<module path>.<suffix>", the name of a tensor in a PEFT file.
[[nodiscard]] inline std::string peftName(const Site& site, const std::string& suffix) {
    return "base_model.model." + site.name + "." + suffix;
}

} // namespace lathe
