#pragma once

#include "core/search/sampler.h"

namespace lathe {

/// Whether the point belongs to the study's space: a value of its domain for each dimension that is active,
/// and for no other. Input error saying what is wrong, by the key.
[[nodiscard]] Status checkPoint(const StudySpec& spec, const ParamValues& point);

/// What the study tries next: the sampler's answer. Where that was tried before, whatever came of it, and the
/// study may not repeat a point, another one is drawn uniformly; the answer stands if the space has no other.
/// A function of the sampler, the study and its trials alone. Input error from the sampler.
[[nodiscard]] Result<ParamValues> nextPoint(Sampler& sampler, const StudyView& study);

} // namespace lathe
