#pragma once

#include "core/engine/prune_desk.h"
#include "core/engine/second_try.h"
#include "core/engine/shared_trials.h"
#include "core/engine/trial_book.h"
#include "core/search/allowed_sampler.h"

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <thread>

namespace lathe {

/// A running study: its controller thread runs control(); the runner's other functions reach it through
/// `shared`, `desk` and `stopping`.
struct StudyRunner::Content {
    StudyId id;
    StudySpec spec;
    std::unique_ptr<Sampler> sampler;
    PruneDesk desk;
    StudyServices services;
    std::vector<EarlierTrial> earlier;
    std::string samplerState;
    std::string problem;                         // the controller's; why no more trials are started
    std::string spent;                           // the controller's; which limit says so
    std::map<TrialId, Attempt> attempts;         // the controller's; of the active trials
    std::map<std::int64_t, EarlierTrial> shelf;  // the controller's; pruned trials by number: they may go on
    double secondsBefore = 0;                    // training time of the earlier trials
    std::chrono::steady_clock::time_point begin; // of this sitting
    std::stop_source stopping;                   // the study's
    /// Shared: an executor's slot may still be inside post() when the runner is gone.
    std::shared_ptr<SharedTrials> shared = std::make_shared<SharedTrials>();
    std::jthread controller;

    Content(StudyId study, StudySpec frozen, std::unique_ptr<Sampler> search, std::unique_ptr<Pruner> pruner,
            StudyServices surroundings, std::vector<EarlierTrial> trials, std::string state)
        : id(study),
          spec(std::move(frozen)),
          sampler(makeAllowedSampler(std::move(search))),
          desk(spec, std::move(pruner)),
          services(std::move(surroundings)),
          earlier(std::move(trials)),
          samplerState(std::move(state)) {}

    void control(const std::function<void(const StudyOutcome&)>& done);
    Result<TrialBook> openBook();
    void tellLeftOut(const TrialBook& book);
    void runTrials(TrialBook& book);
    [[nodiscard]] bool wantsMore(const TrialBook& book);
    void startNext(TrialBook& book);
    void goOnWith(TrialBook& book, EarlierTrial trial);
    Result<TrialOrder> newTrial(TrialBook& book);
    [[nodiscard]] bool isRefused(TrialBook& book, const TrialOrder& order);
    void submit(TrialBook& book, TrialOrder order);
    void setState(TrialBook& book, TrialId trial, TrialState state,
                  std::optional<double> objective = std::nullopt, std::int64_t steps = 0,
                  std::vector<double> furtherObjectives = {});
    void settle(TrialBook& book, const Finished& trial);
    void settleResult(TrialBook& book, TrialId trial, const TrialResult& result);
    void settleUntrained(TrialBook& book, TrialId trial, const TrialResult& result);
    void shelve(TrialId trial);
    /// Notes how the result stands to the study's constraints, and answers which are violated.
    [[nodiscard]] std::string constrain(TrialBook& book, TrialId trial, const TrialResult& result);
    void settleError(TrialBook& book, TrialId trial, const Error& error);
    [[nodiscard]] bool tryAgain(TrialBook& book, TrialId trial, const Error& error);
    void publishEnd(TrialId trial, TrialState state, const std::string& note);
    void log(TrialId trial, LogLine::Level level, std::string text) const;
    void applyBudget(const StudyBudget& budget);
    void applyWish(TrialBook& book, const TrialWish& wish);
    Status makeWished(TrialBook& book, const TrialWish& wish);
    void applyOrder(TrialBook& book, std::span<const TrialId> first);
    void setStudyPaused(bool shouldPause);
    void setTrialPaused(TrialId trial, bool shouldPause);
    void applyPause(TrialId trial);
    [[nodiscard]] bool mayStart() const { return problem.empty() && !stopping.stop_requested(); }
};

} // namespace lathe
