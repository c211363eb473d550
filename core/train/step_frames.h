#pragma once

#include "core/base/work_time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// One call of an operator, a node of the backward pass or a scope. Those of a thread lie within each other
/// or apart.
struct Frame {
    std::uint64_t thread = 0;
    std::size_t name = 0;            ///< index of a NameFacts
    std::int64_t begin = 0, end = 0; ///< nanoseconds
    /// Of the node that the call makes or is; −1: none.
    std::int64_t sequence = -1;
    std::uint64_t forwardThread = 0; ///< of a node: where it was made
    bool isNode = false;
    bool readsBase = false; ///< an operand is a weight of the base model
};

/// What a name tells, looked up once.
struct NameFacts {
    explicit NameFacts(std::string_view name);

    std::string shown;
    std::optional<WorkKind> kind;
    bool isProduct = false;
    bool isBatched = false;
    bool isElementwise = false;
};

/// A frame's own part.
struct OwnTime {
    WorkKind kind = WorkKind::Other;
    double seconds = 0; ///< without the frames inside of it; each moment is shared by the threads at work
};

/// By frame, parallel to `frames`. A kind that a name tells holds for everything inside, but a product with a
/// base weight inside of an adapter stays one; a node without a kind takes that of the operator that made it.
/// `trainsBase`: other products are those of the base's gradients.
[[nodiscard]] std::vector<OwnTime> ownTimes(std::span<const Frame> frames, std::span<const NameFacts> names,
                                            bool trainsBase);

} // namespace lathe
