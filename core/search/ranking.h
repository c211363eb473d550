#pragma once

#include "core/search/sampler.h"

#include <vector>

namespace lathe {

/// Sum of what a trial violates its constraints by; 0 where it violates none.
[[nodiscard]] double violationOf(const ObservedTrial& trial);

/// Whether the trial is over and says something: complete or pruned with a finite value, or infeasible.
[[nodiscard]] bool hasOutcome(const ObservedTrial& trial);

/// Whether the trial is still to bring a result.
[[nodiscard]] bool isPending(TrialState state);

/// The number of the trial that is asked for.
[[nodiscard]] std::int64_t nextNumber(const StudyView& study);

/// The value to make small: the objective, its sign turned where the study maximises.
[[nodiscard]] double lossOf(const ObservedTrial& trial, const Objective& objective);

/// The same of each objective. Contract: the trial has its values.
[[nodiscard]] std::vector<double> lossesOf(const ObservedTrial& trial, const StudySpec& spec);

/// Places among the study's trials of the complete ones that violate nothing and that no other such trial
/// betters in every objective, by their first loss, then by number. With one objective: the best one, and
/// those that equal it.
[[nodiscard]] std::vector<std::size_t> frontOf(const StudyView& study);

/// The trials with an outcome, best first: complete ones by their value, then pruned ones by how far they
/// came and then by their value, then infeasible ones by their violation. Equals keep the order of their
/// numbers. Of several objectives it is not the value that counts but the front.
[[nodiscard]] std::vector<const ObservedTrial*> rankedTrials(const StudyView& study);

/// The best `count` of them, or all if there are fewer. Of the front that has no room for all of its trials,
/// those that dominate most together, chosen greedily up to referencePoint() of that front (MOTPE, Ozaki et
/// al. 2020).
[[nodiscard]] std::vector<const ObservedTrial*> bestTrials(const StudyView& study, std::size_t count);

} // namespace lathe
