#pragma once

#include "core/params/study_spec.h"

#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// What is searched from now on in a study that is there.
struct SpaceChange {
    SearchSpace space;                  ///< in the place of what was searched of the same key, or new
    std::vector<DerivedValue> derived;  ///< likewise
    std::vector<std::string> forbidden; ///< beside those there are
};

/// The study with another version of its space; the one before is kept among StudySpec::earlierSpaces.
/// `trials`: how many the study has.
[[nodiscard]] StudySpec withChangedSpace(StudySpec spec, const SpaceChange& change, std::int64_t trials);

/// Why a trial does not lie in what the study searches now, so that it is no history of the search; nothing:
/// it does. recipe: the trial's whole one. Contract: StudyRules accepts the study.
[[nodiscard]] std::optional<std::string> misfitOf(const StudySpec& spec, const ParamValues& recipe);

} // namespace lathe
