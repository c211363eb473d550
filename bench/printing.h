#pragma once

#include "core/base/result.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace lathe::bench {

/// Prints what was measured as one JSON object, or on standard error why nothing was. `indent`: as
/// json::dump()'s. Returns the program's exit code: 0, or `failed`.
inline int printed(const Result<nlohmann::json>& result, int indent = -1, int failed = 2) {
    if (!result.has_value()) {
        std::cerr << result.error().text() << '\n';
        return failed;
    }
    std::cout << result->dump(indent) << '\n';
    return 0;
}

} // namespace lathe::bench
