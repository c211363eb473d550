#include "core/search/acquisition.h"

#include "core/search/lbfgs.h"
#include "core/search/normal.h"
#include "core/search/sobol.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kScreened = 2048;
constexpr std::size_t kClimbs = 6;
constexpr int kRounds = 3;
constexpr std::int64_t kMostListed = 16; // values of a dimension that are all tried

/// log of the probability that a constraint holds; its derivative by z.
double logFeasible(double z, double& slope) {
    const double value = logNormalCdf(z);
    slope = std::exp(-0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi) - value);
    return value;
}

class LossImprovement final : public Improvement {
public:
    LossImprovement(GaussianProcess loss, VectorXd bests)
        : m_loss(std::move(loss)), m_bests(std::move(bests)) {}

    double at(const VectorXd& point, VectorXd& gradient) const override {
        const auto posterior = m_loss.at(point);
        const double deviation = std::sqrt(posterior.variance);
        const Index series = posterior.mean.size();
        VectorXd logs(series);
        MatrixXd gradients(point.size(), series);
        for (Index m = 0; m < series; ++m) {
            double byMean = 0;
            double byDeviation = 0;
            logs[m] = logExpectedImprovement(posterior.mean[m], deviation, m_bests[m], byMean, byDeviation);
            gradients.col(m) = byMean * posterior.meanGradient.col(m) +
                               byDeviation / (2 * deviation) * posterior.varianceGradient;
        }
        const double high = logs.maxCoeff();
        const VectorXd weights = (logs.array() - high).exp();
        gradient += gradients * weights / weights.sum();
        return high + std::log(weights.sum() / static_cast<double>(series));
    }

    VectorXd at(const MatrixXd& points) const override {
        const auto found = m_loss.marginals(points);
        const auto series = static_cast<double>(found.means.rows());
        VectorXd sums(points.cols());
        double unused = 0;
        for (Index p = 0; p < points.cols(); ++p) {
            const double deviation = std::sqrt(found.variances[p]);
            VectorXd logs(found.means.rows());
            for (Index m = 0; m < logs.size(); ++m)
                logs[m] = logExpectedImprovement(found.means(m, p), deviation, m_bests[m], unused, unused);
            const double high = logs.maxCoeff();
            sums[p] = high + std::log((logs.array() - high).exp().sum() / series);
        }
        return sums;
    }

private:
    GaussianProcess m_loss;
    VectorXd m_bests;
};

/// The point with the highest acquisition: the best of an even screen and of climbs from its best points,
/// from the best trial and from others by chance, along reals by gradients and along grids and choices value
/// by value.
class AcquisitionSearch {
public:
    AcquisitionSearch(const Acquisition& acquisition, std::span<const Axis> axes, Rng& rng)
        : m_acquisition(acquisition), m_axes(axes), m_rng(rng) {}

    VectorXd best(const VectorXd& incumbent, const std::function<bool(const VectorXd&)>& isTaken) {
        const auto size = static_cast<Index>(m_axes.size());
        MatrixXd screen(size, kScreened);
        const std::uint64_t scramble = m_rng();
        for (Index k = 0; k < kScreened; ++k)
            for (Index i = 0; i < size; ++i)
                screen(i, k) = snapped(
                    i, sobol(static_cast<std::uint32_t>(k), static_cast<std::size_t>(i), scramble), true);
        const VectorXd values = m_acquisition(screen);
        Index top = 0;
        values.maxCoeff(&top);
        std::vector<VectorXd> starts{screen.col(top)};
        if (incumbent.size() == size)
            starts.push_back(incumbent);
        while (starts.size() < kClimbs)
            starts.push_back(screen.col(roulette(values)));
        std::vector<std::pair<double, VectorXd>> found;
        for (const VectorXd& start : starts) {
            VectorXd reached = climb(start);
            const double value = valueAt(reached);
            found.emplace_back(value, std::move(reached));
        }
        for (Index k = 0; k < kScreened; ++k)
            found.emplace_back(values[k], screen.col(k));
        std::ranges::stable_sort(found, std::greater<>(), &std::pair<double, VectorXd>::first);
        for (const auto& [value, point] : found)
            if (!isTaken(point))
                return point;
        return found.front().second;
    }

private:
    [[nodiscard]] const Axis& axis(Index i) const { return m_axes[static_cast<std::size_t>(i)]; }

    /// The input of the value at this place; `isUnit`: the place is in [0, 1] for a choice too.
    [[nodiscard]] double snapped(Index i, double place, bool isUnit) const {
        if (axis(i).kind() == Axis::Kind::Real)
            return std::clamp(place, 0.0, 1.0);
        if (axis(i).kind() == Axis::Kind::Choice)
            return isUnit ? std::min(std::floor(place * static_cast<double>(axis(i).count())),
                                     static_cast<double>(axis(i).count() - 1))
                          : place;
        return axis(i).unit(axis(i).valueAtUnit(place));
    }

    [[nodiscard]] double valueAt(const VectorXd& point) const {
        VectorXd unused;
        return m_acquisition(point, unused);
    }

    Index roulette(const VectorXd& values) {
        const VectorXd weights = (values.array() - values.maxCoeff()).exp();
        double rest = m_rng.uniform() * weights.sum();
        for (Index k = 0; k < weights.size(); ++k)
            if ((rest -= weights[k]) < 0)
                return k;
        return weights.size() - 1;
    }

    VectorXd climb(VectorXd point) const {
        for (int round = 0; round < kRounds; ++round) {
            const VectorXd before = point;
            alongReals(point);
            for (Index i = 0; i < point.size(); ++i)
                if (axis(i).kind() != Axis::Kind::Real)
                    alongValues(point, i);
            if ((point - before).cwiseAbs().maxCoeff() < 1e-4)
                break;
        }
        return point;
    }

    void alongReals(VectorXd& point) const {
        VectorXd low = point;
        VectorXd high = point;
        bool hasReal = false;
        for (Index i = 0; i < point.size(); ++i)
            if (axis(i).kind() == Axis::Kind::Real) {
                low[i] = 0;
                high[i] = 1;
                hasReal = true;
            }
        if (!hasReal)
            return;
        const auto function = [this](const VectorXd& at, VectorXd& gradient) {
            const double value = m_acquisition(at, gradient);
            gradient = -gradient;
            return -value;
        };
        point = minimiseSmooth(function, point, low, high, {50, 1e-4});
    }

    /// All values of a short list; of a long one those around, at doubling distances.
    void alongValues(VectorXd& point, Index i) const {
        const Axis& line = axis(i);
        const bool isChoice = line.kind() == Axis::Kind::Choice;
        std::vector<double> inputs;
        if (isChoice || line.count() <= kMostListed) {
            for (std::int64_t k = 0; k < line.count(); ++k)
                inputs.push_back(isChoice ? static_cast<double>(k)
                                          : line.unit(line.valueAtUnit((static_cast<double>(k) + 0.5) /
                                                                       static_cast<double>(line.count()))));
        } else {
            for (double distance = 1 / static_cast<double>(line.count()); distance < 1; distance *= 2)
                for (const double sign : {1.0, -1.0})
                    inputs.push_back(snapped(i, point[i] + sign * distance, false));
        }
        double best = valueAt(point);
        VectorXd trial = point;
        for (const double input : inputs) {
            trial[i] = input;
            if (const double value = valueAt(trial); value > best) {
                best = value;
                point[i] = input;
            }
        }
    }

    const Acquisition& m_acquisition;
    std::span<const Axis> m_axes;
    Rng& m_rng;
};

} // namespace

std::unique_ptr<Improvement> expectedImprovement(GaussianProcess loss, VectorXd bests) {
    return std::make_unique<LossImprovement>(std::move(loss), std::move(bests));
}

Acquisition::Acquisition(std::unique_ptr<Improvement> improvement, std::vector<GaussianProcess> constraints,
                         std::vector<double> limits)
    : m_improvement(std::move(improvement)),
      m_constraints(std::move(constraints)),
      m_limits(std::move(limits)) {}

double Acquisition::operator()(const VectorXd& point, VectorXd& gradient) const {
    gradient = VectorXd::Zero(point.size());
    double sum = m_improvement ? m_improvement->at(point, gradient) : 0;
    for (std::size_t c = 0; c < m_constraints.size(); ++c) {
        const auto posterior = m_constraints[c].at(point);
        const double deviation = std::sqrt(posterior.variance);
        const double z = (m_limits[c] - posterior.mean[0]) / deviation;
        double slope = 0;
        sum += logFeasible(z, slope);
        gradient += slope * (-posterior.meanGradient.col(0) / deviation -
                             z / (2 * posterior.variance) * posterior.varianceGradient);
    }
    return sum;
}

VectorXd Acquisition::operator()(const MatrixXd& points) const {
    VectorXd sums = m_improvement ? m_improvement->at(points) : VectorXd(VectorXd::Zero(points.cols()));
    double unused = 0;
    for (std::size_t c = 0; c < m_constraints.size(); ++c) {
        const auto found = m_constraints[c].marginals(points);
        for (Index p = 0; p < points.cols(); ++p)
            sums[p] += logFeasible((m_limits[c] - found.means(0, p)) / std::sqrt(found.variances[p]), unused);
    }
    return sums;
}

VectorXd bestPoint(const Acquisition& acquisition, std::span<const Axis> axes, const VectorXd& incumbent,
                   const std::function<bool(const VectorXd&)>& isTaken, Rng& rng) {
    return AcquisitionSearch(acquisition, axes, rng).best(incumbent, isTaken);
}

} // namespace lathe
