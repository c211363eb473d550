#pragma once

#include "core/params/param_schema.h"

namespace lathe {

// The values of a real that goes in steps, `step` > 0: low (left out where lowOpen), low + step, … up to
// high, which need not be one of them. Each is the nearest number of 15 digits, so that steps of 0.1 give 0.3
// and not 0.30000000000000004.

/// What is wrong with the domain's step, as problemWith() says it, or nothing: "has the step -1; choose …". A
/// step of 0 is none and fine.
[[nodiscard]] std::optional<std::string> problemWithStep(const RealDomain& domain);

/// How many values there are. Contract of this and the next two: problemWithStep() says nothing, and step >
/// 0.
[[nodiscard]] std::int64_t gridCount(const RealDomain& domain);
/// Value number `index`, from 0.
[[nodiscard]] double gridValue(const RealDomain& domain, std::int64_t index);
/// The number of the value nearest to `value`.
[[nodiscard]] std::int64_t gridIndex(const RealDomain& domain, double value);

/// Whether the value is one of the grid, up to rounding. `high` may be infinite.
[[nodiscard]] bool isOnGrid(const RealDomain& domain, double value);

} // namespace lathe
