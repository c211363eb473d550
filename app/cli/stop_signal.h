#pragma once

#include <stop_token>
#include <thread>

namespace lathe {

/// Ctrl+C and SIGTERM as a question. The first one asks for a clean stop; a second one ends the process at
/// once with exit code 3 (the database stays whole, the last checkpoint stays).
void catchStopSignals();
[[nodiscard]] bool isStopRequested();
/// What the next stop signal does: where a program waits for a person, there is nothing to stop cleanly.
/// Forgets a request that came before, and answers whether there was one.
enum class NextStop { AsksForStop, EndsProcess };
bool setNextStop(NextStop next);

/// Passes a stop signal on as a stop request, within 20 ms; a signal's handler itself may not.
class StopOnSignal {
public:
    StopOnSignal();
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;
    [[nodiscard]] std::stop_token token() const { return m_source.get_token(); }

private:
    std::stop_source m_source;
    std::jthread m_watcher;
};

} // namespace lathe
