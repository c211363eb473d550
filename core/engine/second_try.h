#pragma once

#include "core/engine/study_runner.h"

namespace lathe {

/// A submitted trial, as far as a second try needs it.
struct Attempt {
    TrialOrder order;
    std::string note = {}; ///< of the first try; empty: this is the first
};

/// The lighter recipe of the services, unless it changes what the search has asked for
/// or what follows from that.
[[nodiscard]] std::optional<ParamValues> lighterRecipe(const StudyServices& services, const StudySpec& spec,
                                                       const ParamValues& recipe);

/// "batch_size 4 instead of 8, gradient_accumulation 2 instead of 1"
[[nodiscard]] std::string changesOf(const ParamValues& before, const ParamValues& after);

/// "a; b", or the one that is not empty.
[[nodiscard]] std::string bothNotes(const std::string& first, const std::string& second);

} // namespace lathe
