#include "core/base/domination.h"

#include "core/base/contract.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

namespace lathe {

bool dominates(std::span<const double> a, std::span<const double> b) {
    LATHE_EXPECT(a.size() == b.size());
    bool isBetter = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i])
            return false;
        isBetter = isBetter || a[i] < b[i];
    }
    return isBetter;
}

std::vector<int> dominationRanks(std::span<const Losses> points) {
    // What dominates a point comes before it in lexicographic order, and its rank is one above theirs.
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) -> const Losses& { return points[i]; });
    std::vector<int> ranks(points.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (ranks[order[j]] >= ranks[order[i]] && dominates(points[order[j]], points[order[i]]))
                ranks[order[i]] = ranks[order[j]] + 1;
    return ranks;
}

std::vector<int> dominationRanks(std::span<const Losses> points, std::span<const double> violations) {
    LATHE_EXPECT(points.size() == violations.size());
    std::vector<Losses> feasible;
    std::set<double> levels;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (violations[i] > 0)
            levels.insert(violations[i]);
        else
            feasible.push_back(points[i]);
    const std::vector<int> fronts = dominationRanks(feasible);
    const int first = fronts.empty() ? 0 : *std::ranges::max_element(fronts) + 1;
    std::vector<int> ranks;
    std::size_t next = 0;
    for (const double violation : violations)
        ranks.push_back(violation > 0
                            ? first + static_cast<int>(std::distance(levels.begin(), levels.find(violation)))
                            : fronts[next++]);
    return ranks;
}

std::vector<double> crowdingDistances(std::span<const Losses> front) {
    std::vector<double> distances(front.size(), 0.0);
    if (front.empty())
        return distances;
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t objective = 0; objective < front[0].size(); ++objective) {
        const auto value = [&](std::size_t i) { return front[i][objective]; };
        std::ranges::stable_sort(order, {}, value);
        const double range = value(order.back()) - value(order.front());
        distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
        if (!(range > 0))
            continue;
        for (std::size_t i = 1; i + 1 < order.size(); ++i)
            distances[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / range;
    }
    return distances;
}

} // namespace lathe
