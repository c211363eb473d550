#include "core/engine/study_controller.h"

namespace lathe {

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
    const Reached reached = reachedBy(result, spec);
    if (!reached.missing.empty() && !result.wasPruned)
        log(trial, LogLine::Level::Warning,
            "The trial reported no " + reached.missing + ", so it cannot be the best one");
    const TrialState state = result.wasPruned ? TrialState::Pruned : TrialState::Complete;
    setState(book, trial, state, reached.objective, result.steps, reached.further);
    if (result.wasPruned)
        shelve(trial);
    const std::string violations = constrain(book, trial, result);
    publishEnd(trial, state, bothNotes(result.wasPruned ? desk.reason(trial) : std::string(), violations));
}

/// What is known of it is kept as if it had reported it: a resumed study knows the violation by that.
void StudyRunner::Content::settleUntrained(TrialBook& book, TrialId trial, const TrialResult& result) {
    for (const auto& [metric, value] : result.metrics)
        services.hub.publish(MetricPoint{trial, metric, 0, value, 0});
    if (const Status stored = services.finishTrial(trial, result); !stored.has_value()) {
        problem = "The result of a trial cannot be stored: " + stored.error().text();
        settleError(book, trial, stored.error());
        return;
    }
    setState(book, trial, TrialState::Complete);
    publishEnd(trial, TrialState::Complete, "not trained: " + constrain(book, trial, result));
}

std::string StudyRunner::Content::constrain(TrialBook& book, TrialId trial, const TrialResult& result) {
    if (spec.constraints.empty() || result.wasPruned) // a pruned trial has not come to its figures
        return {};
    TrialMetrics metrics = result.metrics;
    metrics.emplace("steps", static_cast<double>(result.steps));
    metrics.emplace("seconds", result.seconds);
    const std::string violations = book.constrain(trial, metrics);
    if (!violations.empty())
        log(trial, LogLine::Level::Info, "It cannot be the best one: " + violations);
    return violations;
}

void StudyRunner::Content::shelve(TrialId trial) {
    const TrialOrder& order = attempts.at(trial).order;
    shelf[order.number] = {trial, order.number, order.values, order.seed, TrialState::Pruned, std::nullopt};
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

} // namespace lathe
