#pragma once

#include "core/base/inbox.h"
#include "core/trial/executor.h"

#include <memory>

namespace lathe {

/// Makes the task that runs a trial; called on the slot's thread.
using TaskFactory = std::function<std::unique_ptr<TrialTask>()>;

/// One thread a slot in this process; more trials wait in the order they came. Publishes Preparing when a
/// slot takes a trial, Running at its first report (unless the task said so before), and every event of the
/// task, Paused and Finishing among them; Queued and the final state are the runner's. Any exception that
/// leaves a task ends here and becomes an error of the trial.
class ThreadExecutor final : public Executor {
public:
    ThreadExecutor(std::size_t slots, TaskFactory factory, EventHub& hub);
    ~ThreadExecutor() override; ///< cancels what waits and runs, and joins

    [[nodiscard]] std::size_t slots() const override;
    [[nodiscard]] std::size_t slotsEach() const override;
    void submit(TrialOrder order, std::function<void(Result<TrialResult>)> done) override;
    void cancel(TrialId id) override;
    void setPaused(TrialId id, bool shouldPause) override;

private:
    struct Content;
    std::unique_ptr<Content> m_content;
};

/// Runs each trial inside submit(): deterministic, for tests and for one-shot command lines. Publishes as
/// ThreadExecutor does.
class InlineExecutor final : public Executor {
public:
    InlineExecutor(TaskFactory factory, EventHub& hub);
    ~InlineExecutor() override;

    [[nodiscard]] std::size_t slots() const override { return 1; }
    [[nodiscard]] std::size_t slotsEach() const override { return 1; }
    void submit(TrialOrder order, std::function<void(Result<TrialResult>)> done) override;
    void cancel(TrialId id) override;
    void setPaused(TrialId id, bool shouldPause) override;

private:
    struct Content;
    std::unique_ptr<Content> m_content;
};

} // namespace lathe
