#include "core/adapter/allocation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace lathe {

namespace {

/// What a product such as 0.29 · 100 may lack of the whole number that is meant.
constexpr double kRounding = 1e-9;

std::int64_t roundedDown(double x) { return static_cast<std::int64_t>(std::floor(x + kRounding)); }
/// Half to even: the rounding mode that programs start with.
std::int64_t halfToEven(double x) { return static_cast<std::int64_t>(std::nearbyint(x)); }

struct Totals {
    std::int64_t lora = 0, shortcuts = 0;
};

template <typename Measure>
Totals totalsOf(std::span<const AllocationCandidate> candidates, Measure measure) {
    Totals totals;
    for (const AllocationCandidate& each : candidates)
        (each.isShortcut ? totals.shortcuts : totals.lora) += measure(each);
    return totals;
}

/// A place in the ranking; the first is the best.
struct Place {
    std::size_t number = 0;
    double score = 0;
    bool isIncumbent = false;
};

std::vector<Place> ranking(std::span<const AllocationCandidate> candidates, double hysteresis, Rng& rng) {
    std::vector<Place> places(candidates.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const AllocationCandidate& each = candidates[i];
        const bool isIncumbent = hysteresis > 0 && each.isOn;
        const double score = std::isnan(each.score) ? -std::numeric_limits<double>::infinity() : each.score;
        places[i] = {i, isIncumbent ? score * (1 + hysteresis) : score, isIncumbent};
    }
    rng.shuffle(std::span(places)); // which the stable sort keeps among equals
    std::ranges::stable_sort(places, [](const Place& a, const Place& b) {
        return a.score != b.score ? a.score > b.score : a.isIncumbent && !b.isIncumbent;
    });
    return places;
}

} // namespace

AllocationLimits limitsOf(std::span<const AllocationCandidate> candidates, const AllocationBudget& budget) {
    if (budget.unit == AllocationBudget::Unit::Modules) {
        const Totals count = totalsOf(candidates, [](const auto&) { return 1; });
        return {std::max(std::min<std::int64_t>(1, count.lora),
                         roundedDown(budget.share * static_cast<double>(count.lora))),
                halfToEven(budget.share * static_cast<double>(count.shortcuts))};
    }
    const Totals size = totalsOf(candidates, [](const auto& each) { return each.parameters; });
    if (budget.parameters == 0) {
        std::int64_t smallest = size.lora;
        for (const AllocationCandidate& each : candidates)
            smallest = each.isShortcut ? smallest : std::min(smallest, each.parameters);
        return {std::max(smallest, roundedDown(budget.share * static_cast<double>(size.lora))),
                roundedDown(budget.share * static_cast<double>(size.shortcuts))};
    }
    const double part = static_cast<double>(size.lora) /
                        static_cast<double>(std::max<std::int64_t>(1, size.lora + size.shortcuts));
    const std::int64_t lora = roundedDown(part * static_cast<double>(budget.parameters));
    return {lora, budget.parameters - lora};
}

std::vector<bool> allocate(std::span<const AllocationCandidate> candidates, const AllocationBudget& budget,
                           double hysteresis, Rng& rng) {
    const AllocationLimits limits = limitsOf(candidates, budget);
    const bool isCombined = budget.scope == AllocationBudget::Scope::Combined;
    std::int64_t left = isCombined ? limits.total() : limits.lora;
    std::int64_t leftForShortcuts = limits.shortcuts;
    std::vector<bool> isOn(candidates.size(), false);
    for (const Place& place : ranking(candidates, hysteresis, rng)) {
        const AllocationCandidate& each = candidates[place.number];
        const std::int64_t cost = budget.unit == AllocationBudget::Unit::Modules ? 1 : each.parameters;
        std::int64_t& purse = isCombined || !each.isShortcut ? left : leftForShortcuts;
        if (cost > purse)
            continue;
        purse -= cost;
        isOn[place.number] = true;
    }
    return isOn;
}

double tiedShare(std::span<const double> scores) {
    std::map<double, std::size_t> counts;
    for (const double score : scores)
        if (!std::isnan(score))
            ++counts[score];
    std::size_t tied = 0;
    for (const auto& [score, count] : counts)
        tied += count > 1 ? count : 0;
    return scores.empty() ? 0 : static_cast<double>(tied) / static_cast<double>(scores.size());
}

std::vector<std::int64_t> proportionalRanks(std::span<const double> scores,
                                            std::span<const std::int64_t> sizes,
                                            std::span<const std::int64_t> most, std::int64_t parameters,
                                            std::int64_t least) {
    const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
    const std::size_t count = scores.size();
    std::vector<double> wanted(count);
    std::vector<std::int64_t> ranks(count);
    std::int64_t used = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double share = sum > 0 ? scores[i] / sum : 1.0 / static_cast<double>(count);
        wanted[i] = share * static_cast<double>(parameters) / static_cast<double>(sizes[i]);
        ranks[i] = std::clamp(halfToEven(std::min(wanted[i], static_cast<double>(most[i]))),
                              std::min(least, most[i]), most[i]);
        used += ranks[i] * sizes[i];
    }
    const auto excess = [&](std::size_t i) { return static_cast<double>(ranks[i]) - wanted[i]; };
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto next = [&](auto mayMove, auto before) {
        const std::size_t none = count;
        std::size_t best = none;
        for (const std::size_t i : order)
            if (mayMove(i) && (best == none || before(i, best)))
                best = i;
        return best;
    };
    while (used > parameters) { // first where rounding or the least rank gave most
        const std::size_t i = next([&](std::size_t k) { return ranks[k] > least; },
                                   [&](std::size_t k, std::size_t best) { return excess(k) > excess(best); });
        if (i == count)
            break;
        --ranks[i];
        used -= sizes[i];
    }
    while (true) {
        const std::size_t i = next(
            [&](std::size_t k) {
                return ranks[k] < most[k] && used + sizes[k] <= parameters && (scores[k] > 0 || sum <= 0);
            },
            [&](std::size_t k, std::size_t best) { return excess(k) < excess(best); });
        if (i == count)
            return ranks;
        ++ranks[i];
        used += sizes[i];
    }
}

std::int64_t AllocationSchedule::interval(std::int64_t stepsPerEpoch) const {
    if (periodSteps > 0)
        return periodSteps;
    return std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::ceil(period * static_cast<double>(stepsPerEpoch) - kRounding)));
}

AllocationSchedule::Due AllocationSchedule::dueAt(std::int64_t step, std::int64_t stepsPerEpoch,
                                                  std::int64_t total) const {
    const std::int64_t place = periodSteps > 0 ? step : step % stepsPerEpoch;
    const bool isRegular = place % interval(stepsPerEpoch) == 0;
    if (step < warmup)
        return isWarmupRandom && (isStatic ? step == 0 : isRegular) ? Due::RandomChoice : Due::Nothing;
    if (step == warmup)
        return Due::Choice;
    const bool isFrozen = static_cast<double>(step) >= freezeAfter * static_cast<double>(total);
    return !isStatic && isRegular && !isFrozen ? Due::Choice : Due::Nothing;
}

} // namespace lathe
