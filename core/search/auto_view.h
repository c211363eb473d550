#pragma once

#include "core/search/sampler.h"

#include <vector>

namespace lathe {

/// A part of a study that a model can learn: a space without conditions and the trials that lie in it.
struct PartialStudy {
    StudySpec spec;
    std::vector<ObservedTrial> trials; ///< numbered from 0
    [[nodiscard]] StudyView view() const { return {spec, trials}; }
};

/// Whether a dimension of the space depends on another.
[[nodiscard]] bool hasConditions(const SearchSpace& space);

/// The dimensions that are active at `point`, and the trials with the same ones. Choices that conditions look
/// at are held at their values there. All of the study where nothing depends on anything.
[[nodiscard]] PartialStudy branchAt(const StudyView& study, const ParamValues& point);

/// What is known of a branch of a conditional space.
struct Branch {
    const ObservedTrial* best = nullptr;
    std::int64_t trials = 0;     ///< with an outcome
    std::int64_t dimensions = 0; ///< left free within it
};

/// The branches that have a trial with an outcome, by their best ones, best first.
[[nodiscard]] std::vector<Branch> branchesOf(const StudyView& study);

/// The part within a box around `point`, `length` of each range wide (categories keep all values, grids their
/// neighbours at least); a box that holds too few finished trials to learn from is widened.
[[nodiscard]] PartialStudy boxAround(const PartialStudy& study, const ParamValues& point, double length);

/// Leaves out all but `most` finished trials: the best half and the latest.
void limitTrials(PartialStudy& study, std::size_t most);

/// Replaces each loss by log(1 + (loss - best) / (median - best)), which a Gaussian process of one length
/// scale can follow where losses differ by orders of magnitude.
void levelLosses(PartialStudy& study);

} // namespace lathe
