#pragma once

#include "core/base/event.h"
#include "core/base/random.h"
#include "core/params/param_value.h"
#include "core/trial/pause_token.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

namespace lathe {

/// What the scheduler answers to a reported number. Prune: end soon, keep what is needed to go on later, and
/// return the result so far with `wasPruned`; a trial that has nothing left to do may end as usual.
enum class Verdict { Continue, Prune };

/// What a finished trial leaves. `adapterFolder` is empty if nothing was exported.
struct TrialResult {
    std::map<std::string, double> metrics; ///< last value of each, and "best_<name>" where a best is meant
    std::int64_t steps = 0;                ///< optimiser steps done in all, earlier sittings included
    double seconds = 0;                    ///< training time in all, earlier sittings included
    std::filesystem::path adapterFolder;
    bool wasPruned = false;
};

/// Everything a trial may see of the world and do to it: report, and notice that it should stop or pause.
struct TrialContext {
    TrialId id;
    std::uint64_t seed = 0;       ///< mixSeed(study seed, trial number): the trial can be run again alone
    std::filesystem::path folder; ///< the trial's own; exists; holds checkpoints and the adapter
    bool shouldResume = false;    ///< go on from the newest checkpoint in `folder`, if there is one
    /// Numbers are to be the same again bit for bit: nothing may depend on the clock, nor on what runs
    /// beside.
    bool isRepeatable = false;
    std::stop_token stop; ///< checked at each optimiser step
    PauseToken pause;     ///< likewise; waiting in it costs no processor time
    /// How many slots the trial may fill by itself by now; empty: one. It is more where others stay empty.
    std::function<std::size_t()> slotsToFill;
    /// A metric at a step. May be called from the trial's thread only.
    std::function<Verdict(std::string_view metric, std::int64_t step, double value, double seconds)> report;
    /// Any other event; the trial's id is filled in.
    std::function<void(Event)> publish;
};

/// One black box: parameters in, numbers out. run() blocks until the trial is over; it is called from one
/// slot's thread, and never twice at the same time on one object. Error kind Cancelled if `stop` was asked
/// for; the trial then has written a checkpoint it can go on from.
class TrialTask {
public:
    TrialTask() = default;
    TrialTask(const TrialTask&) = delete;
    TrialTask& operator=(const TrialTask&) = delete;
    virtual ~TrialTask() = default;

    [[nodiscard]] virtual Result<TrialResult> run(const ParamValues& values, TrialContext& context) = 0;
};

} // namespace lathe
