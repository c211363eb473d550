#pragma once

#include "core/train/packed_step.h"
#include "core/train/packing_choice.h"
#include "core/train/prefix_cache.h"
#include "core/train/start_scores.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace lathe {

/// Another model over the weights of this one that computes as it does.
using ModelTwin = std::function<Result<std::unique_ptr<LanguageModel>>(const LanguageModel& base)>;

/// Starts a thread that does the work. std::system_error where the system has no more threads.
using ThreadStart = std::function<std::jthread(std::function<void(const std::stop_token&)> work)>;
[[nodiscard]] std::jthread startThread(std::function<void(const std::stop_token&)> work);

/// Trials that share one frozen base and, where it pays, their steps: a trial that has a batch ready waits
/// until those that wait are one thread's share of all that train, or nobody else is to come. Then one of the
/// pack's threads steps for them. A trial comes and goes at any step, takes its steps alone meanwhile, and
/// keeps everything else (data, optimiser, schedule, checkpoints) to itself. Any thread.
class TrialPack {
public:
    /// `threads`: what one trial may use; together they use as much as they might apart. `twin` is called on
    /// any of the pack's threads, with the base. Where `start` has no thread for it the pack steps for nobody
    /// any more.
    TrialPack(std::unique_ptr<LanguageModel> base, Packing mode, int threads, ModelTwin twin,
              ThreadStart start = startThread);
    TrialPack(const TrialPack&) = delete;
    TrialPack& operator=(const TrialPack&) = delete;
    ~TrialPack();

    /// A trial's place, from its first step to its last. Belongs to the trial's thread; the pack, the model
    /// and the adapter outlive it.
    class Seat {
    public:
        Seat(TrialPack& pack, LanguageModel& own, PackedMember member, std::int64_t number);
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
        std::int64_t m_number = 0; // in the order of joining
        // guarded by the pack's mutex
        bool m_isPresent = false;
        std::int64_t m_tokens = 0; // of its latest step; of one that is not present 0
    };
    /// `own`: the trial's model, of sharedModel() over base(), with `adapter` on it. Null where the trial
    /// cannot step with others.
    [[nodiscard]] std::unique_ptr<Seat> join(LanguageModel& own, const Adapter& adapter);

    /// The weights that all share. Nobody writes to them, or computes with this object.
    [[nodiscard]] const LanguageModel& base() const { return *m_base; }
    /// Steps that trials left to the pack, for tests and measurements.
    [[nodiscard]] std::int64_t stepsTogether() const;
    /// Trials that wait for others to come, likewise.
    [[nodiscard]] std::size_t waiting() const;

private:
    /// A trial that waits for its step.
    struct Request {
        Seat& seat;
        PackedTurn turn;
        StepReport report = {};
        std::exception_ptr problem = {}; // of this trial's own part
        bool isToStepAlone = false;      // its pass has failed, or trials go apart now
        bool isDone = false;
        std::condition_variable served = {};
    };
    /// What one thread steps for.
    struct Group {
        std::vector<Request*> requests;
        int threads = 1; // for each operation
    };
    [[nodiscard]] StepReport step(Seat& seat, const StepTurn& turn);
    // The lock is held:
    void setPresent(Seat& seat, bool isPresent);
    void setTokens(Seat& seat, std::int64_t tokens);
    [[nodiscard]] bool goesTogether() const;
    void dispatch();
    [[nodiscard]] std::size_t dueWith(std::size_t groups) const;
    [[nodiscard]] bool hasThreadForGroup();
    void beginGroup(std::size_t size, std::size_t threads);
    void sendAway();
    void finish(std::span<Request* const> pass);

    void serve(const std::stop_token& stop);
    void runGroup(std::unique_ptr<PackedBase>& base, const Group& group);
    void runPass(std::unique_ptr<PackedBase>& base, std::span<Request* const> pass);
    static void completing(Request& request, const std::function<StepReport()>& work);
    [[nodiscard]] std::optional<std::vector<StepSums>> gradientsOf(std::unique_ptr<PackedBase>& base,
                                                                   std::span<const PackedTurn> turns) const;

    const std::unique_ptr<LanguageModel> m_base;
    const ModelTwin m_twin;
    const ThreadStart m_start;
    const bool m_canShare;
    const int m_threads;
    mutable std::mutex m_mutex;          // guards the members below
    std::condition_variable_any m_isDue; // for the pack's threads: there is a group to step for
    PackingChoice m_choice;
    std::int64_t m_joined = 0;
    std::size_t m_present = 0;
    std::int64_t m_tokens = 0; // of those present
    std::vector<Request*> m_waiting;
    std::size_t m_inService = 0; // of those that waited
    std::size_t m_busy = 0;      // groups that are due or on a thread
    std::deque<Group> m_due;
    std::int64_t m_stepsTogether = 0;
    bool m_isBroken = false;             // no thread, or a pass of several has failed, as for want of memory
    std::vector<std::jthread> m_workers; // last: the others are there while they run
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
