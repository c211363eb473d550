#include "core/adapter/peft_patterns.h"

#include <nlohmann/json.hpp>
#include <regex>

namespace lathe {

double patternValue(const nlohmann::json& config, const char* key, const std::string& module,
                    double fallback) {
    const auto patterns = config.find(key);
    if (patterns == config.end() || !patterns->is_object())
        return fallback;
    for (const auto& [pattern, value] : patterns->items())
        if (std::regex_match(module, std::regex("(.*\\.)?(" + pattern + ")")))
            return value.get<double>();
    return fallback;
}

} // namespace lathe
