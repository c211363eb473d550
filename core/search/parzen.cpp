#include "core/search/parzen.h"

#include "core/search/normal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace lathe {

namespace {

constexpr std::size_t kNewest = 25;
constexpr double kPriorWeight = 1;
/// Kernels never get narrower than the axis divided by this.
constexpr double kMostDivisions = 100;

/// Each kernel reaches to its farther neighbour, the outermost ones to their only one.
std::vector<double> gapsOf(const std::vector<double>& means, const Axis& axis) {
    std::vector<std::size_t> order(means.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&means](std::size_t i) { return means[i]; });
    std::vector<double> gaps(means.size());
    for (std::size_t place = 0; place < order.size(); ++place) {
        const double mean = means[order[place]];
        const bool isFirst = place == 0;
        const bool isLast = place + 1 == order.size();
        const double left = isFirst ? mean - axis.low() : mean - means[order[place - 1]];
        const double right = isLast ? axis.high() - mean : means[order[place + 1]] - mean;
        if (means.size() >= 2 && (isFirst || isLast))
            gaps[order[place]] = isFirst ? right : left;
        else
            gaps[order[place]] = std::max(left, right);
    }
    return gaps;
}

std::size_t drawShare(std::span<const double> shares, Rng& rng) {
    double rest = rng.uniform();
    for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
        rest -= shares[i];
        if (rest < 0)
            return i;
    }
    return shares.size() - 1;
}

} // namespace

std::vector<double> recencyWeights(std::size_t count) {
    std::vector<double> weights(count, 1.0);
    if (count < kNewest)
        return weights;
    const std::size_t ramp = count - kNewest;
    const double first = 1 / static_cast<double>(count);
    for (std::size_t i = 0; i < ramp; ++i)
        weights[i] =
            ramp == 1 ? first : first + (1 - first) * static_cast<double>(i) / static_cast<double>(ramp - 1);
    return weights;
}

ParzenMixture::ParzenMixture(std::span<const Axis> axes, std::span<const Point> points, Weights weights)
    : m_axes(axes),
      m_weights(weights == Weights::Recent ? recencyWeights(points.size())
                                           : std::vector<double>(points.size(), 1.0)) {
    m_weights.push_back(kPriorWeight);
    const double sum = std::reduce(m_weights.begin(), m_weights.end());
    for (double& weight : m_weights) {
        weight /= sum;
        m_logWeights.push_back(std::log(weight));
    }
    const auto kernels = static_cast<double>(points.size() + 1);
    for (std::size_t a = 0; a < axes.size(); ++a) {
        const Axis& axis = axes[a];
        Kernels made;
        for (const Point& point : points)
            made.means.push_back(point[a]);
        if (axis.kind() == Axis::Kind::Choice) {
            const auto choices = static_cast<std::size_t>(axis.count());
            const double base = kPriorWeight / kernels;
            made.means.push_back(-1); // the prior's kernel prefers no choice
            for (const double mean : made.means) {
                std::vector<double> shares(choices, base);
                if (mean >= 0)
                    shares[static_cast<std::size_t>(mean)] += 1;
                const double all = std::reduce(shares.begin(), shares.end());
                for (double& share : shares)
                    share /= all;
                made.shares.push_back(std::move(shares));
            }
        } else {
            made.widths = gapsOf(made.means, axis);
            for (double& width : made.widths)
                width = std::clamp(width, axis.width() / std::min(kMostDivisions, 1 + kernels), axis.width());
            made.means.push_back((axis.low() + axis.high()) / 2);
            made.widths.push_back(axis.width());
            for (std::size_t k = 0; k < made.means.size(); ++k)
                made.logMass.push_back(logNormalMass((axis.low() - made.means[k]) / made.widths[k],
                                                     (axis.high() - made.means[k]) / made.widths[k]));
            for (std::size_t k = 0; k < made.means.size(); ++k)
                made.logPeak.push_back(-std::log(made.widths[k]) - 0.5 * std::log(2 * std::numbers::pi) -
                                       made.logMass[k]);
        }
        m_kernels.push_back(std::move(made));
    }
}

ParzenMixture::Point ParzenMixture::sample(Rng& rng) const {
    const std::size_t kernel = drawShare(m_weights, rng);
    Point point;
    for (std::size_t a = 0; a < m_axes.size(); ++a) {
        const Axis& axis = m_axes[a];
        if (axis.kind() == Axis::Kind::Choice) {
            point.push_back(static_cast<double>(drawShare(m_kernels[a].shares[kernel], rng)));
            continue;
        }
        const double u = rng.uniform();
        if (axis.width() == 0) {
            point.push_back(axis.low());
            continue;
        }
        const double mean = m_kernels[a].means[kernel];
        const double width = m_kernels[a].widths[kernel];
        const double drawn = mean + width * truncatedNormalQuantile(u, (axis.low() - mean) / width,
                                                                    (axis.high() - mean) / width);
        point.push_back(axis.coordinate(axis.value(drawn)));
    }
    return point;
}

void ParzenMixture::addLogKernels(std::size_t a, double coordinate, std::vector<double>& logs) const {
    const Axis& axis = m_axes[a];
    const Kernels& kernels = m_kernels[a];
    if (axis.kind() == Axis::Kind::Choice) {
        for (std::size_t k = 0; k < logs.size(); ++k)
            logs[k] += std::log(kernels.shares[k][static_cast<std::size_t>(coordinate)]);
    } else if (axis.width() == 0) {
        return;
    } else if (axis.kind() == Axis::Kind::Grid) {
        const auto [from, to] = axis.cell(coordinate);
        for (std::size_t k = 0; k < logs.size(); ++k) {
            const double mean = kernels.means[k];
            const double width = kernels.widths[k];
            logs[k] += logNormalMass((from - mean) / width, (to - mean) / width) - kernels.logMass[k];
        }
    } else {
        for (std::size_t k = 0; k < logs.size(); ++k) {
            const double z = (coordinate - kernels.means[k]) / kernels.widths[k];
            logs[k] += kernels.logPeak[k] - 0.5 * z * z;
        }
    }
}

double ParzenMixture::logDensity(std::span<const double> point) const {
    std::vector<double> logs = m_logWeights;
    for (std::size_t a = 0; a < m_axes.size(); ++a)
        addLogKernels(a, point[a], logs);
    const double high = *std::ranges::max_element(logs);
    if (high == -std::numeric_limits<double>::infinity())
        return high;
    double sum = 0;
    for (const double value : logs)
        sum += std::exp(value - high);
    return high + std::log(sum);
}

} // namespace lathe
