#pragma once

#include "core/trial/trial_task.h"

#include <cstddef>
#include <functional>

namespace lathe {

/// One trial to run.
struct TrialOrder {
    TrialId id;
    std::int64_t number = 0; ///< position in the study, from 0
    ParamValues values;
    std::uint64_t seed = 0;
    std::filesystem::path folder;
    bool shouldResume = false;
    bool isRepeatable = false; ///< as of TrialContext
    /// Asked for each reported number, from the slot's thread; empty: the trial goes on.
    std::function<Verdict(std::string_view metric, std::int64_t step, double value)> shouldPrune = {};
    /// Told of each number that a trial publishes and does not report, as one that goes on from a checkpoint
    /// does with what it had reported before that: it has been answered already. Likewise; empty: nobody is.
    std::function<void(std::string_view metric, std::int64_t step, double value)> onRetold = {};
    /// As of TrialContext. From the slot's thread.
    std::function<std::size_t()> slotsToFill = {};
};

/// Where trials run: threads of this process now, processes and clusters later; callers do not change.
class Executor {
public:
    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    virtual ~Executor() = default;

    /// How many trials run at the same time.
    [[nodiscard]] virtual std::size_t slots() const = 0;
    /// How many slots each trial could fill by now, whoever submitted it: slots that neither run a trial nor
    /// are waited for are shared among all that are here. At least 1. From any thread; does not block.
    [[nodiscard]] virtual std::size_t slotsEach() const = 0;
    /// Does not block (but the inline executor of the tests runs the trial at once). `done` is called once,
    /// from the slot's thread, or from the thread that cancels a trial still waiting for its slot. Contract:
    /// no trial of that id is waiting or running.
    virtual void submit(TrialOrder order, std::function<void(Result<TrialResult>)> done) = 0;
    /// Both may be called from any thread and do not block; an id that is not here (any more) is ignored.
    virtual void cancel(TrialId id) = 0;
    virtual void setPaused(TrialId id, bool shouldPause) = 0;
};

} // namespace lathe
