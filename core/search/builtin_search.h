#pragma once

#include "core/search/sampler.h"

#include <memory>

namespace lathe {

/// Uniform over each domain, log-uniform where the domain says so; the history plays no part.
[[nodiscard]] std::unique_ptr<Sampler> makeRandomSampler();

} // namespace lathe
