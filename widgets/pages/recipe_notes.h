#pragma once

#include "core/params/param_schema.h"

#include <vector>

namespace lathe {

/// What the adapter of this recipe can be exported as, where that is other than one would think: said before
/// it is trained, each sentence with the field it is about. Translated.
[[nodiscard]] std::vector<Problem> exportNotes(const ParamValues& recipe);

} // namespace lathe
