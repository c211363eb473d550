#pragma once

#include "core/search/sampler.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// The random numbers of one ask: a function of the study's seed and the trial's number alone, and apart from
/// the trial's own stream, which begins at mixSeed(study seed, number).
[[nodiscard]] Rng askStream(std::uint64_t studySeed, std::int64_t number);

/// What its caller tells about a trial. Any of the first three ends it; constraints that are violated do too,
/// since such a trial needs no value.
struct TrialReport {
    std::optional<double> value;
    bool isFailed = false;
    bool isPruned = false; ///< given up early: counts by its value or else by the last intermediate one
    std::vector<double> constraints; ///< one above 0 is violated; each finished trial tells as many
    /// What the spec's constraints speak of, beside "value"; their excesses come before `constraints`.
    std::map<std::string, double> metrics = {};
    std::map<std::int64_t, double> intermediate; ///< by step; added to those told before
    std::string reason;                          ///< why it failed
    std::vector<double> furtherValues = {};      ///< with `value`: of the further objectives, all of them
};

/// What is known of a trial beside what samplers look at.
struct TrialDetails {
    std::map<std::int64_t, double> intermediate;
    std::string note; ///< why it failed, or which of the spec's constraints it violates
};

/// What is needed to go on with a search elsewhere.
struct SavedSearch {
    std::vector<ObservedTrial> trials; ///< by number, from 0 without a gap
    std::vector<TrialDetails> details; ///< parallel to `trials`
    std::string samplerState;
};

/// A search whose trials are run by somebody else: ask for points, tell what became of them, in any order.
/// The same answers give the same points, with or without a pause, and the points of a StudyRunner. Belongs
/// to one thread; asking may take as long as the sampler does.
class AskTell {
public:
    /// Input error if the search cannot begin: an option that the sampler does not know, a budget below 1,
    /// more objectives than it knows, a rule that StudyRules refuses. Points that a rule forbids are never
    /// asked for. Contract: checkSearchSpace() has nothing to say on the space.
    [[nodiscard]] static Result<AskTell> make(StudySpec spec, std::unique_ptr<Sampler> sampler);
    /// Goes on as if there had been no pause. Input error if the trials do not fit the spec.
    [[nodiscard]] static Result<AskTell> resume(StudySpec spec, std::unique_ptr<Sampler> sampler,
                                                SavedSearch saved);

    /// So many new trials, pending from now on; fewer where the sampler has no more (a grid). Input error,
    /// and no trial, if fewer are left of the budget, which counts every trial, failed ones included, or if
    /// the sampler has none.
    [[nodiscard]] Result<std::vector<ObservedTrial>> ask(std::int64_t count);
    /// Ends the trial, or only notes intermediate values if nothing else is told. A value or constraint that
    /// is not finite counts as failed. Input error, and nothing noted, for a trial that was never asked for
    /// or has ended, or if nothing is told.
    [[nodiscard]] Status tell(std::int64_t number, const TrialReport& report);

    /// The number of the complete trial with the best value of those that violate no constraint, the earliest
    /// of equals; of several objectives, the best in the first one of front().
    [[nodiscard]] std::optional<std::int64_t> best() const;
    /// The numbers of the complete trials that violate no constraint and that no other such trial betters in
    /// every objective, best() first.
    [[nodiscard]] std::vector<std::int64_t> front() const;
    [[nodiscard]] const StudySpec& spec() const { return m_spec; }
    [[nodiscard]] std::span<const ObservedTrial> trials() const { return m_trials; }
    /// Contract: the trial is there.
    [[nodiscard]] const TrialDetails& details(std::int64_t number) const;
    /// How many more can be asked for.
    [[nodiscard]] std::int64_t left() const;
    [[nodiscard]] std::string samplerState() const { return m_sampler->state(); }

private:
    AskTell(StudySpec spec, std::unique_ptr<Sampler> sampler);

    [[nodiscard]] Status checkTold(std::int64_t number, const TrialReport& report) const;
    /// The report with the excesses of the spec's constraints, and why they are violated as its reason. Input
    /// error if a metric is missing.
    [[nodiscard]] Result<TrialReport> constrained(std::int64_t number, TrialReport report) const;
    void note(std::int64_t number, TrialReport report);

    StudySpec m_spec;
    std::unique_ptr<Sampler> m_sampler; // never null
    std::vector<ObservedTrial> m_trials;
    std::vector<TrialDetails> m_details; // parallel to m_trials
};

} // namespace lathe
