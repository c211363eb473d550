#pragma once

#include <optional>

namespace lathe {

/// Bytes of memory this machine could give to a new program now; nothing where the system does not tell.
[[nodiscard]] std::optional<double> availableMemory();

} // namespace lathe
