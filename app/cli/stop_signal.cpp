#include "app/cli/stop_signal.h"

#include "app/cli/exit_code.h"

#include <signal.h>
#include <unistd.h>

namespace lathe {

namespace {

// A signal handler may touch nothing else; there is one process, so there is one flag.
volatile sig_atomic_t stopRequests = 0;

void onStopSignal(int) {
    if (stopRequests > 0)
        _exit(static_cast<int>(ExitCode::Interrupted));
    stopRequests = 1;
}

} // namespace

void catchStopSignals() {
    struct sigaction action = {};
    action.sa_handler = onStopSignal;
    action.sa_flags = SA_RESTART; // a system call in the store or the loader must not fail because of it
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool isStopRequested() { return stopRequests > 0; }

} // namespace lathe
