#pragma once

#include "core/data/import_format.h"
#include "core/data/table.h"

namespace lathe {

/// By the columns' names and the first rows. How sure: the share of these rows that fit.
[[nodiscard]] Detected<RowSchema> guessSchema(const Table& table);

} // namespace lathe
