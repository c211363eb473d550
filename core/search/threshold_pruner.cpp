#include "core/search/builtin_pruners.h"
#include "core/search/curve.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// Stands for no bound: a domain holds no infinity.
constexpr double kUnbounded = 1e300;

std::string at(const CurvePoint& point) {
    return figure(point.value) + " at step " + std::to_string(point.step);
}

/// Ends a trial whose newest value is not a number or outside [lower, upper].
class ThresholdPruner final : public Pruner {
public:
    ParamSchema options() const override {
        const RealDomain any{-kUnbounded, kUnbounded};
        return {prunerOption("lower", "Lowest value", "",
                             "A trial with a value below ends; the lowest number there is: no bound.", any,
                             -kUnbounded),
                prunerOption("upper", "Highest value", "",
                             "A trial with a value above ends; the highest number there is: no bound.", any,
                             kUnbounded),
                warmupOption(), intervalOption()};
    }

    Status checkOptions(const ParamValues& values) const override {
        LATHE_TRY(check(options(), values));
        const ParamValues chosen = withDefaults(options(), values);
        if (chosen.real("lower") > chosen.real("upper"))
            return inputError("lower", figure(chosen.real("lower")) + " is above upper, " +
                                           figure(chosen.real("upper")) +
                                           ", so that every trial would end; exchange them");
        return ok();
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        if (!isDueForPruning(trial, chosen.integer("warmup_steps"), chosen.integer("interval")))
            return std::nullopt;
        const CurvePoint& newest = trial.points.back();
        const double lower = chosen.real("lower");
        const double upper = chosen.real("upper");
        if (std::isnan(newest.value))
            return at(newest) + " is not a number";
        if (newest.value < lower)
            return at(newest) + " is below the threshold " + figure(lower);
        if (newest.value > upper)
            return at(newest) + " is above the threshold " + figure(upper);
        return std::nullopt;
    }
};

/// Ends a trial that has left its own good values behind for good: not a finite number, or `factor` times
/// worse than its best. The ratio means something for values above 0 only.
class DivergencePruner final : public Pruner {
public:
    ParamSchema options() const override {
        return {prunerOption("factor", "Times worse than its best", "",
                             "A trial ends when its value is so many times worse than its best one. Values "
                             "that are not finite end it too.",
                             RealDomain{1, 1e6, true, true}, 10.0),
                warmupOption()};
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        const CurvePoint& newest = trial.points.back();
        if (newest.step < chosen.integer("warmup_steps"))
            return std::nullopt;
        if (!std::isfinite(newest.value))
            return at(newest) + " is not a finite number";
        const double factor = chosen.real("factor");
        const double best = bestValue(trial.points, study.isHigherBetter);
        const bool hasDiverged =
            best > 0 && (study.isHigherBetter ? newest.value < best / factor : newest.value > best * factor);
        if (!hasDiverged)
            return std::nullopt;
        return at(newest) + " is more than " + figure(factor) + " times worse than its best " + figure(best);
    }
};

} // namespace

std::unique_ptr<Pruner> makeThresholdPruner() { return std::make_unique<ThresholdPruner>(); }
std::unique_ptr<Pruner> makeDivergencePruner() { return std::make_unique<DivergencePruner>(); }

} // namespace lathe
