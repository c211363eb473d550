#pragma once

#include "core/session/dataset_parts.h"

namespace lathe {

/// What the studio asks of core, for recipes of this schema.
[[nodiscard]] DatasetParts makeDatasetParts(const ParamSchema& recipeSchema);

} // namespace lathe
