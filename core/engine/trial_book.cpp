#include "core/engine/trial_book.h"

#include "core/engine/space_change.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <limits>

namespace lathe {

namespace {

bool staysAsItIs(TrialState state) {
    return state == TrialState::Complete || state == TrialState::Pruned || state == TrialState::Failed;
}

TrialMetrics countIn(const TrialMetrics& metrics) {
    const auto count = metrics.find(std::string(kTrainableParameters));
    return count == metrics.end() ? TrialMetrics{} : TrialMetrics{*count};
}

} // namespace

Reached reachedBy(const TrialResult& result, const StudySpec& spec) {
    std::vector<double> values;
    for (const Objective& objective : objectivesOf(spec)) {
        const auto metric = result.metrics.find(objective.metric);
        if (metric == result.metrics.end())
            return {std::nullopt, {}, objective.metric};
        values.push_back(metric->second);
    }
    return {values[0], std::vector(values.begin() + 1, values.end()), {}};
}

Result<TrialBook> TrialBook::make(const StudySpec& spec, std::vector<EarlierTrial> earlier) {
    LATHE_ASSIGN(StudyRules rules, StudyRules::make(spec));
    TrialBook book(spec, std::move(rules));
    std::ranges::sort(earlier, {}, &EarlierTrial::number);
    for (EarlierTrial& trial : earlier) {
        const auto misfit = spec.earlierSpaces.empty() ? std::nullopt : misfitOf(spec, trial.values);
        if (misfit) {
            book.m_leftOut.push_back({trial.id, trial.number, trial.state, trial.steps, *misfit});
            continue;
        }
        LATHE_ASSIGN(ParamValues searched, searchedValues(spec, trial.values));
        book.add(trial.id, trial.number, std::move(searched));
        if (staysAsItIs(trial.state)) {
            book.setState(trial.id, trial.state, trial.objective, trial.steps,
                          std::move(trial.furtherObjectives));
            if (trial.state == TrialState::Complete)
                (void)book.constrain(trial.id, trial.metrics); // its note has the words since it ended
        } else {
            book.m_queue.push_back(std::move(trial));
        }
    }
    std::ranges::stable_sort(book.m_queue, {}, [](const EarlierTrial& trial) {
        return trial.place > 0 ? trial.place : std::numeric_limits<std::int64_t>::max();
    });
    return book;
}

std::optional<EarlierTrial> TrialBook::takeQueued() {
    if (m_queue.empty())
        return std::nullopt;
    EarlierTrial trial = std::move(m_queue.front());
    m_queue.pop_front();
    return trial;
}

void TrialBook::orderQueue(std::span<const TrialId> first) {
    std::deque<EarlierTrial> ordered;
    const auto take = [&](auto&& isWanted) {
        for (EarlierTrial& trial : m_queue)
            if (trial.id.isValid() && isWanted(trial)) {
                ordered.push_back(trial);
                trial.id = {};
            }
    };
    for (const TrialId id : first)
        take([id](const EarlierTrial& trial) { return trial.id == id; });
    take([](const EarlierTrial&) { return true; });
    m_queue = std::move(ordered);
}

std::vector<TrialId> TrialBook::queued() const {
    std::vector<TrialId> ids;
    for (const EarlierTrial& trial : m_queue)
        ids.push_back(trial.id);
    return ids;
}

bool TrialBook::isSeen(const ObservedTrial& trial) const {
    return m_spec->resultLag == 0 || trial.number <= nextNumber() - m_spec->resultLag;
}

bool TrialBook::isReady() const {
    return !m_queue.empty() || m_spec->resultLag == 0 ||
           std::ranges::all_of(m_trials, [this](const ObservedTrial& trial) {
               return !isSeen(trial) || isFinal(trial.state);
           });
}

StudyView TrialBook::view() {
    if (m_spec->resultLag == 0)
        return {m_planned, m_trials};
    m_seen = m_trials;
    for (ObservedTrial& trial : m_seen)
        if (!isSeen(trial))
            trial = {trial.number, std::move(trial.values), TrialState::Running, std::nullopt};
    return {m_planned, m_seen};
}

bool TrialBook::hasMore() const {
    return !m_queue.empty() ||
           static_cast<std::int64_t>(m_trials.size() + m_leftOut.size()) < m_spec->trialCount;
}

std::int64_t TrialBook::nextNumber() const {
    const std::int64_t used = m_trials.empty() ? 0 : m_trials.back().number + 1;
    return m_leftOut.empty() ? used : std::max(used, m_leftOut.back().number + 1);
}

bool TrialBook::hasBegunAnew() const {
    return m_spec->earlierSpaces.empty() || nextNumber() > m_spec->earlierSpaces.back().trials;
}

void TrialBook::add(TrialId id, std::int64_t number, ParamValues searched) {
    LATHE_EXPECT(number >= nextNumber());
    m_trials.push_back({number, std::move(searched), TrialState::Queued, std::nullopt});
    m_ids.push_back(id);
}

ObservedTrial& TrialBook::trialOf(TrialId id) {
    const auto it = std::ranges::find(m_ids, id);
    LATHE_EXPECT(it != m_ids.end());
    return m_trials[static_cast<std::size_t>(it - m_ids.begin())];
}

std::string TrialBook::constrain(TrialId id, const TrialMetrics& metrics) {
    ObservedTrial& trial = trialOf(id);
    trial.constraints.clear();
    // What one that was not trained would have come to is not known.
    const bool isTrained = trial.objective.has_value() || trial.steps > 0;
    std::string violations;
    for (const ConstraintResult& result :
         m_rules.constraints(trial.values, isTrained ? metrics : countIn(metrics))) {
        trial.constraints.push_back(isTrained || result.isKnown ? result.excess : 0);
        if (isTrained || result.isKnown)
            violations += (violations.empty() || result.reason.empty() ? "" : "; ") + result.reason;
    }
    return violations;
}

std::string TrialBook::violations(TrialId id, const TrialMetrics& metrics) {
    std::string violations;
    for (const ConstraintResult& result : m_rules.constraints(trialOf(id).values, metrics))
        if (result.isKnown)
            violations += (violations.empty() || result.reason.empty() ? "" : "; ") + result.reason;
    return violations;
}

void TrialBook::setState(TrialId id, TrialState state, std::optional<double> objective, std::int64_t steps,
                         std::vector<double> furtherObjectives) {
    ObservedTrial& trial = trialOf(id);
    trial.state = state;
    trial.objective = objective;
    trial.steps = steps;
    trial.furtherObjectives = std::move(furtherObjectives);
}

std::int64_t TrialBook::steps() const {
    std::int64_t sum = 0;
    for (const ObservedTrial& trial : m_trials)
        sum += isSeen(trial) ? trial.steps : 0;
    for (const LeftOut& trial : m_leftOut)
        sum += trial.steps;
    return sum;
}

StudyOutcome TrialBook::outcome() const {
    StudyOutcome outcome;
    const auto count = [&outcome](TrialState state) {
        outcome.complete += state == TrialState::Complete ? 1 : 0;
        outcome.pruned += state == TrialState::Pruned ? 1 : 0;
        outcome.failed += state == TrialState::Failed ? 1 : 0;
        outcome.cancelled += state == TrialState::Cancelled ? 1 : 0;
    };
    for (const ObservedTrial& trial : m_trials)
        count(trial.state);
    for (const LeftOut& trial : m_leftOut) // what had not ended cannot any more: see tellLeftOut()
        count(staysAsItIs(trial.state) ? trial.state : TrialState::Failed);
    for (const std::size_t place : frontOf({*m_spec, m_trials}))
        outcome.front.push_back(m_ids[place]);
    if (!outcome.front.empty())
        outcome.best = outcome.front.front();
    return outcome;
}

} // namespace lathe
