#pragma once

#include "core/params/param_schema.h"

#include <string>
#include <vector>

namespace lathe {

/// One searched quantity: a parameter of the recipe and where to look.
struct SearchDimension {
    std::string key;
    Domain domain;
    Condition activeIf;
    /// Expressions (core/params/expression.h) of other keys that narrow the range of a number trial by trial;
    /// empty: none.
    std::string atLeast = {};
    std::string atMost = {};
    bool operator==(const SearchDimension&) const = default;
};

using SearchSpace = std::vector<SearchDimension>;

/// A value that follows from searched and fixed ones in every trial: "alpha = 2 * rank".
struct DerivedValue {
    std::string key;
    std::string expression;
    Domain domain; ///< a point whose derived value leaves it is not tried
    bool operator==(const DerivedValue&) const = default;
};

/// What was searched before the space was changed.
struct EarlierSpace {
    SearchSpace space;
    std::vector<DerivedValue> derived;
    std::vector<std::string> forbidden;
    std::int64_t trials = 0; ///< how many the study had when the next version began
    bool operator==(const EarlierSpace&) const = default;
};

/// What makes one trial better than another.
struct Objective {
    std::string metric = "eval_loss";
    bool maximize = false;
    bool operator==(const Objective&) const = default;
};

/// What the trials of a study may cost together; no more are started once it is spent.
struct StudyBudget {
    std::int64_t trials = 1; ///< those already made included
    std::int64_t steps = 0;  ///< optimiser steps; 0: no limit
    double seconds = 0;      ///< wall time; 0: no limit
    bool operator==(const StudyBudget&) const = default;
};

/// A frozen study: nothing but its budget changes after it has started. A single run is a study of one trial
/// with an empty space.
struct StudySpec {
    std::string name;
    std::string kind = "train"; ///< "train", "study" or "pretrain"
    ParamValues fixed;          ///< the whole recipe; searched keys are overridden trial by trial
    SearchSpace space;
    std::vector<DerivedValue> derived = {};       ///< each may use those before it
    std::vector<std::string> forbidden = {};      ///< expressions that hold in no point that is tried
    std::vector<std::string> constraints = {};    ///< "seconds <= 600": limits on a trial's metrics
    std::vector<EarlierSpace> earlierSpaces = {}; ///< oldest first
    std::string samplerId = "random";
    ParamValues samplerOptions;
    std::string prunerId = "none";
    ParamValues prunerOptions;
    std::string pruneMetric; ///< empty: the objective's
    std::int64_t trialCount = 1;
    /// What the trials may cost together; no more are started once it is spent. 0: no limit.
    std::int64_t maxSteps = 0; ///< optimiser steps
    double maxSeconds = 0;     ///< wall time
    /// The trials that the search was laid out for, where trialCount has changed since; 0: trialCount.
    std::int64_t plannedTrials = 0;
    /// N: trial n is searched for, and pruned, by the results of trials 0 to n - N alone, so that the study
    /// is the same however many of its trials run at once; no more than N do. 0: each result counts at once.
    std::int64_t resultLag = 0;
    bool mayRepeat = false; ///< a point may be tried again, as noisy results need it
    std::uint64_t seed = 42;
    Objective objective;
    /// Weighed against the first without a preference: the study then looks for a Pareto front.
    std::vector<Objective> furtherObjectives = {};
    bool operator==(const StudySpec&) const = default;
};

/// The first one and the further ones.
[[nodiscard]] std::vector<Objective> objectivesOf(const StudySpec& spec);
[[nodiscard]] StudyBudget budgetOf(const StudySpec& spec);
/// The same study with another budget; its search stays laid out as it was.
[[nodiscard]] StudySpec withBudget(StudySpec spec, const StudyBudget& budget);
/// As samplers see it: with as many trials as the search was laid out for.
[[nodiscard]] StudySpec asPlanned(StudySpec spec);
/// Input error if it allows no trial or is negative.
[[nodiscard]] Status checkBudget(const StudyBudget& budget);
/// Which limit says that no more trials are started once they have cost so much, as a sentence without its
/// full stop; empty: none does. The number of trials is not looked at.
[[nodiscard]] std::string spentLimit(const StudySpec& spec, std::int64_t steps, double seconds);

[[nodiscard]] std::string toJson(const SearchSpace& space);
[[nodiscard]] Result<SearchSpace> searchSpaceFromJson(std::string_view json);
[[nodiscard]] std::string toJson(const StudySpec& spec);
[[nodiscard]] Result<StudySpec> studySpecFromJson(std::string_view json);

/// Reads one searched quantity as a person writes it: "KEY=LOW..HIGH" (whole numbers for an integer
/// parameter), "KEY=LOW..HIGH:log", "KEY=LOW..HIGH:step=N", "KEY=a,b,c"; ":at_least=EXPRESSION" and
/// ":at_most=EXPRESSION" after a range narrow it by other keys. Input error naming the key, what is wrong,
/// and the form wanted; a range outside the parameter's own domain is one.
[[nodiscard]] Result<SearchDimension> parseSearchDimension(std::span<const ParamSpec> schema,
                                                           std::string_view text);

/// Input error if a dimension's key is unknown, not searchable, twice there, or its domain is empty or leaves
/// the schema's.
[[nodiscard]] Status checkSearchSpace(std::span<const ParamSpec> schema, const SearchSpace& space);

} // namespace lathe
