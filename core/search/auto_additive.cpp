#include "core/search/auto_additive.h"

#include "core/search/additive_process.h"
#include "core/search/axis.h"
#include "core/search/gaussian_process.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t kMostTrials = 100;
constexpr double kMargin = 0.1;  // by which a trial must be predicted better, in logarithms
constexpr Index kGrid = 48;      // even places along a real
constexpr int kRefinements = 10; // halvings of the distance to the present one
constexpr int kStarts = 4;
constexpr int kSweeps = 4;
constexpr std::int64_t kMostListed = 64; // values of a grid that are all tried

/// Losses as a process learns them: mean 0, variance 1.
struct Scaled {
    VectorXd values;
    VectorXd logSlopes; ///< log of d value / d loss, which makes densities of different scales comparable
};

Scaled standardised(const VectorXd& values, const VectorXd& logSlopes) {
    const double mean = values.mean();
    const double spread = std::max(std::sqrt((values.array() - mean).square().mean()), 1e-10);
    return {(values.array() - mean) / spread, logSlopes.array() - std::log(spread)};
}

/// As levelLosses() does.
std::optional<Scaled> levelled(const VectorXd& losses) {
    std::vector<double> sorted(losses.begin(), losses.end());
    std::ranges::sort(sorted);
    const double spread = sorted[(sorted.size() - 1) / 2] - sorted.front();
    if (!(spread > 0))
        return std::nullopt;
    const Eigen::ArrayXd above = losses.array() - sorted.front();
    return standardised((above / spread).log1p(), -(above + spread).log());
}

/// How well the better half of the trials is predicted from all others.
double score(const VectorXd& logDensities, const Scaled& scaled) {
    std::vector<double> sorted(scaled.values.begin(), scaled.values.end());
    std::ranges::sort(sorted);
    const double median = sorted[(sorted.size() - 1) / 2];
    double sum = 0;
    for (Index p = 0; p < logDensities.size(); ++p)
        if (scaled.values[p] <= median)
            sum += logDensities[p] + scaled.logSlopes[p];
    return sum;
}

class AdditiveSearch {
public:
    AdditiveSearch(const PartialStudy& study, Rng& rng) : m_study(study), m_rng(rng) {
        for (const SearchDimension& dimension : study.spec.space)
            if (Axis axis(dimension); axis.count() != 1)
                m_axes.push_back(std::move(axis));
        for (const Axis& axis : m_axes)
            m_isChoice.push_back(axis.kind() == Axis::Kind::Choice);
    }

    std::optional<ParamValues> next() {
        if (m_axes.size() < 2 || !learn())
            return std::nullopt;
        VectorXd best;
        double bestValue = 0;
        for (int k = 0; k < kStarts; ++k) {
            VectorXd start = m_incumbent;
            if (k > 0)
                for (Index i = 0; i < start.size(); ++i)
                    start[i] = inputs(i, start[i])[m_rng.integer(0, inputs(i, start[i]).size() - 1)];
            const double value = climb(start);
            if (k == 0 || value > bestValue) {
                best = start;
                bestValue = value;
            }
        }
        ParamValues point;
        for (Index i = 0; i < best.size(); ++i)
            point.set(axis(i).key(), valueOf(i, best[i]));
        return point;
    }

private:
    [[nodiscard]] const Axis& axis(Index i) const { return m_axes[static_cast<std::size_t>(i)]; }

    [[nodiscard]] ParamValue valueOf(Index i, double input) const {
        return m_isChoice[static_cast<std::size_t>(i)] ? axis(i).value(input) : axis(i).valueAtUnit(input);
    }

    [[nodiscard]] double inputOf(Index i, const ParamValue& value) const {
        return m_isChoice[static_cast<std::size_t>(i)] ? axis(i).coordinate(value) : axis(i).unit(value);
    }

    [[nodiscard]] VectorXd inputsOf(const ObservedTrial& trial) const {
        VectorXd inputs(static_cast<Index>(m_axes.size()));
        for (Index i = 0; i < inputs.size(); ++i)
            inputs[i] = inputOf(i, *trial.values.find(axis(i).key()));
        return inputs;
    }

    /// Keeps the better of the additive processes; false where the one of all dimensions is better than both.
    bool learn() {
        PartialStudy study = m_study;
        limitTrials(study, kMostTrials);
        std::vector<VectorXd> done;
        std::vector<VectorXd> pending;
        std::vector<double> found;
        for (const ObservedTrial& trial : study.trials) {
            if (!trial.constraints.empty())
                return false;
            if (isPending(trial.state)) {
                pending.push_back(inputsOf(trial));
            } else if (trial.state == TrialState::Complete && hasOutcome(trial)) {
                done.push_back(inputsOf(trial));
                found.push_back(lossOf(trial, study.spec.objective));
            }
        }
        if (done.size() < m_axes.size() + 2)
            return false;
        const MatrixXd x = matrixOf(done);
        const VectorXd losses = Eigen::Map<const VectorXd>(found.data(), static_cast<Index>(found.size()));
        const auto levels = levelled(losses);
        if (!levels)
            return false;
        const GaussianProcess joint(x, levels->values, m_isChoice,
                                    GaussianProcess::fit(x, levels->values, m_isChoice));
        double best = score(joint.leaveOneOut(), *levels) + kMargin * static_cast<double>(x.cols()) / 2;
        for (const Scaled& scaled : {*levels, standardised(losses, VectorXd::Zero(losses.size()))}) {
            AdditiveProcess process(x, scaled.values, m_isChoice);
            const double value = score(process.leaveOneOut(), scaled);
            if (!(value > best))
                continue;
            best = value;
            m_process = std::move(process);
            m_best = scaled.values.minCoeff();
        }
        if (!m_process)
            return false;
        Index place = 0;
        losses.minCoeff(&place);
        m_incumbent = x.col(place);
        if (!pending.empty())
            m_process->believe(matrixOf(pending));
        return true;
    }

    [[nodiscard]] static MatrixXd matrixOf(const std::vector<VectorXd>& points) {
        MatrixXd matrix(points.front().size(), static_cast<Index>(points.size()));
        for (Index p = 0; p < matrix.cols(); ++p)
            matrix.col(p) = points[static_cast<std::size_t>(p)];
        return matrix;
    }

    /// What is tried along a dimension: all values of a short list, else even places and ever nearer ones.
    [[nodiscard]] VectorXd inputs(Index i, double present) const {
        const Axis& line = axis(i);
        std::vector<double> tried;
        const bool isShort = line.kind() != Axis::Kind::Real &&
                             (line.kind() == Axis::Kind::Choice || line.count() <= kMostListed);
        const Index places = isShort ? static_cast<Index>(line.count()) : kGrid;
        for (Index k = 0; k < places; ++k) {
            const double place = (static_cast<double>(k) + 0.5) / static_cast<double>(places);
            tried.push_back(line.kind() == Axis::Kind::Choice ? static_cast<double>(k)
                            : line.kind() == Axis::Kind::Real
                                ? static_cast<double>(k) / static_cast<double>(places - 1)
                                : line.unit(line.valueAtUnit(place)));
        }
        double distance = 1 / static_cast<double>(kGrid);
        for (int k = 0; !isShort && k < kRefinements; ++k, distance /= 2)
            for (const double sign : {1.0, -1.0}) {
                const double place = std::clamp(present + sign * distance, 0.0, 1.0);
                tried.push_back(line.kind() == Axis::Kind::Real ? place : line.unit(line.valueAtUnit(place)));
            }
        return Eigen::Map<const VectorXd>(tried.data(), static_cast<Index>(tried.size()));
    }

    [[nodiscard]] double improvement(double mean, double variance) const {
        double unused = 0;
        return logExpectedImprovement(mean, std::sqrt(variance), m_best, unused, unused);
    }

    /// Moves `point` to the best place of one dimension after the other; returns the value reached.
    double climb(VectorXd& point) const {
        const auto here = m_process->along(point, 0, point.head(1));
        double best = improvement(here.means[0], here.variances[0]);
        for (int sweep = 0; sweep < kSweeps; ++sweep) {
            const double before = best;
            for (Index i = 0; i < point.size(); ++i) {
                const VectorXd tried = inputs(i, point[i]);
                const auto found = m_process->along(point, i, tried);
                for (Index k = 0; k < tried.size(); ++k)
                    if (const double value = improvement(found.means[k], found.variances[k]); value > best) {
                        best = value;
                        point[i] = tried[k];
                    }
            }
            if (!(best > before))
                break;
        }
        return best;
    }

    const PartialStudy& m_study;
    Rng& m_rng;
    std::vector<Axis> m_axes;
    std::vector<bool> m_isChoice;
    std::optional<AdditiveProcess> m_process;
    VectorXd m_incumbent;
    double m_best = 0;
};

} // namespace

std::optional<ParamValues> additivePoint(const PartialStudy& study, Rng& rng) {
    return AdditiveSearch(study, rng).next();
}

} // namespace lathe
