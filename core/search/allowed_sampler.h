#pragma once

#include "core/search/sampler.h"

#include <memory>

namespace lathe {

/// A sampler that answers only points which the study's rules allow (core/params/study_rules.h), whatever the
/// one within proposes. A proposal that is not allowed is answered anew where the sampler draws by chance.
/// Elsewhere it counts, for the sampler alone, as a trial that failed at once: so a design goes on to its
/// next point and a direct search to its next direction. After some proposals in vain a point is drawn evenly
/// among the allowed ones. Input error that names the rule in the way if none is found. Its state holds the
/// proposals that were turned down; without rules it is the other's in everything.
[[nodiscard]] std::unique_ptr<Sampler> makeAllowedSampler(std::unique_ptr<Sampler> within);

} // namespace lathe
