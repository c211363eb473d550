#pragma once

#include "core/base/random.h"
#include "core/search/auto_view.h"

#include <optional>

namespace lathe {

/// The point with the highest expected improvement under an AdditiveProcess, sought one dimension at a time
/// along its whole range. Nothing where trials have constraints, or where a process over all dimensions
/// together predicts each of the better half of the trials from the others about as well: one kind of
/// process, and the losses or their levels, are chosen by that. The study has no conditions.
[[nodiscard]] std::optional<ParamValues> additivePoint(const PartialStudy& study, Rng& rng);

} // namespace lathe
