#include "core/base/contract.h"
#include "core/base/hypervolume.h"
#include "core/search/acquisition.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A logarithm and its derivatives by mean and standard deviation.
struct LogTerm {
    double value = -kInfinity;
    double byMean = 0;
    double byDeviation = 0;
};

/// Finite, as the box without lower ends has a chance always.
double logOfSum(const std::vector<double>& logs) {
    const double high = *std::ranges::max_element(logs);
    double sum = 0;
    for (const double log : logs)
        sum += std::exp(log - high);
    return high + std::log(sum);
}

/// Points on the front that are taken into account: as many as make some thousand boxes.
std::size_t mostPoints(std::size_t objectives) {
    constexpr std::size_t kMost[] = {200, 200, 200, 50, 20};
    return objectives < std::size(kMost) ? kMost[objectives] : 10;
}

/// The stretches that the boxes have along one objective, and where their ends are.
struct Stretches {
    std::vector<double> ends; ///< without -infinity
    std::vector<std::pair<std::size_t, std::size_t>>
        places; ///< of low and high among 0: -infinity, then ends

    std::size_t placeOf(double end) {
        if (end == -kInfinity)
            return 0;
        const auto found = std::ranges::find(ends, end);
        if (found == ends.end()) {
            ends.push_back(end);
            return ends.size();
        }
        return static_cast<std::size_t>(found - ends.begin()) + 1;
    }

    /// The number of the stretch.
    std::size_t add(double low, double high) {
        const std::pair both(placeOf(low), placeOf(high));
        const auto found = std::ranges::find(places, both);
        if (found != places.end())
            return static_cast<std::size_t>(found - places.begin());
        places.push_back(both);
        return places.size() - 1;
    }
};

class VolumeImprovement final : public Improvement {
public:
    VolumeImprovement(std::vector<GaussianProcess> losses, const std::vector<VolumeBox>& boxes)
        : m_losses(std::move(losses)), m_stretches(m_losses.size()) {
        for (const VolumeBox& box : boxes)
            for (std::size_t j = 0; j < m_losses.size(); ++j)
                m_boxes.push_back(m_stretches[j].add(box.low[j], box.high[j]));
    }

    double at(const VectorXd& point, VectorXd& gradient) const override {
        std::vector<std::vector<LogTerm>> terms;
        std::vector<GaussianProcess::Posterior> posteriors;
        for (std::size_t j = 0; j < m_losses.size(); ++j) {
            const auto& posterior = posteriors.emplace_back(m_losses[j].at(point));
            terms.push_back(termsOf(m_stretches[j], posterior.mean[0], std::sqrt(posterior.variance)));
        }
        const std::vector<double> logs = boxLogs(terms);
        const double whole = logOfSum(logs);
        for (std::size_t j = 0; j < m_losses.size(); ++j) {
            double byMean = 0;
            double byDeviation = 0;
            for (std::size_t b = 0; b < logs.size(); ++b) {
                const LogTerm& term = terms[j][m_boxes[b * m_losses.size() + j]];
                const double weight = std::exp(logs[b] - whole);
                byMean += weight * term.byMean;
                byDeviation += weight * term.byDeviation;
            }
            gradient +=
                byMean * posteriors[j].meanGradient.col(0) +
                byDeviation / (2 * std::sqrt(posteriors[j].variance)) * posteriors[j].varianceGradient;
        }
        return whole;
    }

    VectorXd at(const MatrixXd& points) const override {
        std::vector<GaussianProcess::Marginals> found;
        for (const GaussianProcess& loss : m_losses)
            found.push_back(loss.marginals(points));
        VectorXd sums(points.cols());
        for (Index p = 0; p < points.cols(); ++p) {
            std::vector<std::vector<LogTerm>> terms;
            for (std::size_t j = 0; j < m_losses.size(); ++j)
                terms.push_back(
                    termsOf(m_stretches[j], found[j].means(0, p), std::sqrt(found[j].variances[p])));
            sums[p] = logOfSum(boxLogs(terms));
        }
        return sums;
    }

private:
    /// log of what the expected improvements below the two ends of each stretch differ by.
    static std::vector<LogTerm> termsOf(const Stretches& stretches, double mean, double deviation) {
        std::vector<LogTerm> below(1);
        for (const double end : stretches.ends) {
            LogTerm& term = below.emplace_back();
            term.value = logExpectedImprovement(mean, deviation, end, term.byMean, term.byDeviation);
        }
        std::vector<LogTerm> terms;
        for (const auto& [low, high] : stretches.places)
            terms.push_back(difference(below[low], below[high]));
        return terms;
    }

    static LogTerm difference(const LogTerm& low, const LogTerm& high) {
        if (low.value == -kInfinity)
            return high;
        const double share = std::exp(low.value - high.value);
        const double rest = -std::expm1(low.value - high.value);
        if (!(rest > 0))
            return {};
        return {high.value + std::log(rest), (high.byMean - share * low.byMean) / rest,
                (high.byDeviation - share * low.byDeviation) / rest};
    }

    [[nodiscard]] std::vector<double> boxLogs(const std::vector<std::vector<LogTerm>>& terms) const {
        std::vector<double> logs(m_boxes.size() / terms.size(), 0.0);
        for (std::size_t b = 0; b < logs.size(); ++b)
            for (std::size_t j = 0; j < terms.size(); ++j)
                logs[b] += terms[j][m_boxes[b * terms.size() + j]].value;
        return logs;
    }

    std::vector<GaussianProcess> m_losses;
    std::vector<Stretches> m_stretches; // one a loss
    std::vector<std::size_t> m_boxes;   // of each box the number of its stretch along each loss
};

} // namespace

std::unique_ptr<Improvement> expectedVolumeImprovement(std::vector<GaussianProcess> losses,
                                                       std::vector<std::vector<double>> points,
                                                       std::span<const double> reference) {
    LATHE_EXPECT(losses.size() == reference.size());
    std::vector<std::vector<double>> kept;
    for (const std::size_t place : largestVolumeSubset(points, mostPoints(losses.size()), reference))
        kept.push_back(std::move(points[place]));
    return std::make_unique<VolumeImprovement>(std::move(losses), undominatedBoxes(kept, reference));
}

} // namespace lathe
