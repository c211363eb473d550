#include "core/search/builtin_pruners.h"
#include "core/search/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

/// Linear between the two nearest ranks, as NumPy's percentile; NaN for no values.
double percentileOf(std::vector<double> values, double percent) {
    if (values.empty())
        return std::numeric_limits<double>::quiet_NaN();
    std::ranges::sort(values);
    const double place = percent / 100 * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

/// Golovin et al. 2017 (Google Vizier, the median stopping rule), with Optuna's details: ends a trial whose
/// best value so far is worse than the given percentile of the complete trials' values at this step.
class PercentilePruner : public Pruner {
public:
    ParamSchema options() const override {
        return {prunerOption("startup_trials", "Complete trials first", "trials",
                             "Nothing is pruned before so many trials are complete.",
                             IntDomain{0, 10000, 1, false}, std::int64_t{5}),
                warmupOption(), intervalOption(),
                prunerOption("min_trials", "Trials to compare with", "trials",
                             "Nothing is pruned at a step that fewer complete trials have a value of.",
                             IntDomain{1, 10000, 1, false}, std::int64_t{1}),
                prunerOption("percentile", "Share kept", "%",
                             "Trials among the best of so many percent go on.", RealDomain{0, 100}, 25.0)};
    }

    std::optional<std::string> reasonToPrune(const PruneView& study, const TrialCurve& trial) const override {
        const ParamValues chosen = withDefaults(options(), study.spec.prunerOptions);
        const auto isComplete = [](const TrialCurve& other) { return other.state == TrialState::Complete; };
        const auto complete = std::ranges::count_if(study.trials, isComplete);
        if (complete == 0 || complete < chosen.integer("startup_trials") ||
            !isDueForPruning(trial, chosen.integer("warmup_steps"), chosen.integer("interval")))
            return std::nullopt;
        return compare(study, trial, chosen);
    }

protected:
    virtual double percentage(const ParamValues& chosen) const { return chosen.real("percentile"); }
    virtual std::string nameOfBorder(const ParamValues& chosen) const {
        return figure(chosen.real("percentile")) + "th percentile";
    }

private:
    std::optional<std::string> compare(const PruneView& study, const TrialCurve& trial,
                                       const ParamValues& chosen) const {
        const std::int64_t step = trial.points.back().step;
        const std::string where = " at step " + std::to_string(step);
        const double best = bestValue(trial.points, study.isHigherBetter);
        if (std::isnan(best))
            return "all values so far are not a number" + where;
        std::int64_t count = 0;
        std::vector<double> values;
        for (const TrialCurve& other : study.trials) {
            const auto value =
                other.state == TrialState::Complete ? valueAt(other, step) : std::optional<double>();
            count += value.has_value() ? 1 : 0;
            if (value.has_value() && !std::isnan(*value))
                values.push_back(*value);
        }
        const double percent = percentage(chosen);
        const std::size_t compared = values.size();
        const double border = percentileOf(std::move(values), study.isHigherBetter ? 100 - percent : percent);
        if (count < chosen.integer("min_trials") || !isBetter(border, best, study.isHigherBetter))
            return std::nullopt;
        return figure(best) + where + " is worse than the " + nameOfBorder(chosen) + " " + figure(border) +
               " of " + std::to_string(compared) + (compared == 1 ? " trial" : " trials");
    }
};

class MedianPruner final : public PercentilePruner {
public:
    ParamSchema options() const override {
        ParamSchema schema = PercentilePruner::options();
        std::erase_if(schema, [](const ParamSpec& spec) { return spec.key == "percentile"; });
        return schema;
    }

private:
    double percentage(const ParamValues&) const override { return 50; }
    std::string nameOfBorder(const ParamValues&) const override { return "median"; }
};

} // namespace

std::unique_ptr<Pruner> makePercentilePruner() { return std::make_unique<PercentilePruner>(); }
std::unique_ptr<Pruner> makeMedianPruner() { return std::make_unique<MedianPruner>(); }

} // namespace lathe
