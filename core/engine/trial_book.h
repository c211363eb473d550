#pragma once

#include "core/engine/study_runner.h"
#include "core/params/study_rules.h"

#include <deque>

namespace lathe {

/// The objectives of a trial: all of them, or none and the metric that is missing.
struct Reached {
    std::optional<double> objective;
    std::vector<double> further;
    std::string missing;
};
[[nodiscard]] Reached reachedBy(const TrialResult& result, const StudySpec& spec);

/// The metric that can be told before a trial is trained.
inline constexpr std::string_view kTrainableParameters = "trainable_parameters";

/// An earlier trial that does not lie in what the study searches now, since its space was changed.
struct LeftOut {
    TrialId id;
    std::int64_t number = 0;
    TrialState state = TrialState::Queued;
    std::int64_t steps = 0;
    std::string reason;
};

/// The trials of one study as its controller sees them: history for the sampler, what is still to run, and
/// the outcome. Belongs to the controller thread.
class TrialBook {
public:
    /// Input error if an earlier trial does not fit the study's space, or StudyRules refuses the study's.
    [[nodiscard]] static Result<TrialBook> make(const StudySpec& spec, std::vector<EarlierTrial> earlier);

    /// The next trial that waits: one of earlier that must run again, or one added by hand. Or nothing.
    [[nodiscard]] std::optional<EarlierTrial> takeQueued();
    /// Whether a trial waits, or the study asks for more than there are.
    [[nodiscard]] bool hasMore() const;
    /// Whether the next trial can begin now: one waits, or the results that its point depends on are there.
    [[nodiscard]] bool isReady() const;
    [[nodiscard]] std::int64_t nextNumber() const;
    /// What the next point may depend on: of trials that it may not, only that they are there. Valid until
    /// the next call of any function.
    [[nodiscard]] StudyView view();

    void add(TrialId id, std::int64_t number, ParamValues searched);
    /// Behind the others that wait. It has been added.
    void queue(EarlierTrial trial) { m_queue.push_back(std::move(trial)); }
    /// These first; ids that do not wait are ignored.
    void orderQueue(std::span<const TrialId> first);
    [[nodiscard]] std::vector<TrialId> queued() const;
    /// No history of the search, and never the best; they count for the budget.
    [[nodiscard]] const std::vector<LeftOut>& leftOut() const { return m_leftOut; }
    /// Whether a trial was made since the space was changed last.
    [[nodiscard]] bool hasBegunAnew() const;
    void setState(TrialId id, TrialState state, std::optional<double> objective = std::nullopt,
                  std::int64_t steps = 0, std::vector<double> furtherObjectives = {});
    /// Notes how a complete trial stands to the study's constraints, and answers why those that are violated
    /// are; empty: none is.
    [[nodiscard]] std::string constrain(TrialId id, const TrialMetrics& metrics);
    /// Of all its trials together, as far as they are over and the next one may depend on them.
    [[nodiscard]] std::int64_t steps() const;
    [[nodiscard]] StudyOutcome outcome() const;
    /// Which constraints a trained point would violate by these metrics alone, whatever the others come to;
    /// empty: none.
    [[nodiscard]] std::string violations(TrialId id, const TrialMetrics& metrics);

private:
    TrialBook(const StudySpec& spec, StudyRules rules)
        : m_spec(&spec), m_planned(asPlanned(spec)), m_rules(std::move(rules)) {}
    [[nodiscard]] ObservedTrial& trialOf(TrialId id);
    [[nodiscard]] bool isSeen(const ObservedTrial& trial) const;

    const StudySpec* m_spec; // never null; outlives the book; its budget may change
    StudySpec m_planned;
    StudyRules m_rules;
    std::vector<ObservedTrial> m_trials; // by number
    std::vector<ObservedTrial> m_seen;   // what view() answers where it is not m_trials
    std::vector<TrialId> m_ids;          // parallel to m_trials
    std::deque<EarlierTrial> m_queue;
    std::vector<LeftOut> m_leftOut; // by number
};

} // namespace lathe
