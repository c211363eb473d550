#include "core/search/builtin_pruners.h"
#include "core/search/curve.h"
#include "core/search/signed_rank.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

bool isFinite(const TrialCurve& trial) {
    return std::ranges::all_of(trial.points,
                               [](const CurvePoint& point) { return std::isfinite(point.value); });
}

double meanOf(const TrialCurve& trial) {
    double sum = 0;
    for (const CurvePoint& point : trial.points)
        sum += point.value;
    return sum / static_cast<double>(trial.points.size());
}

const TrialCurve* bestComplete(const PruneView& study) {
    const TrialCurve* best = nullptr;
    for (const TrialCurve& trial : study.trials) {
        const bool counts =
            trial.state == TrialState::Complete && trial.objective && !std::isnan(*trial.objective);
        if (counts &&
            (best == nullptr || isBetter(*trial.objective, *best->objective, study.spec.objective.maximize)))
            best = &trial;
    }
    return best;
}

/// For metrics whose steps are folds or single tasks: ends a trial that Wilcoxon's signed-rank test tells
/// from the best trial on the steps both have, as Optuna does. Steps without a finite value: no verdict.
class WilcoxonPruner final : public Pruner {
public:
    ParamSchema options() const override {
        return {prunerOption("p_threshold", "Error probability", "",
                             "How likely a trial may be ended that is as good as the best one.",
                             RealDomain{0, 1}, 0.1),
                prunerOption("startup_steps", "Steps to compare first", "steps",
                             "So many steps must be shared with the best trial; single ones tell nothing.",
                             IntDomain{1, 1000000, 1, false}, std::int64_t{2})};
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        const TrialCurve* best = bestComplete(study);
        if (best == nullptr || best->points.empty() || !isFinite(*best) || !isFinite(trial))
            return std::nullopt;
        std::vector<double> behind; // above 0: the trial is worse there
        for (const CurvePoint& point : trial.points)
            if (const auto other = valueAt(*best, point.step))
                behind.push_back(study.isHigherBetter ? *other - point.value : point.value - *other);
        if (static_cast<std::int64_t>(behind.size()) < chosen.integer("startup_steps"))
            return std::nullopt;
        const double p = signedRankP(behind);
        const double mean = meanOf(trial);
        if (!(p < chosen.real("p_threshold")) || !isBetter(meanOf(*best), mean, study.isHigherBetter))
            return std::nullopt;
        return "mean " + figure(mean) + " over " + std::to_string(behind.size()) +
               " steps is worse than the best trial's " + figure(meanOf(*best)) +
               " (signed-rank test, p = " + figure(p) + ")";
    }
};

} // namespace

std::unique_ptr<Pruner> makeWilcoxonPruner() { return std::make_unique<WilcoxonPruner>(); }

} // namespace lathe
