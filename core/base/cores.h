#pragma once

namespace lathe {

/// The processor cores this process may use; at least 1.
[[nodiscard]] int availableCores();

} // namespace lathe
