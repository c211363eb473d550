#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lathe {

/// PEFT's rank_pattern and alpha_pattern: the value of the first pattern that fits the module's path at a
/// dot, or the fallback. Throws std::regex_error and what nlohmann::json throws.
[[nodiscard]] double patternValue(const nlohmann::json& config, const char* key, const std::string& module,
                                  double fallback);

} // namespace lathe
