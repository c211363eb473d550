#pragma once

namespace lathe {

/// Ctrl+C and SIGTERM as a question. The first one asks for a clean stop; a second one ends the process at
/// once with exit code 3 (the database stays whole, the last checkpoint stays).
void catchStopSignals();
[[nodiscard]] bool isStopRequested();

} // namespace lathe
