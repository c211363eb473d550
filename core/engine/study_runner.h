#pragma once

#include "core/base/inbox.h"
#include "core/search/pruner.h"
#include "core/search/sampler.h"
#include "core/trial/executor.h"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace lathe {

/// A trial that was there before. Complete, Pruned and Failed ones are history; all others, Cancelled ones
/// included, run again first, in the order of their places and numbers and from their checkpoint if there is
/// one.
struct EarlierTrial {
    TrialId id;
    std::int64_t number = 0;
    ParamValues values; ///< the whole recipe
    std::uint64_t seed = 0;
    TrialState state = TrialState::Queued;
    std::optional<double> objective;
    std::int64_t steps = 0;                     ///< how far it came
    double seconds = 0;                         ///< its training time
    std::vector<CurvePoint> curve = {};         ///< what it reported of prunedMetric(), by step
    bool isProtected = false;                   ///< the pruner is not asked about it
    std::vector<double> furtherObjectives = {}; ///< as ObservedTrial's
    std::int64_t place = 0;                     ///< in the queue, from 1; 0: behind those that have one
    bool isHeld = false;                        ///< pruned by hand: no pruner lets it go on
    /// As TrialResult::metrics, and "steps" and "seconds"; only the study's constraints look at them.
    std::map<std::string, double> metrics = {};
};

/// The note of a trial that pruneTrial() has ended.
inline constexpr std::string_view kEndedByHand = "ended by hand";

/// A trial that is about to be made.
struct PlannedTrial {
    std::int64_t number = 0;
    ParamValues values; ///< the whole recipe
    std::uint64_t seed = 0;
    TrialId origin = {}; ///< the trial that it was changed from by hand, if there is one
};

/// A trial that somebody asks for.
struct TrialWish {
    ParamValues recipe;  ///< as manualRecipe() answers it
    TrialId origin = {}; ///< the trial it was changed from, if there is one
};

/// What the runner needs of its surroundings. All of it must outlive the runner. The functions are called
/// from the controller thread.
struct StudyServices {
    EventHub& hub;
    Executor& executor;
    /// Writes the trial's row and answers its id; it must be on disk before the trial starts.
    std::function<Result<TrialId>(const PlannedTrial& trial)> createTrial;
    /// Of a Complete or Pruned trial, before that state is published.
    std::function<Status(TrialId trial, const TrialResult& result)> finishTrial;
    std::function<std::filesystem::path(TrialId trial)> folderOf;
    /// After each ask that changed it, before the trial is created.
    std::function<Status(std::string_view samplerState)> saveSamplerState;
    /// The same training in less memory, or nothing: there is no such recipe. May be empty.
    std::function<std::optional<ParamValues>(const ParamValues& recipe)> lighterRecipe = {};
    /// The trial begins anew with these values: writes them, and removes what it has left so far. Must be
    /// there if lighterRecipe is.
    std::function<Status(TrialId trial, const ParamValues& recipe)> restartTrial = {};
    /// What the study may cost from now on; written before it holds. May be empty: it holds for this sitting.
    std::function<Status(const StudyBudget& budget)> saveBudget = {};
    /// The order of all trials that wait. May be empty, likewise.
    std::function<Status(std::span<const TrialId> order)> saveQueue = {};
    /// How many parameters the recipe would train, exactly and before anything is built; nothing: that cannot
    /// be told. May be empty: then every point is trained.
    std::function<std::optional<std::int64_t>(const ParamValues& recipe)> countParameters = {};
};

/// How a study ended. The counts, the best and the front are over all its trials, earlier ones included.
/// `best`: of those that violate no constraint, the Complete trial with the best objective, the earliest of
/// equals; of several objectives, the best in the first one.
struct StudyOutcome {
    std::size_t complete = 0;
    std::size_t pruned = 0;
    std::size_t failed = 0;
    std::size_t cancelled = 0;
    std::optional<TrialId> best;
    std::vector<TrialId> front; ///< Complete, and bettered by none in every objective, `best` first
    std::string problem;        ///< why it could not go on, if it could not
    std::string stopReason;     ///< which limit ended it before its last trial, if one did
};

/// Runs one study on its own controller thread: ask, submit, collect, until trialCount trials are finished or
/// stop() is called. Keeps as many trials going as the executor has slots. A failed trial does not end the
/// study; a sampler that cannot answer or a store that cannot write does, with `problem`, once the running
/// trials are done. Publishes Queued when a trial is submitted and its final state at the end, with the error
/// in the note and as a LogLine; the executor publishes what is between. The objective of a trial is
/// TrialResult::metrics[objective.metric], and so are further ones. The pruner is asked for each point of
/// prunedMetric(), on the slot's thread; why it ended a trial is the note of its Pruned state. A pruned trial
/// that the pruner promotes goes on from its checkpoint before a new point is searched for. A trial that had
/// not enough memory is tried once more with the lighter recipe, unless that changes a searched value; its
/// note says so. Points that a rule of the study forbids are never tried. A complete trial that violates a
/// constraint says which in its note; a point of the sampler's whose number of trained parameters does so
/// alone is not trained: it is complete without a value, and its note says why. No trial is started once the
/// study's steps or seconds are spent: earlier sittings count with their trials' times. A trial stopped on
/// the way is Cancelled, keeps its points and is not an error. With StudySpec::resultLag the points, and what
/// is pruned, do not depend on the slots nor on which trial ends first, as long as nobody meddles and no wall
/// time is set. Knows no tensors, no rows, no Qt. All but start() and wait() may be called from any thread
/// and do not block; the destructor stops and joins.
class StudyRunner {
public:
    StudyRunner(StudyId id, StudySpec spec, std::unique_ptr<Sampler> sampler, std::unique_ptr<Pruner> pruner,
                StudyServices services, std::vector<EarlierTrial> earlier, std::string samplerState);
    ~StudyRunner();

    /// Contract: called once. `done` is called from the controller thread, where the runner must not be
    /// destroyed.
    void start(std::function<void(const StudyOutcome&)> done);
    void stop();   ///< cancels what runs and starts nothing more
    void pause();  ///< every running trial; none is started meanwhile
    void resume(); ///< every paused trial, those paused one by one included
    /// The same for one running trial; the study goes on. An id that is not running is ignored.
    void stopTrial(TrialId trial);
    void pauseTrial(TrialId trial);
    void resumeTrial(TrialId trial);
    /// Ends a running trial at its next report as the pruner would.
    void pruneTrial(TrialId trial);
    /// A protected trial is never pruned but by hand; trials are so until the runner is gone;
    /// EarlierTrial::isProtected is how a later one knows.
    void protectTrial(TrialId trial);
    void unprotectTrial(TrialId trial);

    // What changes the study's plan. The controller does it soon, and stores it; what cannot be done becomes
    // an Error line of the study. False: the study is over, and nothing is done; its rows can be changed, and
    // another runner goes on from them.

    /// Trials that run go on; a smaller budget only starts fewer. Contract: checkBudget() has nothing to say.
    [[nodiscard]] bool setBudget(const StudyBudget& budget);
    /// Made at once and run before any new point is searched for, behind what is queued already. It counts
    /// like any other trial, for the budget and for the sampler, but runs even if all trials are made.
    [[nodiscard]] bool addTrial(TrialWish wish);
    /// Of the trials that wait these come first, in this order; the others follow as they were. An id that
    /// does not wait is ignored.
    [[nodiscard]] bool orderQueue(std::vector<TrialId> first);

    [[nodiscard]] StudyId id() const;
    [[nodiscard]] bool isRunning() const; ///< from start() until just before `done`
    /// Blocks until the study is over and `done` has returned; at once if it never started.
    void wait();

private:
    struct Content;
    std::unique_ptr<Content> m_content;
};

/// The whole recipe of a trial: the study's fixed values with the searched ones, and what is derived from
/// them, over them. A number drawn from a list of choices is text to the sampler; it takes the type of the
/// fixed value it replaces. Contract: StudyRules accepts the study.
[[nodiscard]] ParamValues mergedValues(const StudySpec& spec, const ParamValues& searched);
/// The inverse: what the sampler had answered. Input error if the space contradicts itself.
[[nodiscard]] Result<ParamValues> searchedValues(const StudySpec& spec, const ParamValues& recipe);
/// The recipe of a trial that is made by hand: `changes` over `base`, the recipe of another trial or the
/// study's fixed one. Input error naming a key that is not searched or whose condition does not hold, or a
/// value outside its range.
[[nodiscard]] Result<ParamValues> manualRecipe(const StudySpec& spec, const ParamValues& base,
                                               const ParamValues& changes);

} // namespace lathe
