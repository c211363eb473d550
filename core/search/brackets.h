#pragma once

#include "core/search/pruner.h"
#include "core/search/sampler.h"

namespace lathe {

/// Hyperband, Li et al. 2018 (JMLR 18:185), in its asynchronous form: every trial belongs to one of several
/// brackets, each of which halves with another first rung.
struct Brackets {
    std::int64_t minSteps = 1;
    std::int64_t reduction = 3;
    std::size_t count = 1; ///< floor(log_reduction(maxSteps / minSteps)) + 1

    [[nodiscard]] static Brackets make(std::int64_t minSteps, std::int64_t maxSteps, std::int64_t reduction);
    /// Of `count` brackets in all, how much of the study belongs to this one: the trials that the paper's
    /// synchronous form begins it with, ceil(count · reduction^(count - 1 - bracket) / (count - bracket)).
    [[nodiscard]] std::int64_t weight(std::size_t bracket) const;
    /// A pure function of the study's seed and the trial's number, in proportion to the weights.
    [[nodiscard]] std::size_t of(std::uint64_t studySeed, std::int64_t number) const;
};

/// The brackets of a study with the Hyperband pruner; nothing while its longest training is unknown.
[[nodiscard]] std::optional<Brackets> bracketsOf(const StudySpec& spec,
                                                 std::optional<std::int64_t> longestTraining);

/// What a sampler that models densities should look at under Hyperband (Falkner et al. 2018,
/// arXiv:1807.01774): only the trials of the bracket that the next trial belongs to. All of them with other
/// pruners.
[[nodiscard]] std::vector<ObservedTrial> comparableTrials(const StudyView& study);

} // namespace lathe
