#include "core/analysis/grid_density.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace lathe {

namespace {

constexpr double kPriorWeight = 1;

double upperTail(double x) { return std::erfc(x / std::numbers::sqrt2) / 2; }

/// The mass of the standard normal distribution between `from` and `to`, by the tail in which no digits are
/// lost.
double normalMass(double from, double to) {
    if (from > 0)
        return upperTail(from) - upperTail(to);
    if (to < 0)
        return upperTail(-to) - upperTail(-from);
    return 1 - upperTail(-from) - upperTail(to);
}

/// Adds a kernel cut to the grid, which owns half a cell beyond either end.
void addKernel(std::vector<double>& density, double weight, double centre, double deviation) {
    const double cells = static_cast<double>(density.size());
    const double whole = normalMass((-0.5 - centre) / deviation, (cells - 0.5 - centre) / deviation);
    for (std::size_t i = 0; i < density.size(); ++i) {
        const double cell = static_cast<double>(i);
        density[i] +=
            weight * normalMass((cell - 0.5 - centre) / deviation, (cell + 0.5 - centre) / deviation) / whole;
    }
}

/// The grid's cell of the observation that has more than `before` (`isStrict`) or at least as many others up
/// to it.
double cellOfRank(std::span<const std::int64_t> counts, std::int64_t before, bool isStrict) {
    std::int64_t sum = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0)
            continue;
        sum += counts[i];
        last = i;
        if (isStrict ? sum > before : sum >= before)
            break;
    }
    return static_cast<double>(last);
}

double scottDeviation(std::span<const std::int64_t> counts, std::int64_t total) {
    // 90 % of a kernel within its own cell at least, or the mass of single cells degenerates.
    constexpr double kNarrowest = 0.5 / 1.64;
    constexpr double kNormalIqr = 1.34; // interquartile range of the standard normal distribution
    constexpr double kScott = 1.059;    // (4 / 3)^(1/5)
    const double n = static_cast<double>(total);
    double mean = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
        mean += static_cast<double>(i) * static_cast<double>(counts[i]) / n;
    double squares = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
        squares += (static_cast<double>(i) - mean) * (static_cast<double>(i) - mean) *
                   static_cast<double>(counts[i]);
    const double deviation = std::sqrt(squares / std::max(1.0, n - 1));
    const double range = cellOfRank(counts, total * 3 / 4, true) - cellOfRank(counts, total / 4, false);
    return std::max(kScott * std::min(range / kNormalIqr, deviation) * std::pow(n, -0.2), kNarrowest);
}

} // namespace

std::vector<double> gridDensity(std::span<const std::int64_t> counts) {
    const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    LATHE_EXPECT(total > 0);
    const double weights = static_cast<double>(total) + kPriorWeight;
    const double deviation = scottDeviation(counts, total);
    std::vector<double> density(counts.size(), 0.0);
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] > 0)
            addKernel(density, static_cast<double>(counts[i]) / weights, static_cast<double>(i), deviation);
    const double cells = static_cast<double>(counts.size());
    addKernel(density, kPriorWeight / weights, (cells - 1) / 2, cells);
    return density;
}

std::vector<double> choiceDensity(std::span<const std::int64_t> counts) {
    const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    LATHE_EXPECT(total > 0);
    const double weights = static_cast<double>(total) + kPriorWeight;
    const double choices = static_cast<double>(counts.size());
    const auto met = std::ranges::count_if(counts, [](std::int64_t count) { return count > 0; });
    const double other = kPriorWeight / (static_cast<double>(met) + 1);
    const double row = 1 + choices * other;
    std::vector<double> density(counts.size(), kPriorWeight / weights / choices);
    for (std::size_t kernel = 0; kernel < counts.size(); ++kernel)
        for (std::size_t i = 0; i < counts.size(); ++i)
            density[i] +=
                static_cast<double>(counts[kernel]) / weights * (other + (i == kernel ? 1 : 0)) / row;
    return density;
}

} // namespace lathe
