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
    bool operator==(const SearchDimension&) const = default;
};

using SearchSpace = std::vector<SearchDimension>;

/// What makes one trial better than another.
struct Objective {
    std::string metric = "eval_loss";
    bool maximize = false;
    bool operator==(const Objective&) const = default;
};

/// A frozen study: never changes after it has started. A single run is a study of one trial with an empty
/// space.
struct StudySpec {
    std::string name;
    std::string kind = "train"; ///< "train", "study" or "pretrain"
    ParamValues fixed;          ///< the whole recipe; searched keys are overridden trial by trial
    SearchSpace space;
    std::string samplerId = "random";
    ParamValues samplerOptions;
    std::string prunerId = "none";
    ParamValues prunerOptions;
    std::string pruneMetric; ///< empty: the objective's
    std::int64_t trialCount = 1;
    /// What the trials may cost together; no more are started once it is spent. 0: no limit.
    std::int64_t maxSteps = 0; ///< optimiser steps
    double maxSeconds = 0;     ///< wall time
    std::uint64_t seed = 42;
    Objective objective;
    /// Weighed against the first without a preference: the study then looks for a Pareto front.
    std::vector<Objective> furtherObjectives = {};
    bool operator==(const StudySpec&) const = default;
};

/// The first one and the further ones.
[[nodiscard]] std::vector<Objective> objectivesOf(const StudySpec& spec);

[[nodiscard]] std::string toJson(const SearchSpace& space);
[[nodiscard]] Result<SearchSpace> searchSpaceFromJson(std::string_view json);
[[nodiscard]] std::string toJson(const StudySpec& spec);
[[nodiscard]] Result<StudySpec> studySpecFromJson(std::string_view json);

/// Reads one searched quantity as a person writes it: "KEY=LOW..HIGH" (whole numbers for an integer
/// parameter), "KEY=LOW..HIGH:log", "KEY=LOW..HIGH:step=N", "KEY=a,b,c". Input error naming the key, what is
/// wrong, and the form wanted; a range outside the parameter's own domain is one.
[[nodiscard]] Result<SearchDimension> parseSearchDimension(std::span<const ParamSpec> schema,
                                                           std::string_view text);

/// Input error if a dimension's key is unknown, not searchable, twice there, or its domain is empty or leaves
/// the schema's.
[[nodiscard]] Status checkSearchSpace(std::span<const ParamSpec> schema, const SearchSpace& space);

} // namespace lathe
