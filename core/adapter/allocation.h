#pragma once

#include "core/base/random.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// How much of a network of optional modules may be on. HeteroLoRA, Zhang et al. 2024 (arXiv:2406.14956).
struct AllocationBudget {
    enum class Unit { Modules, Parameters };
    /// One ranking of LoRA modules and shortcuts, or one of each.
    enum class Scope { Combined, Separated };
    Unit unit = Unit::Modules;
    Scope scope = Scope::Combined;
    double share = 0.25;         ///< of the modules or of their parameters
    std::int64_t parameters = 0; ///< with that unit in place of the share; 0: the share
};

/// One module in the ranking.
struct AllocationCandidate {
    double score = 0; ///< larger is better; NaN is worst
    std::int64_t parameters = 0;
    bool isShortcut = false;
    bool isOn = true; ///< before
};

/// A budget in its unit.
struct AllocationLimits {
    std::int64_t lora = 0;
    std::int64_t shortcuts = 0;
    [[nodiscard]] std::int64_t total() const { return lora + shortcuts; }
};
/// Modules: p of the LoRA modules rounded down, but at least one, and p of the shortcuts rounded half to
/// even. Parameters: p of each kind's, rounded down, but LoRA's at least those of its smallest module; or the
/// absolute number in proportion to them.
[[nodiscard]] AllocationLimits limitsOf(std::span<const AllocationCandidate> candidates,
                                        const AllocationBudget& budget);

/// Which modules are on: the best by score within the budget; among equal scores chance decides, uniformly. A
/// budget of parameters is filled greedily, leaving out what does not fit any more, and never exceeded.
/// `hysteresis`: a module that is off takes the place of one that is on only with a score more than this
/// share above; 0: every ranking is for itself.
[[nodiscard]] std::vector<bool> allocate(std::span<const AllocationCandidate> candidates,
                                         const AllocationBudget& budget, double hysteresis, Rng& rng);

/// Share of the scores that some other score equals.
[[nodiscard]] double tiedShare(std::span<const double> scores);

/// Ranks in proportion to scores, with the parameters of all modules together as near below `parameters` as
/// they come, where the least rank allows it: r = score / Σ score · parameters / size, rounded and kept
/// within [least, most]; where all scores are 0, in equal shares. `sizes`: parameters of each module for one
/// rank.
[[nodiscard]] std::vector<std::int64_t> proportionalRanks(std::span<const double> scores,
                                                          std::span<const std::int64_t> sizes,
                                                          std::span<const std::int64_t> most,
                                                          std::int64_t parameters, std::int64_t least);

/// When modules are chosen anew. Steps count from 0.
struct AllocationSchedule {
    bool isStatic = false;        ///< once
    double period = 0.2;          ///< epochs between two choices
    std::int64_t periodSteps = 0; ///< the same in steps; 0: in epochs
    std::int64_t warmup = 0;      ///< steps before the first choice
    bool isWarmupRandom = false;  ///< a random choice meanwhile; else everything is on
    double freezeAfter = 1;       ///< share of the steps after which nothing changes any more

    enum class Due { Nothing, RandomChoice, Choice };
    /// N = ⌈period · steps of an epoch⌉.
    [[nodiscard]] std::int64_t interval(std::int64_t stepsPerEpoch) const;
    /// A choice is due in every N-th step of each epoch (of the run, where the period is in steps), and when
    /// the warm-up is over.
    [[nodiscard]] Due dueAt(std::int64_t step, std::int64_t stepsPerEpoch, std::int64_t total) const;
};

} // namespace lathe
