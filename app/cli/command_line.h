#pragma once

namespace lathe {

/// Whether the call is for the window: a display is there and no subcommand or option of ours is given.
[[nodiscard]] bool isForWindow(int argc, const char* const* argv);

/// Runs the subcommand, or the built-in example where there is none. Returns the exit code; see ExitCode.
[[nodiscard]] int runCommandLine(int argc, const char* const* argv);

} // namespace lathe
