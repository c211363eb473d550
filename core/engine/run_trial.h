#pragma once

#include "core/engine/thread_executor.h"

#include <memory>
#include <stop_token>

namespace lathe {

/// How the other threads reach a submitted trial.
struct TrialControl {
    std::stop_source stop;
    /// Shared: the task's token may outlive the entry in the executor's table.
    std::shared_ptr<PauseSwitch> pause = std::make_shared<PauseSwitch>();
};

/// What both executors run a trial with.
struct TrialHost {
    TaskFactory factory;
    EventHub& hub;
};

/// One trial on the calling thread: makes its folder, publishes Preparing, runs the task, publishes Running
/// and a point for each report. The only place where an exception of a task, LibTorch's included, is caught:
/// Memory error for want of memory, else Internal. Cancelled error if the stop came before the start.
[[nodiscard]] Result<TrialResult> runTrial(const TrialHost& host, const TrialOrder& order,
                                           const TrialControl& control);

} // namespace lathe
