#pragma once

#include "core/trial/executor.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace lathe {

class TrialBook;

/// A trial whose task has returned.
struct Finished {
    TrialId id;
    Result<TrialResult> result;
};

/// What a study's controller shares with the other threads.
struct SharedTrials {
    std::mutex mutex; // guards everything below
    std::condition_variable_any changed;
    std::vector<Finished> finished;
    std::map<TrialId, bool> active; // submitted trials and whether they should be paused
    /// What others want of the controller, who does it on its own thread.
    std::vector<std::function<void(TrialBook&)>> commands;
    bool isClosed = false; // no more commands are taken
    bool isPaused = false; // the study: nothing more is submitted
    bool isRunning = false;
    bool isOver = false;
    std::atomic<bool> mayFillSlots = false; // that stay empty; not guarded: trials ask at each step

    void post(Finished trial) {
        {
            const std::lock_guard lock(mutex);
            finished.push_back(std::move(trial));
        }
        changed.notify_all();
    }

    /// False: it comes too late.
    [[nodiscard]] bool command(std::function<void(TrialBook&)> wanted) {
        {
            const std::lock_guard lock(mutex);
            if (isClosed)
                return false;
            commands.push_back(std::move(wanted));
        }
        changed.notify_all();
        return true;
    }

    std::vector<TrialId> activeIds() {
        const std::lock_guard lock(mutex);
        std::vector<TrialId> ids;
        for (const auto& [id, isTrialPaused] : active)
            ids.push_back(id);
        return ids;
    }

    std::optional<bool> pauseWish(TrialId id) {
        const std::lock_guard lock(mutex);
        const auto it = active.find(id);
        return it == active.end() ? std::nullopt : std::optional(it->second);
    }
};

} // namespace lathe
