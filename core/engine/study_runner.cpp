#include "core/engine/study_runner.h"

#include "core/engine/prune_desk.h"
#include "core/engine/second_try.h"
#include "core/engine/shared_trials.h"
#include "core/engine/trial_book.h"
#include "core/search/ask_tell.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

namespace lathe {

namespace {

using Clock = std::chrono::steady_clock;

} // namespace

struct StudyRunner::Content {
    StudyId id;
    StudySpec spec;
    std::unique_ptr<Sampler> sampler;
    PruneDesk desk;
    StudyServices services;
    std::vector<EarlierTrial> earlier;
    std::string samplerState;
    std::string problem;                 // the controller's; why no more trials are started
    std::string spent;                   // the controller's; which limit says so
    std::map<TrialId, Attempt> attempts; // the controller's; of the active trials
    double secondsBefore = 0;            // training time of the earlier trials
    Clock::time_point begin;             // of this sitting
    std::stop_source stopping;           // the study's
    /// Shared: an executor's slot may still be inside post() when the runner is gone.
    std::shared_ptr<SharedTrials> shared = std::make_shared<SharedTrials>();
    std::jthread controller;

    Content(StudyId study, StudySpec frozen, std::unique_ptr<Sampler> search, std::unique_ptr<Pruner> pruner,
            StudyServices surroundings, std::vector<EarlierTrial> trials, std::string state)
        : id(study),
          spec(std::move(frozen)),
          sampler(std::move(search)),
          desk(spec, std::move(pruner)),
          services(std::move(surroundings)),
          earlier(std::move(trials)),
          samplerState(std::move(state)) {}

    void control(const std::function<void(const StudyOutcome&)>& done);
    Result<TrialBook> openBook();
    void runTrials(TrialBook& book);
    [[nodiscard]] bool wantsMore(const TrialBook& book);
    void startNext(TrialBook& book);
    Result<TrialOrder> newTrial(TrialBook& book);
    void submit(TrialBook& book, TrialOrder order);
    void setState(TrialBook& book, TrialId trial, TrialState state,
                  std::optional<double> objective = std::nullopt, std::int64_t steps = 0);
    void settle(TrialBook& book, const Finished& trial);
    void settleResult(TrialBook& book, TrialId trial, const TrialResult& result);
    void settleError(TrialBook& book, TrialId trial, const Error& error);
    [[nodiscard]] bool tryAgain(TrialBook& book, TrialId trial, const Error& error);
    void publishEnd(TrialId trial, TrialState state, const std::string& note);
    void log(TrialId trial, LogLine::Level level, std::string text) const;
    void setStudyPaused(bool shouldPause);
    void setTrialPaused(TrialId trial, bool shouldPause);
    void applyPause(TrialId trial);
    [[nodiscard]] bool mayStart() const { return problem.empty() && !stopping.stop_requested(); }
};

void StudyRunner::Content::control(const std::function<void(const StudyOutcome&)>& done) {
    StudyOutcome outcome;
    Result<TrialBook> book = openBook();
    if (!book.has_value())
        problem = book.error().text();
    else if (const Status restored = samplerState.empty() ? ok() : sampler->restore(samplerState);
             !restored.has_value())
        problem = "The search cannot go on from its saved state: " + restored.error().text();
    if (book.has_value()) {
        runTrials(book.value());
        outcome = book.value().outcome();
    }
    outcome.problem = problem;
    outcome.stopReason = spent;
    if (!spent.empty())
        log({}, LogLine::Level::Info, spent);
    if (!problem.empty())
        log({}, LogLine::Level::Error, problem);
    {
        const std::lock_guard lock(shared->mutex);
        shared->isRunning = false;
    }
    if (done)
        done(outcome);
    {
        const std::lock_guard lock(shared->mutex);
        shared->isOver = true;
    }
    shared->changed.notify_all();
}

Result<TrialBook> StudyRunner::Content::openBook() {
    begin = Clock::now();
    std::ranges::sort(earlier, {}, &EarlierTrial::number);
    for (EarlierTrial& trial : earlier) {
        secondsBefore += trial.seconds;
        desk.add(trial.id, trial.number, std::move(trial.curve));
        desk.setState(trial.id, trial.state, trial.objective);
        if (trial.isProtected)
            desk.protect(trial.id);
    }
    return TrialBook::make(spec, std::move(earlier));
}

/// Also notes which limit says no.
bool StudyRunner::Content::wantsMore(const TrialBook& book) {
    if (!book.hasMore() || !spent.empty())
        return false;
    const std::int64_t steps = book.steps();
    const double seconds = secondsBefore + std::chrono::duration<double>(Clock::now() - begin).count();
    if (spec.maxSteps > 0 && steps >= spec.maxSteps)
        spent = "The study's " + std::to_string(spec.maxSteps) + " steps are spent: its trials have made " +
                std::to_string(steps);
    else if (spec.maxSeconds > 0 && seconds >= spec.maxSeconds)
        spent = "The study's " + toText(spec.maxSeconds) + " seconds are spent";
    return spent.empty();
}

void StudyRunner::Content::runTrials(TrialBook& book) {
    const std::size_t slots = services.executor.slots();
    // Once nothing more is started, a stop already asked for must not turn the wait into a spin.
    const std::stop_token never;
    while (true) {
        std::vector<Finished> finished;
        bool hasRoom = false;
        const bool maySubmit = mayStart() && wantsMore(book);
        {
            std::unique_lock lock(shared->mutex);
            const auto isReady = [&] {
                hasRoom = maySubmit && !shared->isPaused && shared->active.size() < slots;
                return hasRoom || !shared->finished.empty() || (!maySubmit && shared->active.empty());
            };
            shared->changed.wait(lock, maySubmit ? stopping.get_token() : never, isReady);
            finished.swap(shared->finished);
            for (const Finished& trial : finished)
                shared->active.erase(trial.id);
            if (finished.empty() && !maySubmit && shared->active.empty())
                return;
        }
        for (const Finished& trial : finished)
            settle(book, trial);
        if (finished.empty() && hasRoom && mayStart())
            startNext(book);
    }
}

void StudyRunner::Content::startNext(TrialBook& book) {
    if (auto again = book.takeEarlier()) {
        const std::filesystem::path folder = services.folderOf(again->id);
        submit(book, {again->id, again->number, std::move(again->values), again->seed, folder, true, {}});
        return;
    }
    Result<TrialOrder> order = newTrial(book);
    if (order.has_value())
        submit(book, std::move(order).value());
    else
        problem = order.error().text();
}

Result<TrialOrder> StudyRunner::Content::newTrial(TrialBook& book) {
    const std::int64_t number = book.nextNumber();
    const std::uint64_t seed = mixSeed(spec.seed, static_cast<std::uint64_t>(number));
    Rng rng = askStream(spec.seed, number);
    LATHE_ASSIGN(ParamValues searched, sampler->ask(book.view(), rng));
    std::string state = sampler->state();
    if (state != samplerState) {
        LATHE_TRY(services.saveSamplerState(state));
        samplerState = std::move(state);
    }
    ParamValues recipe = mergedValues(spec, searched);
    LATHE_ASSIGN(const TrialId trial, services.createTrial(number, recipe, seed));
    book.add(trial, number, std::move(searched));
    desk.add(trial, number, {});
    return TrialOrder{trial, number, std::move(recipe), seed, services.folderOf(trial), false, {}};
}

void StudyRunner::Content::submit(TrialBook& book, TrialOrder order) {
    const TrialId trial = order.id;
    setState(book, trial, TrialState::Running);
    attempts[trial].order = order;
    // The desk outlives the trial: the controller ends only when no trial is active.
    order.shouldPrune = [this, trial](std::string_view metric, std::int64_t step, double value) {
        return desk.report(trial, metric, step, value);
    };
    {
        const std::lock_guard lock(shared->mutex);
        shared->active.emplace(trial, shared->isPaused);
    }
    services.hub.publish(TrialChange{trial, TrialState::Queued, {}});
    services.executor.submit(std::move(order), [shared = shared, trial](Result<TrialResult> result) {
        shared->post({trial, std::move(result)});
    });
    // A stop or a pause between the entry in `active` and submit() found no such trial at the executor.
    applyPause(trial);
    if (stopping.stop_requested())
        services.executor.cancel(trial);
}

void StudyRunner::Content::setState(TrialBook& book, TrialId trial, TrialState state,
                                    std::optional<double> objective, std::int64_t steps) {
    book.setState(trial, state, objective, steps);
    desk.setState(trial, state, objective);
}

void StudyRunner::Content::settle(TrialBook& book, const Finished& trial) {
    if (trial.result.has_value())
        settleResult(book, trial.id, trial.result.value());
    else
        settleError(book, trial.id, trial.result.error());
}

void StudyRunner::Content::settleResult(TrialBook& book, TrialId trial, const TrialResult& result) {
    if (const Status stored = services.finishTrial(trial, result); !stored.has_value()) {
        problem = "The result of a trial cannot be stored: " + stored.error().text();
        settleError(book, trial, stored.error());
        return;
    }
    const auto metric = result.metrics.find(spec.objective.metric);
    const bool hasObjective = metric != result.metrics.end();
    if (!hasObjective && !result.wasPruned)
        log(trial, LogLine::Level::Warning,
            "The trial reported no " + spec.objective.metric + ", so it cannot be the best one");
    const TrialState state = result.wasPruned ? TrialState::Pruned : TrialState::Complete;
    setState(book, trial, state, hasObjective ? std::optional(metric->second) : std::nullopt, result.steps);
    publishEnd(trial, state, result.wasPruned ? desk.reason(trial) : std::string());
}

void StudyRunner::Content::settleError(TrialBook& book, TrialId trial, const Error& error) {
    if (error.kind == Error::Kind::Memory && tryAgain(book, trial, error))
        return;
    const bool isCancelled = error.kind == Error::Kind::Cancelled;
    const TrialState state = isCancelled ? TrialState::Cancelled : TrialState::Failed;
    if (!isCancelled)
        log(trial, LogLine::Level::Error, error.text());
    setState(book, trial, state, std::nullopt, desk.steps(trial));
    publishEnd(trial, state, error.text());
}

bool StudyRunner::Content::tryAgain(TrialBook& book, TrialId trial, const Error& error) {
    Attempt& attempt = attempts.at(trial);
    auto lighter = mayStart() && attempt.note.empty() ? lighterRecipe(services, spec, attempt.order.values)
                                                      : std::nullopt;
    if (!lighter)
        return false;
    if (const Status written = services.restartTrial(trial, *lighter); !written.has_value()) {
        problem = "A trial cannot begin anew: " + written.error().text();
        return false;
    }
    attempt.note = "tried again for want of memory, with " + changesOf(attempt.order.values, *lighter);
    log(trial, LogLine::Level::Warning, error.text() + "; " + attempt.note);
    constexpr std::int64_t kBeforeTheFirst = -1;
    services.hub.publish(TrialRewind{trial, kBeforeTheFirst});
    TrialOrder order = attempt.order;
    order.values = std::move(*lighter);
    order.shouldResume = false;
    submit(book, std::move(order));
    return true;
}

void StudyRunner::Content::publishEnd(TrialId trial, TrialState state, const std::string& note) {
    const auto attempt = attempts.extract(trial);
    services.hub.publish(TrialChange{trial, state, bothNotes(attempt.mapped().note, note)});
}

void StudyRunner::Content::log(TrialId trial, LogLine::Level level, std::string text) const {
    services.hub.publish(LogLine{trial, level, std::move(text)});
}

void StudyRunner::Content::setStudyPaused(bool shouldPause) {
    {
        const std::lock_guard lock(shared->mutex);
        shared->isPaused = shouldPause;
        for (auto& [trial, isTrialPaused] : shared->active)
            isTrialPaused = shouldPause;
    }
    shared->changed.notify_all();
    for (const TrialId trial : shared->activeIds())
        applyPause(trial);
}

void StudyRunner::Content::setTrialPaused(TrialId trial, bool shouldPause) {
    {
        const std::lock_guard lock(shared->mutex);
        if (const auto it = shared->active.find(trial); it != shared->active.end())
            it->second = shouldPause;
    }
    applyPause(trial);
}

/// Tells the executor the wish of now. Another thread may change the wish meanwhile, and the later call must
/// not carry the earlier wish: so it asks again afterwards.
void StudyRunner::Content::applyPause(TrialId trial) {
    for (auto wish = shared->pauseWish(trial); wish.has_value();) {
        services.executor.setPaused(trial, *wish);
        const auto now = shared->pauseWish(trial);
        if (now == wish)
            return;
        wish = now;
    }
}

StudyRunner::StudyRunner(StudyId id, StudySpec spec, std::unique_ptr<Sampler> sampler,
                         std::unique_ptr<Pruner> pruner, StudyServices services,
                         std::vector<EarlierTrial> earlier, std::string samplerState)
    : m_content(std::make_unique<Content>(id, std::move(spec), std::move(sampler), std::move(pruner),
                                          std::move(services), std::move(earlier), std::move(samplerState))) {
    LATHE_EXPECT(m_content->sampler != nullptr);
}

StudyRunner::~StudyRunner() { stop(); }

void StudyRunner::start(std::function<void(const StudyOutcome&)> done) {
    LATHE_EXPECT(!m_content->controller.joinable());
    {
        const std::lock_guard lock(m_content->shared->mutex);
        m_content->shared->isRunning = true;
    }
    m_content->controller =
        std::jthread([content = m_content.get(), done = std::move(done)] { content->control(done); });
}

void StudyRunner::stop() {
    m_content->stopping.request_stop();
    for (const TrialId trial : m_content->shared->activeIds())
        m_content->services.executor.cancel(trial);
}

void StudyRunner::pause() { m_content->setStudyPaused(true); }

void StudyRunner::resume() { m_content->setStudyPaused(false); }

void StudyRunner::stopTrial(TrialId trial) {
    if (m_content->shared->pauseWish(trial).has_value())
        m_content->services.executor.cancel(trial);
}

void StudyRunner::pauseTrial(TrialId trial) { m_content->setTrialPaused(trial, true); }

void StudyRunner::resumeTrial(TrialId trial) { m_content->setTrialPaused(trial, false); }

void StudyRunner::pruneTrial(TrialId trial) {
    if (m_content->shared->pauseWish(trial).has_value())
        m_content->desk.pruneByHand(trial);
}

void StudyRunner::protectTrial(TrialId trial) { m_content->desk.protect(trial); }

void StudyRunner::unprotectTrial(TrialId trial) { m_content->desk.unprotect(trial); }

StudyId StudyRunner::id() const { return m_content->id; }

bool StudyRunner::isRunning() const {
    const std::lock_guard lock(m_content->shared->mutex);
    return m_content->shared->isRunning;
}

void StudyRunner::wait() {
    if (!m_content->controller.joinable())
        return;
    std::unique_lock lock(m_content->shared->mutex);
    m_content->shared->changed.wait(lock, [this] { return m_content->shared->isOver; });
}

} // namespace lathe
