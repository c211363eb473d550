#pragma once

#include "core/train/packed_step.h"
#include "core/train/packing_choice.h"
#include "core/train/prefix_cache.h"
#include "core/train/start_scores.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lathe {

/// Trials that share one frozen base and, where it pays, their steps: a trial that has a batch ready waits
/// until the others that are training have theirs, and one thread steps for all. A trial comes and goes at
/// any step, takes its steps alone meanwhile, and keeps everything else (data, optimiser, schedule,
/// checkpoints) to itself. Any thread.
class TrialPack {
public:
    /// `threads`: what one trial may use; together they use as much as they might apart.
    TrialPack(std::unique_ptr<LanguageModel> base, Packing mode, int threads);
    TrialPack(const TrialPack&) = delete;
    TrialPack& operator=(const TrialPack&) = delete;
    ~TrialPack();

    /// A trial's place, from its first step to its last. Belongs to the trial's thread; the pack, the model
    /// and the adapter outlive it.
    class Seat {
    public:
        Seat(TrialPack& pack, LanguageModel& own, PackedMember member);
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        ~Seat();

        /// trainingStep(), with others or alone. Blocks for as long as others that train take to get there.
        [[nodiscard]] StepReport step(const StepTurn& turn);
        /// Until the next step() nobody waits for this trial: it evaluates, saves or pauses.
        void standAside();

    private:
        friend class TrialPack;
        TrialPack& m_pack;
        LanguageModel& m_own;
        PackedMember m_member;
        bool m_isPresent = false; // guarded by the pack's mutex
    };
    /// `own`: the trial's model, of sharedModel() over base(), with `adapter` on it. Null where the trial
    /// cannot step with others.
    [[nodiscard]] std::unique_ptr<Seat> join(LanguageModel& own, const Adapter& adapter);

    /// The weights that all share. Nobody writes to them, or computes with this object.
    [[nodiscard]] const LanguageModel& base() const { return *m_base.model; }
    /// Steps that trials took together, for tests and measurements.
    [[nodiscard]] std::int64_t stepsTogether() const;

private:
    struct Request {
        PackedTurn turn;
        StepReport report = {};
        std::exception_ptr problem = {}; // of this trial's own part
        bool hasFailed = false;          // the pass of all: to be done alone
        bool isDone = false;
    };
    [[nodiscard]] StepReport step(Seat& seat, const StepTurn& turn);
    void setPresent(Seat& seat, bool isPresent); // the lock is held
    void serve(const std::stop_token& stop);
    void runRound(const std::vector<Request*>& round);

    PackedBase m_base; // used by the pack's thread alone
    const bool m_canShare;
    const int m_threads;
    mutable std::mutex m_mutex;          // guards the members below, but the thread
    std::condition_variable_any m_isDue; // for the pack's thread: a round may be due
    std::condition_variable m_served;    // for the trials: a round is done
    PackingChoice m_choice;
    std::size_t m_present = 0;
    std::vector<Request*> m_waiting;
    std::int64_t m_stepsTogether = 0;
    bool m_isBroken = false; // a pass of all has failed, as for want of memory
    std::jthread m_thread;   // last: the others are there while it runs
};

/// The packs of a process, by what their trials must have in common. Any thread.
class PackDesk {
public:
    /// Where a run of this recipe finds others to share a base with, loaded at the first call; it is gone
    /// with the last of its trials. Null where trials of the recipe do not pack: the recipe says so, the
    /// method is another than LoRA, the base starts untrained or with a new head, or it is not on the CPU.
    /// Errors as loadModel().
    [[nodiscard]] Result<std::shared_ptr<TrialPack>> packFor(const ParamValues& recipe);
    /// Of trials that run at the same time, or one after another.
    [[nodiscard]] ActivationShelf& activations() { return m_activations; }
    /// Likewise.
    [[nodiscard]] StartScores& startScores() { return m_startScores; }

private:
    std::mutex m_mutex; // guards m_packs, and that each base is read once
    std::map<std::string, std::weak_ptr<TrialPack>> m_packs;
    ActivationShelf m_activations;
    StartScores m_startScores;
};

} // namespace lathe
