#pragma once

#include "core/base/random.h"
#include "core/params/study_spec.h"

#include <functional>

namespace lathe {

/// One value of the dimension's domain: uniform, or uniform in the logarithm where the domain says so. A
/// whole number v of a logarithmic range has a probability proportional to log(1 + step / v). Input error if
/// the domain is empty, free text, or logarithmic from 0 down.
[[nodiscard]] Result<ParamValue> drawUniform(const SearchDimension& dimension, Rng& rng);

using DrawValue = std::function<Result<ParamValue>(const SearchDimension&)>;

/// Asks `draw` for each dimension that is active, those that decide about others first. A condition looks at
/// the drawn value of a searched key (an inactive one meets no condition) and at the study's fixed value of
/// any other. Input error if dimensions depend on each other in a circle, or from `draw`.
[[nodiscard]] Result<ParamValues> drawActive(const StudySpec& spec, const DrawValue& draw);

} // namespace lathe
