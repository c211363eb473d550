#pragma once

#include "core/base/result.h"
#include "core/search/mads_mesh.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Where the present iteration of a direct search began; saved with the study, so that a resumed one begins
/// it alike.
struct MadsBeginning {
    std::int64_t iteration = 0;
    std::int64_t firstTrial = -1;      ///< trials before it were looked at; -1: none has begun
    std::vector<std::int64_t> missing; ///< of those, the ones without a result then
    double barrier = std::numeric_limits<double>::infinity();
    std::vector<MadsMesh::Size> sizes;
    std::int64_t originTrial = -1;     ///< the centre around which the incumbent was found
    std::vector<double> lastDirection; ///< of the latest success
};

/// One line of words; reals keep every bit.
[[nodiscard]] std::string toText(const MadsBeginning& begin);
/// Input error if the text is not what toText() wrote.
[[nodiscard]] Result<MadsBeginning> madsBeginningFrom(std::string_view text);

} // namespace lathe
