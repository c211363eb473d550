#pragma once

namespace lathe {

/// What the program answers to its caller; told in --help.
enum class ExitCode {
    Done = 0,
    Failed = 1,      ///< it began and did not work out; the message says why
    BadInput = 2,    ///< something given is wrong; nothing was written
    Interrupted = 3, ///< stopped by Ctrl+C or SIGTERM; what was trained is kept
};

} // namespace lathe
