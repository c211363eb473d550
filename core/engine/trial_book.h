#pragma once

#include "core/engine/study_runner.h"

#include <deque>

namespace lathe {

/// The objectives of a trial: all of them, or none and the metric that is missing.
struct Reached {
    std::optional<double> objective;
    std::vector<double> further;
    std::string missing;
};
[[nodiscard]] Reached reachedBy(const TrialResult& result, const StudySpec& spec);

/// The trials of one study as its controller sees them: history for the sampler, what is still to run, and
/// the outcome. Belongs to the controller thread.
class TrialBook {
public:
    /// Input error if an earlier trial does not fit the study's space.
    [[nodiscard]] static Result<TrialBook> make(const StudySpec& spec, std::vector<EarlierTrial> earlier);

    /// The next earlier trial that must run again, or nothing.
    [[nodiscard]] std::optional<EarlierTrial> takeEarlier();
    /// Whether an earlier trial must run again, or the study asks for more than there are.
    [[nodiscard]] bool hasMore() const;
    [[nodiscard]] std::int64_t nextNumber() const;
    [[nodiscard]] StudyView view() const { return {*m_spec, m_trials}; }

    void add(TrialId id, std::int64_t number, ParamValues searched);
    void setState(TrialId id, TrialState state, std::optional<double> objective = std::nullopt,
                  std::int64_t steps = 0, std::vector<double> furtherObjectives = {});
    /// Of all its trials together, as far as they are over.
    [[nodiscard]] std::int64_t steps() const;
    [[nodiscard]] StudyOutcome outcome() const;

private:
    explicit TrialBook(const StudySpec& spec) : m_spec(&spec) {}

    const StudySpec* m_spec;             // never null; outlives the book
    std::vector<ObservedTrial> m_trials; // by number
    std::vector<TrialId> m_ids;          // parallel to m_trials
    std::deque<EarlierTrial> m_again;
};

} // namespace lathe
