#pragma once

#include "core/base/result.h"
#include "core/base/work_time.h"
#include "core/data/token_cache.h"
#include "core/params/param_value.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace lathe {

/// What is to be measured.
struct ProfileRequest {
    ParamValues recipe;
    std::int64_t steps = 20; ///< after kProfileWarmup others; fewer where the recipe has fewer
    std::uint64_t seed = 42;
    TokenCacheSettings tokenCache;
    std::stop_token stop;
    /// Steps done of all, or a phase before them; from the calling thread. May be empty.
    std::function<void(const std::string& phase, std::int64_t done, std::int64_t total)> onProgress;
};
/// Steps before those that count: memory and kernels are made ready in them.
inline constexpr std::int64_t kProfileWarmup = 3;
inline constexpr std::int64_t kMostProfileSteps = 1000;

/// Trains by the recipe as a run would, but neither evaluates nor keeps anything, and tells where the time of
/// a step goes. Blocks. Errors as a run, checks of the recipe first; Input error if `steps` is not in [1,
/// kMostProfileSteps]; Cancelled after a stop.
[[nodiscard]] Result<StepProfile> profileTraining(const ProfileRequest& request);

} // namespace lathe
