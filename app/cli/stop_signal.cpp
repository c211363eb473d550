#include "app/cli/stop_signal.h"

#include "app/cli/exit_code.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <signal.h>
#include <unistd.h>

namespace lathe {

namespace {

// A signal handler may touch nothing else; there is one process, so there is one flag.
std::atomic<int> stopRequests = 0;
static_assert(std::atomic<int>::is_always_lock_free);

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

bool setNextStop(NextStop next) { return stopRequests.exchange(next == NextStop::EndsProcess ? 1 : 0) > 0; }

StopOnSignal::StopOnSignal()
    : m_watcher([this](const std::stop_token& ended) {
          std::mutex mutex;
          std::condition_variable_any wake;
          std::unique_lock lock(mutex);
          while (!wake.wait_for(lock, ended, std::chrono::milliseconds(20), [] {
              return isStopRequested();
          }) && !ended.stop_requested()) {
          }
          if (isStopRequested())
              m_source.request_stop();
      }) {}

} // namespace lathe
