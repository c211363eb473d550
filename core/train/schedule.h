#pragma once

#include <cstdint>
#include <string>

namespace lathe {

/// A learning-rate schedule as transformers counts it: `step` from 0; during warm-up base · step / warmup;
/// then constant, linear to 0 or half a cosine to 0 at `total`.
struct Schedule {
    std::string kind = "linear"; ///< "constant", "linear" or "cosine"
    double base = 1e-3;
    std::int64_t warmup = 0;
    std::int64_t total = 1;

    [[nodiscard]] double at(std::int64_t step) const;
};

} // namespace lathe
