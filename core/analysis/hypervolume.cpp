#include "core/analysis/hypervolume.h"

#include "core/base/contract.h"

#include <algorithm>

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

/// What the point at `place` dominates and none of those after it do.
double exclusiveVolume(const Points& points, std::size_t place, std::span<const double> reference) {
    Points limited;
    for (std::size_t i = place + 1; i < points.size(); ++i) {
        Point worse = points[i];
        for (std::size_t j = 0; j < worse.size(); ++j)
            worse[j] = std::max(worse[j], points[place][j]);
        limited.push_back(std::move(worse));
    }
    return boxVolume(points[place], reference) - volumeOf(nondominated(std::move(limited)), reference);
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
        volume += exclusiveVolume(points, place, reference);
    return volume;
}

} // namespace

double hypervolume(std::span<const std::vector<double>> points, std::span<const double> reference) {
    LATHE_EXPECT(!reference.empty());
    Points inside;
    for (const Point& point : points) {
        LATHE_EXPECT(point.size() == reference.size());
        if (std::ranges::equal(point, reference, [](double value, double limit) { return value < limit; }))
            inside.push_back(point);
    }
    return volumeOf(nondominated(std::move(inside)), reference);
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
