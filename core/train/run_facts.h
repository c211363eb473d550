#pragma once

#include "core/params/param_value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// A score of a run on its evaluation data.
struct RunScore {
    std::string metric; ///< "eval_accuracy"
    double last = 0;
    std::int64_t lastStep = 0;
    double best = 0;
    std::int64_t bestStep = 0;
};

/// What is known of a run that has trained something; all of it may be missing.
struct RunFacts {
    std::string name;
    ParamValues recipe;
    std::optional<std::uint64_t> seed; ///< of the trial
    std::int64_t steps = 0;
    double seconds = 0; ///< of training
    std::vector<RunScore> scores;
};

} // namespace lathe
