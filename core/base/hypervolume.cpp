#include "core/base/hypervolume.h"

#include "core/base/contract.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <tuple>

namespace lathe {

namespace {

using Point = std::vector<double>;
using Points = std::vector<Point>;

bool isWeaklyBelow(const Point& a, const Point& b) {
    return std::ranges::equal(a, b, [](double left, double right) { return left <= right; });
}

/// Without those that another one is nowhere above; of equals one stays. Sorted.
Points nondominated(Points points) {
    std::ranges::sort(points);
    Points kept;
    for (const Point& point : points)
        if (std::ranges::none_of(kept, [&](const Point& other) { return isWeaklyBelow(other, point); }))
            kept.push_back(point);
    return kept;
}

double sweep2d(const Points& sorted, std::span<const double> reference) {
    double volume = 0;
    double top = reference[1];
    for (const Point& point : sorted) {
        if (point[1] >= top)
            continue;
        volume += (reference[0] - point[0]) * (top - point[1]);
        top = point[1];
    }
    return volume;
}

/// Slabs along the last objective, each with the area of the points below it.
double sweep3d(Points points, std::span<const double> reference) {
    std::ranges::sort(points, {}, [](const Point& point) { return point[2]; });
    double volume = 0;
    Points below;
    for (std::size_t i = 0; i < points.size(); ++i) {
        below.insert(std::ranges::upper_bound(below, points[i]), points[i]);
        const double next = i + 1 < points.size() ? points[i + 1][2] : reference[2];
        if (next > points[i][2])
            volume += sweep2d(below, reference) * (next - points[i][2]);
    }
    return volume;
}

double boxVolume(const Point& point, std::span<const double> reference) {
    double volume = 1;
    for (std::size_t i = 0; i < point.size(); ++i)
        volume *= reference[i] - point[i];
    return volume;
}

double volumeOf(const Points& points, std::span<const double> reference);

/// What the point dominates and none of the others do; all are below the reference.
double exclusiveVolume(const Point& point, std::span<const Point> others, std::span<const double> reference) {
    Points limited;
    for (Point worse : others) {
        for (std::size_t j = 0; j < worse.size(); ++j)
            worse[j] = std::max(worse[j], point[j]);
        limited.push_back(std::move(worse));
    }
    return boxVolume(point, reference) - volumeOf(nondominated(std::move(limited)), reference);
}

// The recursion is as deep as there are points at most, and each level has fewer that are not dominated.
double volumeOf(const Points& points, std::span<const double> reference) {
    if (points.empty())
        return 0;
    if (reference.size() == 1)
        return reference[0] - points[0][0];
    if (reference.size() == 2)
        return sweep2d(points, reference);
    if (reference.size() == 3)
        return sweep3d(points, reference);
    double volume = 0;
    for (std::size_t place = 0; place < points.size(); ++place)
        volume += exclusiveVolume(points[place], std::span(points).subspan(place + 1), reference);
    return volume;
}

bool isBelow(const Point& point, std::span<const double> reference) {
    return std::ranges::equal(point, reference, [](double value, double limit) { return value < limit; });
}

/// Slab by slab along the last of them: within
/// a slab only the points that begin below it dominate, and each of them does so throughout.
std::vector<VolumeBox> boxesOf(const Points& points, std::span<const double> reference) {
    const std::size_t last = reference.size() - 1;
    std::vector<double> borders{-std::numeric_limits<double>::infinity()};
    for (const Point& point : points)
        borders.push_back(point[last]);
    std::ranges::sort(borders);
    borders.erase(std::ranges::unique(borders).begin(), borders.end());
    if (last == 0) // below the least of them
        return {{{borders[0]}, {borders.size() > 1 ? borders[1] : reference[0]}}};
    std::vector<VolumeBox> boxes;
    for (std::size_t i = 0; i < borders.size(); ++i) {
        Points within;
        for (const Point& point : points)
            if (point[last] <= borders[i])
                within.emplace_back(point.begin(), point.end() - 1);
        const double top = i + 1 < borders.size() ? borders[i + 1] : reference[last];
        for (VolumeBox& box : boxesOf(nondominated(std::move(within)), reference.first(last))) {
            box.low.push_back(borders[i]);
            box.high.push_back(top);
            boxes.push_back(std::move(box));
        }
    }
    return boxes;
}

} // namespace

double hypervolume(std::span<const std::vector<double>> points, std::span<const double> reference) {
    LATHE_EXPECT(!reference.empty());
    Points inside;
    for (const Point& point : points) {
        LATHE_EXPECT(point.size() == reference.size());
        if (isBelow(point, reference))
            inside.push_back(point);
    }
    return volumeOf(nondominated(std::move(inside)), reference);
}

std::vector<std::size_t> largestVolumeSubset(std::span<const std::vector<double>> points, std::size_t count,
                                             std::span<const double> reference) {
    struct Candidate {
        double gain; // when `chosen` points were chosen; what a point adds only shrinks as others join
        std::size_t place;
        std::size_t chosen;
    };
    const auto isWorse = [](const Candidate& a, const Candidate& b) {
        return std::tuple(-a.gain, a.place) > std::tuple(-b.gain, b.place);
    };
    std::priority_queue<Candidate, std::vector<Candidate>, decltype(isWorse)> queue(isWorse);
    for (std::size_t place = 0; place < points.size(); ++place) {
        LATHE_EXPECT(points[place].size() == reference.size());
        const bool counts = isBelow(points[place], reference);
        queue.push({counts ? boxVolume(points[place], reference) : 0, place, 0});
    }
    std::vector<std::size_t> places;
    Points chosen;
    while (places.size() < count && !queue.empty()) {
        Candidate next = queue.top();
        queue.pop();
        const Point& point = points[next.place];
        if (next.chosen < chosen.size() && isBelow(point, reference)) {
            next.gain = exclusiveVolume(point, chosen, reference);
            next.chosen = chosen.size();
            queue.push(next);
            continue;
        }
        places.push_back(next.place);
        if (isBelow(point, reference))
            chosen.push_back(point);
    }
    return places;
}

std::vector<VolumeBox> undominatedBoxes(std::span<const std::vector<double>> points,
                                        std::span<const double> reference) {
    LATHE_EXPECT(!reference.empty());
    Points inside;
    for (const Point& point : points) {
        LATHE_EXPECT(point.size() == reference.size());
        if (isBelow(point, reference))
            inside.push_back(point);
    }
    return boxesOf(nondominated(std::move(inside)), reference);
}

std::vector<double> referencePoint(std::span<const std::vector<double>> points) {
    LATHE_EXPECT(!points.empty());
    std::vector<double> reference = points[0];
    for (const Point& point : points)
        for (std::size_t i = 0; i < reference.size(); ++i)
            reference[i] = std::max(reference[i], point[i]);
    for (double& worst : reference)
        worst = worst == 0 ? 1e-12 : std::max(1.1 * worst, 0.9 * worst);
    return reference;
}

} // namespace lathe
