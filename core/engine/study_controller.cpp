#include "core/engine/study_controller.h"

#include "core/search/point.h"

#include <algorithm>

namespace lathe {

void StudyRunner::Content::control(const std::function<void(const StudyOutcome&)>& done) {
    StudyOutcome outcome;
    Result<TrialBook> book = openBook();
    if (!book.has_value())
        problem = book.error().text();
    else if (const Status restored = samplerState.empty() ? ok() : sampler->restore(samplerState);
             !restored.has_value())
        problem = "The search cannot go on from its saved state: " + restored.error().text();
    else if (const Status fit = checkObjectives(spec, *sampler); !fit.has_value())
        problem = fit.error().text();
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
        shared->isClosed = true; // also where there was no book to change
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
    begin = std::chrono::steady_clock::now();
    std::ranges::sort(earlier, {}, &EarlierTrial::number);
    for (EarlierTrial& trial : earlier) {
        secondsBefore += trial.seconds;
        desk.add(trial.id, trial.number, std::move(trial.curve));
        desk.setState(trial.id, trial.state, trial.objective);
        if (trial.isProtected)
            desk.protect(trial.id);
        if (trial.isHeld)
            desk.hold(trial.id);
        if (trial.state == TrialState::Pruned)
            shelf.emplace(trial.number, trial);
    }
    LATHE_ASSIGN(TrialBook book, TrialBook::make(spec, std::move(earlier)));
    for (const LeftOut& trial : book.leftOut())
        shelf.erase(trial.number);
    tellLeftOut(book);
    return book;
}

/// Once for each change of the space. A trial that had not ended ends here: its point is not searched any
/// more.
void StudyRunner::Content::tellLeftOut(const TrialBook& book) {
    for (const LeftOut& trial : book.leftOut()) {
        const std::string reason = "not in the space that the study searches now: " + trial.reason;
        const bool hasEnded = trial.state == TrialState::Complete || trial.state == TrialState::Pruned ||
                              trial.state == TrialState::Failed;
        if (!hasEnded) {
            desk.setState(trial.id, TrialState::Failed, std::nullopt);
            services.hub.publish(TrialChange{trial.id, TrialState::Failed, reason});
        } else if (!book.hasBegunAnew()) {
            log(trial.id, LogLine::Level::Info, "Left out of the search, " + reason);
        }
    }
    if (!book.hasBegunAnew())
        log({}, LogLine::Level::Info,
            "The space was changed (version " + std::to_string(spec.earlierSpaces.size() + 1) +
                "): " + std::to_string(book.leftOut().size()) + " of " + std::to_string(book.nextNumber()) +
                " earlier trials do not lie in it and are left out of the search");
}

/// Also notes which limit says no.
bool StudyRunner::Content::wantsMore(const TrialBook& book) {
    if (!spent.empty() || (!book.hasMore() && !desk.promoted()))
        return false;
    const std::int64_t steps = book.steps();
    const double seconds =
        secondsBefore + std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    spent = spentLimit(spec, steps, seconds);
    return spent.empty();
}

void StudyRunner::Content::runTrials(TrialBook& book) {
    const std::size_t slots = services.executor.slots();
    // Once nothing more is started, a stop already asked for must not turn the wait into a spin.
    const std::stop_token never;
    while (true) {
        std::vector<Finished> finished;
        std::vector<std::function<void(TrialBook&)>> commands;
        bool hasRoom = false;
        const bool maySubmit = mayStart() && wantsMore(book);
        const bool isReady = maySubmit && book.isReady();
        {
            std::unique_lock lock(shared->mutex);
            // When slots stay empty depends on the clock: not where a study shall be the same again.
            shared->mayFillSlots = !maySubmit && spec.resultLag == 0;
            const auto hasNews = [&] {
                hasRoom = isReady && !shared->isPaused && shared->active.size() < slots;
                return hasRoom || !shared->finished.empty() || !shared->commands.empty() ||
                       (!maySubmit && shared->active.empty());
            };
            shared->changed.wait(lock, maySubmit ? stopping.get_token() : never, hasNews);
            finished.swap(shared->finished);
            commands.swap(shared->commands);
            for (const Finished& trial : finished)
                shared->active.erase(trial.id);
            if (finished.empty() && commands.empty() && !maySubmit && shared->active.empty()) {
                shared->isClosed = true;
                return;
            }
        }
        for (const Finished& trial : finished)
            settle(book, trial);
        for (const auto& command : commands)
            command(book);
        if (finished.empty() && commands.empty() && hasRoom && mayStart())
            startNext(book);
    }
}

void StudyRunner::Content::startNext(TrialBook& book) {
    if (auto queued = book.takeQueued())
        return goOnWith(book, std::move(*queued));
    if (const auto promoted = desk.promoted()) {
        const auto shelved = shelf.extract(*promoted);
        desk.letGoOn(shelved.mapped().id);
        log(shelved.mapped().id, LogLine::Level::Info,
            "The trial goes on: it is among the best of those that came as far");
        return goOnWith(book, std::move(shelved.mapped()));
    }
    Result<TrialOrder> order = newTrial(book);
    if (!order.has_value())
        problem = order.error().text();
    else if (!isRefused(book, *order))
        submit(book, std::move(order).value());
}

/// A point that is too large by its number of parameters ends here, untrained: the search learns from that as
/// from any other violation.
bool StudyRunner::Content::isRefused(TrialBook& book, const TrialOrder& order) {
    if (spec.constraints.empty() || !services.countParameters)
        return false;
    const std::optional<std::int64_t> count = services.countParameters(order.values);
    if (!count)
        return false;
    TrialResult result;
    result.metrics[std::string(kTrainableParameters)] = static_cast<double>(*count);
    if (book.violations(order.id, result.metrics).empty())
        return false;
    attempts[order.id].order = order;
    settleUntrained(book, order.id, result);
    return true;
}

void StudyRunner::Content::goOnWith(TrialBook& book, EarlierTrial trial) {
    TrialOrder order{trial.id, trial.number, std::move(trial.values), trial.seed,
                     services.folderOf(trial.id)};
    order.shouldResume = true;
    submit(book, std::move(order));
}

Result<TrialOrder> StudyRunner::Content::newTrial(TrialBook& book) {
    const std::int64_t number = book.nextNumber();
    const std::uint64_t seed = mixSeed(spec.seed, static_cast<std::uint64_t>(number));
    LATHE_ASSIGN(ParamValues searched, nextPoint(*sampler, book.view()));
    std::string state = sampler->state();
    if (state != samplerState) {
        LATHE_TRY(services.saveSamplerState(state));
        samplerState = std::move(state);
    }
    ParamValues recipe = mergedValues(spec, searched);
    LATHE_ASSIGN(const TrialId trial, services.createTrial({number, recipe, seed, {}}));
    book.add(trial, number, std::move(searched));
    desk.add(trial, number, {});
    return TrialOrder{trial, number, std::move(recipe), seed, services.folderOf(trial)};
}

void StudyRunner::Content::submit(TrialBook& book, TrialOrder order) {
    const TrialId trial = order.id;
    setState(book, trial, TrialState::Running);
    order.isRepeatable = spec.resultLag > 0;
    attempts[trial].order = order;
    // The desk outlives the trial: the controller ends only when no trial is active.
    order.shouldPrune = [this, trial](std::string_view metric, std::int64_t step, double value) {
        return desk.report(trial, metric, step, value);
    };
    order.onRetold = [this, trial](std::string_view metric, std::int64_t step, double value) {
        desk.retell(trial, metric, step, value);
    };
    order.slotsToFill = [shared = shared, &executor = services.executor] {
        return shared->mayFillSlots ? executor.slotsEach() : std::size_t{1};
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
                                    std::optional<double> objective, std::int64_t steps,
                                    std::vector<double> furtherObjectives) {
    book.setState(trial, state, objective, steps, std::move(furtherObjectives));
    desk.setState(trial, state, objective);
}

} // namespace lathe
