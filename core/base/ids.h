#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace lathe {

/// A row's number that cannot be mixed up with another kind of row's. 0 is "none"; the store hands out the
/// others.
template <typename Tag>
struct Id {
    std::int64_t value = 0;

    [[nodiscard]] bool isValid() const { return value > 0; }
    auto operator<=>(const Id&) const = default;
};

using StudyId = Id<struct StudyTag>;
using TrialId = Id<struct TrialTag>;
using EvaluationId = Id<struct EvaluationTag>;

} // namespace lathe

template <typename Tag>
struct std::hash<lathe::Id<Tag>> {
    std::size_t operator()(const lathe::Id<Tag>& id) const noexcept {
        return std::hash<std::int64_t>{}(id.value);
    }
};
