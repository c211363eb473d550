#pragma once

#include "core/engine/thread_executor.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace lathe::test {

/// Only a broken engine waits this long; it keeps a failing test from hanging.
constexpr std::chrono::seconds kPatience{20};

/// A task that does what a test says.
class ScriptedTask final : public TrialTask {
public:
    using Script = std::function<Result<TrialResult>(const ParamValues&, TrialContext&)>;
    explicit ScriptedTask(Script script) : m_script(std::move(script)) {}
    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        return m_script(values, context);
    }

private:
    Script m_script;
};

inline TaskFactory scripted(ScriptedTask::Script script) {
    return [script = std::move(script)] { return std::make_unique<ScriptedTask>(script); };
}

inline Error cancelled() { return {Error::Kind::Cancelled, {}, "Stopped"}; }

/// A small training run as a real task behaves: stops and pauses between steps, reports "loss" = x² + 1 /
/// step and returns it as the metric.
inline Result<TrialResult> trainBriefly(const ParamValues& values, TrialContext& context,
                                        std::int64_t steps) {
    TrialResult result;
    for (std::int64_t step = 1; step <= steps; ++step) {
        if (context.stop.stop_requested())
            return cancelled();
        if (context.pause.isPaused()) {
            context.publish(TrialChange{{}, TrialState::Paused, {}});
            context.pause.waitWhilePaused(context.stop);
            context.publish(TrialChange{{}, TrialState::Running, {}});
            continue;
        }
        const double x = values.contains("x") ? values.real("x") : 0;
        const double loss = x * x + 1 / static_cast<double>(step);
        result.steps = step;
        result.metrics["loss"] = loss;
        if (context.report("loss", step, loss, 0) == Verdict::Prune) {
            result.wasPruned = true;
            return result;
        }
    }
    return result;
}

/// Counts up, and lets other threads wait until a count is reached.
class Counter {
public:
    void add() {
        {
            const std::lock_guard lock(m_mutex);
            ++m_count;
        }
        m_changed.notify_all();
    }
    [[nodiscard]] int count() const {
        const std::lock_guard lock(m_mutex);
        return m_count;
    }
    [[nodiscard]] bool waitFor(int count) {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, kPatience, [this, count] { return m_count >= count; });
    }

private:
    mutable std::mutex m_mutex; // guards m_count
    std::condition_variable m_changed;
    int m_count = 0;
};

/// Sleeps until the trial is stopped, without using the processor.
inline void waitForStop(const TrialContext& context) {
    PauseSwitch forever;
    forever.pause();
    forever.waitWhilePaused(context.stop);
}

} // namespace lathe::test
