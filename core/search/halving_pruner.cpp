#include "core/search/brackets.h"
#include "core/search/builtin_pruners.h"
#include "core/search/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

/// The steps at which trials are compared: first, first · reduction, first · reduction², …
struct Ladder {
    std::int64_t first = 1;
    std::int64_t reduction = 4;
    std::int64_t bootstrap = 0; ///< so many trials must have come to a rung before one goes on from it

    /// The next rung; the last number there is where it would not fit.
    [[nodiscard]] std::int64_t above(std::int64_t rung) const {
        constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
        return rung > kEnd / reduction ? kEnd : rung * reduction;
    }
};

/// The first value at or behind the rung: what the trial is compared by there.
std::optional<double> valueAtRung(const TrialCurve& trial, std::int64_t rung) {
    const auto it = std::ranges::lower_bound(trial.points, rung, {}, &CurvePoint::step);
    return it == trial.points.end() || std::isnan(it->value) ? std::nullopt : std::optional(it->value);
}

std::optional<std::string> reasonAtRung(std::span<const TrialCurve* const> trials, const TrialCurve& trial,
                                        std::int64_t rung, const Ladder& ladder, bool isHigherBetter) {
    std::vector<double> values;
    for (const TrialCurve* other : trials)
        if (const auto value = valueAtRung(*other, rung))
            values.push_back(*value);
    const double value = trial.points.back().value;
    const std::string where = figure(value) + " at step " + std::to_string(trial.points.back().step);
    const std::string count = std::to_string(values.size());
    if (static_cast<std::int64_t>(values.size()) <= ladder.bootstrap)
        return where + " is one of the first " + count + " at the rung of step " + std::to_string(rung) +
               ", from which none goes on yet";
    std::ranges::sort(values,
                      [isHigherBetter](double a, double b) { return isBetter(a, b, isHigherBetter); });
    const std::size_t promoted =
        std::max<std::size_t>(values.size() / static_cast<std::size_t>(ladder.reduction), 1);
    if (!isBetter(values[promoted - 1], value, isHigherBetter))
        return std::nullopt;
    return where + " is not among the best " + std::to_string(promoted) + " of " + count +
           " trials at the rung of step " + std::to_string(rung);
}

/// Asks at each rung that the newest point has come to; the rungs before were asked at earlier points.
std::optional<std::string> reasonOnLadder(std::span<const TrialCurve* const> trials, const TrialCurve& trial,
                                          const Ladder& ladder, bool isHigherBetter) {
    const CurvePoint& newest = trial.points.back();
    const std::int64_t before = trial.points.size() < 2 ? std::numeric_limits<std::int64_t>::min()
                                                        : trial.points[trial.points.size() - 2].step;
    for (std::int64_t rung = ladder.first; rung <= newest.step; rung = ladder.above(rung)) {
        if (rung > before && std::isnan(newest.value))
            return "nan at step " + std::to_string(newest.step) + " is not a number";
        if (rung > before)
            if (auto reason = reasonAtRung(trials, trial, rung, ladder, isHigherBetter))
                return reason;
        if (rung == std::numeric_limits<std::int64_t>::max())
            break;
    }
    return std::nullopt;
}

/// The best trial, at the furthest rung, that ended there and is now among the best: step 2 of ASHA's
/// get_job(), Li et al. 2020 (arXiv:1810.05934), algorithm 2.
std::optional<std::int64_t> promotedOnLadder(std::span<const TrialCurve* const> trials, const Ladder& ladder,
                                             bool isHigherBetter) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    std::optional<std::int64_t> found;
    for (std::int64_t rung = ladder.first; rung < kEnd; rung = ladder.above(rung)) {
        std::vector<std::pair<double, const TrialCurve*>> there;
        for (const TrialCurve* trial : trials)
            if (const auto value = valueAtRung(*trial, rung))
                there.emplace_back(*value, trial);
        if (there.empty())
            break;
        if (static_cast<std::int64_t>(there.size()) <= ladder.bootstrap)
            continue;
        std::ranges::stable_sort(there, [isHigherBetter](const auto& a, const auto& b) {
            return isBetter(a.first, b.first, isHigherBetter);
        });
        there.resize(there.size() / static_cast<std::size_t>(ladder.reduction));
        const auto waits = std::ranges::find_if(there, [&](const auto& entry) {
            const TrialCurve& trial = *entry.second;
            return trial.state == TrialState::Pruned && !trial.isHeld &&
                   trial.points.back().step < ladder.above(rung) && !std::isnan(trial.points.back().value);
        });
        if (waits != there.end())
            found = waits->second->number; // a later rung goes before
    }
    return found;
}

/// `rate` rungs further up.
std::int64_t raised(Ladder ladder, std::size_t rate) {
    for (std::size_t i = 0; i < rate; ++i)
        ladder.first = ladder.above(ladder.first);
    return ladder.first;
}

ParamSpec reductionOption(std::int64_t fallback) {
    return prunerOption("reduction", "One of so many goes on", "trials",
                        "From each rung the best of so many trials goes on, and the next rung is so many "
                        "times further.",
                        IntDomain{2, 100, 1, false}, fallback);
}

ParamSpec bootstrapOption() {
    return prunerOption("bootstrap", "Trials before the first goes on", "trials",
                        "The first trials at a rung end there, so many as this.",
                        IntDomain{0, 10000, 1, false}, std::int64_t{0});
}

ParamSpec promoteOption() {
    return prunerOption("promote", "Go on later", "",
                        "A trial that has ended at a rung goes on from its checkpoint once it is among the "
                        "best there.",
                        BoolDomain{}, false);
}

/// Asynchronous successive halving (ASHA), Li et al. 2020 (arXiv:1810.05934), in Optuna's form: a trial that
/// comes to a rung ends there unless its value is among the best 1/reduction of all that have come to it.
class HalvingPruner final : public Pruner {
public:
    ParamSchema options() const override {
        return {prunerOption("min_steps", "First rung", "steps",
                             "Trials are compared first at this step; 0: at a hundredth of the longest "
                             "complete trial, and nothing is pruned before one is complete.",
                             IntDomain{0, 1000000000, 1, false}, std::int64_t{0}),
                reductionOption(4),
                prunerOption("min_rate", "Rungs left out", "rungs",
                             "The first rungs that are not compared at.", IntDomain{0, 60, 1, false},
                             std::int64_t{0}),
                bootstrapOption(), promoteOption()};
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const auto ladder = ladderOf(study);
        return ladder ? reasonOnLadder(all(study), trial, *ladder, study.isHigherBetter) : std::nullopt;
    }

    std::optional<std::int64_t> promoted(const PruneView& study) const override {
        const auto ladder = ladderOf(study);
        const bool isWanted = withDefaults(options(), study.spec.prunerOptions).flag("promote");
        return isWanted && ladder ? promotedOnLadder(all(study), *ladder, study.isHigherBetter)
                                  : std::nullopt;
    }

private:
    std::optional<Ladder> ladderOf(const PruneView& study) const {
        constexpr std::int64_t kRungsOfLongest = 100;
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        std::int64_t first = chosen.integer("min_steps");
        if (first == 0) {
            const auto longest = longestComplete(study.trials);
            if (!longest.has_value())
                return std::nullopt;
            first = std::max<std::int64_t>(1, *longest / kRungsOfLongest);
        }
        Ladder ladder{first, chosen.integer("reduction"), chosen.integer("bootstrap")};
        ladder.first = raised(ladder, static_cast<std::size_t>(chosen.integer("min_rate")));
        return ladder;
    }

    static std::vector<const TrialCurve*> all(const PruneView& study) {
        std::vector<const TrialCurve*> curves;
        for (const TrialCurve& curve : study.trials)
            curves.push_back(&curve);
        return curves;
    }
};

/// Hyperband as Optuna runs it: each bracket is a successive halving of its own trials, the later ones with
/// fewer trials and a later first rung.
class HyperbandPruner final : public Pruner {
public:
    ParamSchema options() const override {
        return {prunerOption("min_steps", "First rung", "steps",
                             "Where the first bracket compares its trials first.",
                             IntDomain{1, 1000000000, 1, false}, std::int64_t{1}),
                prunerOption("max_steps", "Steps of a whole trial", "steps",
                             "Decides how many brackets there are; 0: as many as the longest complete trial "
                             "has, and nothing is pruned before one is complete.",
                             IntDomain{0, 1000000000, 1, false}, std::int64_t{0}),
                reductionOption(3), bootstrapOption(), promoteOption()};
    }

    Status checkOptions(const ParamValues& values) const override {
        LATHE_TRY(check(options(), values));
        const ParamValues chosen = withDefaults(options(), values);
        const std::int64_t least = chosen.integer("min_steps");
        const std::int64_t most = chosen.integer("max_steps");
        if (most > 0 && most < least)
            return inputError("max_steps", std::to_string(most) + " is below min_steps, " +
                                               std::to_string(least) + "; choose at least as many, or 0");
        return ok();
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const auto brackets = bracketsOf(study.spec, longestComplete(study.trials));
        if (!brackets.has_value())
            return std::nullopt;
        const std::size_t bracket = brackets->of(study.spec.seed, trial.number);
        const std::vector<const TrialCurve*> rivals = rivalsIn(study, *brackets, bracket);
        const Ladder ladder = ladderOf(study, *brackets, bracket);
        auto reason = reasonOnLadder(rivals, trial, ladder, study.isHigherBetter);
        if (reason.has_value())
            *reason +=
                " (bracket " + std::to_string(bracket + 1) + " of " + std::to_string(brackets->count) + ")";
        return reason;
    }

    std::optional<std::int64_t> promoted(const PruneView& study) const override {
        const auto brackets = bracketsOf(study.spec, longestComplete(study.trials));
        if (!brackets.has_value() || !withDefaults(options(), study.spec.prunerOptions).flag("promote"))
            return std::nullopt;
        for (std::size_t bracket = 0; bracket < brackets->count; ++bracket)
            if (const auto number =
                    promotedOnLadder(rivalsIn(study, *brackets, bracket), ladderOf(study, *brackets, bracket),
                                     study.isHigherBetter))
                return number;
        return std::nullopt;
    }

private:
    static std::vector<const TrialCurve*> rivalsIn(const PruneView& study, const Brackets& brackets,
                                                   std::size_t bracket) {
        std::vector<const TrialCurve*> rivals;
        for (const TrialCurve& other : study.trials)
            if (brackets.of(study.spec.seed, other.number) == bracket)
                rivals.push_back(&other);
        return rivals;
    }

    Ladder ladderOf(const PruneView& study, const Brackets& brackets, std::size_t bracket) const {
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        Ladder ladder{brackets.minSteps, brackets.reduction, chosen.integer("bootstrap")};
        ladder.first = raised(ladder, bracket);
        return ladder;
    }
};

} // namespace

std::unique_ptr<Pruner> makeHalvingPruner() { return std::make_unique<HalvingPruner>(); }
std::unique_ptr<Pruner> makeHyperbandPruner() { return std::make_unique<HyperbandPruner>(); }

} // namespace lathe
