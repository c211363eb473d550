#include "core/search/brackets.h"

#include "core/search/builtin_pruners.h"
#include "core/search/ranking.h"

#include <algorithm>

namespace lathe {

Brackets Brackets::make(std::int64_t minSteps, std::int64_t maxSteps, std::int64_t reduction) {
    Brackets brackets{minSteps, reduction, 1};
    // By multiplication: a quotient of logarithms misses exact powers.
    for (std::int64_t rung = minSteps; rung <= maxSteps / reduction; rung *= reduction)
        ++brackets.count;
    return brackets;
}

std::int64_t Brackets::weight(std::size_t bracket) const {
    LATHE_EXPECT(bracket < count);
    auto trials = static_cast<std::int64_t>(count);
    for (std::size_t i = bracket + 1; i < count; ++i)
        trials *= reduction;
    const auto rungs = static_cast<std::int64_t>(count - bracket);
    return (trials + rungs - 1) / rungs;
}

std::size_t Brackets::of(std::uint64_t studySeed, std::int64_t number) const {
    std::int64_t total = 0;
    for (std::size_t bracket = 0; bracket < count; ++bracket)
        total += weight(bracket);
    constexpr std::uint64_t kBracketStream =
        0x627261636b6574; // "bracket": apart from the trial's own numbers
    const std::uint64_t drawn =
        mixSeed(mixSeed(studySeed, kBracketStream), static_cast<std::uint64_t>(number));
    auto place = static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(total));
    std::size_t bracket = 0;
    for (; place >= weight(bracket); ++bracket)
        place -= weight(bracket);
    return bracket;
}

std::optional<Brackets> bracketsOf(const StudySpec& spec, std::optional<std::int64_t> longestTraining) {
    const ParamValues chosen = withDefaults(makeHyperbandPruner()->options(), spec.prunerOptions);
    if (const std::int64_t maxSteps = chosen.integer("max_steps"); maxSteps > 0)
        longestTraining = maxSteps;
    if (!longestTraining.has_value())
        return std::nullopt;
    const std::int64_t minSteps = chosen.integer("min_steps");
    return Brackets::make(minSteps, std::max(minSteps, *longestTraining), chosen.integer("reduction"));
}

std::vector<ObservedTrial> comparableTrials(const StudyView& study) {
    std::vector<ObservedTrial> trials(study.trials.begin(), study.trials.end());
    if (study.spec.prunerId != "hyperband")
        return trials;
    std::optional<std::int64_t> longest;
    for (const ObservedTrial& trial : trials)
        if (trial.state == TrialState::Complete)
            longest = std::max(longest.value_or(0), trial.steps);
    if (const auto brackets = bracketsOf(study.spec, longest)) {
        const std::size_t bracket = brackets->of(study.spec.seed, nextNumber(study));
        std::erase_if(trials, [&](const ObservedTrial& trial) {
            return brackets->of(study.spec.seed, trial.number) != bracket;
        });
    }
    return trials;
}

} // namespace lathe
