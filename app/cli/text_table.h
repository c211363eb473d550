#pragma once

#include <string>
#include <vector>

namespace lathe {

/// Rows as lines with aligned columns; the first row is the heading. Columns of numbers lean right.
[[nodiscard]] std::string textTable(const std::vector<std::vector<std::string>>& rows);

} // namespace lathe
