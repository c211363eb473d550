#include "core/search/curve.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lathe {

bool isBetter(double a, double b, bool isHigherBetter) { return isHigherBetter ? a > b : a < b; }

double bestValue(std::span<const CurvePoint> points, bool isHigherBetter) {
    double best = std::numeric_limits<double>::quiet_NaN();
    for (const CurvePoint& point : points)
        if (std::isnan(best) || isBetter(point.value, best, isHigherBetter))
            best = point.value;
    return best;
}

std::optional<double> valueAt(const TrialCurve& trial, std::int64_t step) {
    const auto it = std::ranges::lower_bound(trial.points, step, {}, &CurvePoint::step);
    return it == trial.points.end() || it->step != step ? std::nullopt : std::optional(it->value);
}

bool isDueForPruning(const TrialCurve& trial, std::int64_t warmup, std::int64_t interval) {
    const std::int64_t step = trial.points.back().step;
    if (step < warmup)
        return false;
    const std::int64_t begin = warmup + (step - warmup) / interval * interval;
    return trial.points.size() < 2 || trial.points[trial.points.size() - 2].step < begin;
}

std::optional<std::int64_t> longestComplete(std::span<const TrialCurve> trials) {
    std::optional<std::int64_t> longest;
    for (const TrialCurve& trial : trials)
        if (trial.state == TrialState::Complete && !trial.points.empty())
            longest = std::max(longest.value_or(0), trial.points.back().step);
    return longest;
}

std::string figure(double value) {
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 4);
    return {text.data(), end.ptr};
}

ParamSpec prunerOption(std::string key, std::string label, std::string unit, std::string help, Domain domain,
                       ParamValue fallback) {
    return {std::move(key),
            "search",
            std::move(label),
            std::move(unit),
            std::move(help),
            std::move(domain),
            std::move(fallback),
            {},
            true,
            false};
}

ParamSpec warmupOption() {
    return prunerOption("warmup_steps", "Steps before pruning", "steps",
                        "Nothing is pruned before a trial has come so far.",
                        IntDomain{0, 1000000000, 1, false}, std::int64_t{0});
}

ParamSpec intervalOption() {
    return prunerOption("interval", "Steps between two checks", "steps",
                        "A trial is looked at once in each interval behind the steps before pruning.",
                        IntDomain{1, 1000000000, 1, false}, std::int64_t{1});
}

} // namespace lathe
