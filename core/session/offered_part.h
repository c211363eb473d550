#pragma once

#include "core/base/registry.h"
#include "core/params/param_schema.h"

#include <vector>

namespace lathe {

/// A part for a picker, with what can be set in it.
struct OfferedPart {
    PartInfo info;
    ParamSchema options;
};

/// All parts of a kind that has options().
template <typename Part>
[[nodiscard]] std::vector<OfferedPart> offeredParts(const Registry<Part>& registry) {
    std::vector<OfferedPart> offered;
    for (const PartInfo& info : registry.list())
        offered.push_back({info, registry.make(info.id).value()->options()});
    return offered;
}

} // namespace lathe
