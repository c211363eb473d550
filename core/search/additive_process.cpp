#include "core/search/additive_process.h"

#include "core/base/contract.h"
#include "core/search/lbfgs.h"
#include "core/search/pairs.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace lathe {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::array kFirstThetas = {8.0, 150.0}; // one bend, or some ten, over the range
constexpr double kUsualTheta = 8;
constexpr double kThetaSpread = 2; // of the logarithms
constexpr double kScaleSpread = 1.5;
constexpr double kFirstNoise = 1e-3;

double squaredDifference(double a, double b, bool isChoice) {
    return isChoice ? (a == b ? 0.0 : 1.0) : (a - b) * (a - b);
}

/// -log of a normal density of `value`, up to a constant; adds its derivative.
double normalPenalty(double value, double mean, double spread, double& slope) {
    const double z = (value - mean) / spread;
    slope += z / spread;
    return z * z / 2;
}

/// Lengths and scales around usual ones; little noise, as in GaussianProcess.
double penalty(const VectorXd& logs, VectorXd& gradient) {
    const Index d = (logs.size() - 1) / 2;
    double sum = 0;
    for (Index i = 0; i < d; ++i) {
        sum += normalPenalty(logs[i], std::log(kUsualTheta), kThetaSpread, gradient[i]);
        sum += normalPenalty(logs[d + i], -std::log(static_cast<double>(d)), kScaleSpread, gradient[d + i]);
    }
    const double excess = std::exp(logs[2 * d]);
    const double noise = excess + AdditiveProcess::kLeastNoise;
    gradient[2 * d] -= (0.1 / noise - 30) * excess;
    return sum - 0.1 * std::log(noise) + 30 * noise;
}

double lossOfPairs(const MatrixXd& pairs, const VectorXd& y, const VectorXd& logs, VectorXd& gradient) {
    const Index n = y.size();
    const Index d = pairs.cols();
    const VectorXd scale = logs.segment(d, d).array().exp();
    const double excess = std::exp(logs[2 * d]);
    MatrixXd kernels(pairs.rows(), d);
    MatrixXd slopes(pairs.rows(), d); // by log theta
    for (Index i = 0; i < d; ++i) {
        const ArrayXd squared = 5 * std::exp(logs[i]) * pairs.col(i).array();
        const ArrayXd r = squared.sqrt();
        const ArrayXd fading = scale[i] * (-r).exp();
        kernels.col(i) = (1 + r + squared / 3) * fading;
        slopes.col(i) = -(1 + r) / 6 * squared * fading;
    }
    const VectorXd sum = kernels.rowwise().sum();
    const MatrixXd covariance = lowerOf(sum, n, scale.sum() + excess + AdditiveProcess::kLeastNoise);
    const Eigen::LLT<MatrixXd> factor(covariance);
    gradient = VectorXd::Zero(logs.size());
    if (factor.info() != Eigen::Success)
        return std::numeric_limits<double>::infinity();
    const VectorXd alpha = factor.solve(y);
    // d loss / d t = -tr((alpha alpha' - K^-1) dK/dt) / 2
    const MatrixXd outer = factor.solve(MatrixXd::Identity(n, n)) - alpha * alpha.transpose();
    const VectorXd weights = pairsOf(outer);
    gradient.head(d) = slopes.transpose() * weights;
    gradient.segment(d, d) = kernels.transpose() * weights + 0.5 * outer.trace() * scale;
    gradient[2 * d] = 0.5 * outer.trace() * excess;
    return 0.5 * y.dot(alpha) + factor.matrixLLT().diagonal().array().log().sum() +
           0.5 * static_cast<double>(n) * std::log(2 * std::numbers::pi) + penalty(logs, gradient);
}

} // namespace

double AdditiveProcess::loss(const MatrixXd& x, const VectorXd& y, const std::vector<bool>& isChoice,
                             const VectorXd& logParameters, VectorXd& gradient) {
    return lossOfPairs(squaredDifferences(x, isChoice), y, logParameters, gradient);
}

AdditiveProcess::AdditiveProcess(MatrixXd x, VectorXd y, std::vector<bool> isChoice)
    : m_x(std::move(x)), m_y(std::move(y)), m_isChoice(std::move(isChoice)) {
    LATHE_EXPECT(m_x.cols() == m_y.size() && m_x.rows() == static_cast<Index>(m_isChoice.size()));
    const Index d = m_x.rows();
    const MatrixXd pairs = squaredDifferences(m_x, m_isChoice);
    const auto function = [&](const VectorXd& at, VectorXd& gradient) {
        return lossOfPairs(pairs, m_y, at, gradient);
    };
    const VectorXd bound = VectorXd::Constant(2 * d + 1, 30); // exp(30): as good as none
    VectorXd best;
    double least = std::numeric_limits<double>::infinity();
    for (const double theta : kFirstThetas) {
        VectorXd logs(2 * d + 1);
        logs << VectorXd::Constant(d, std::log(theta)),
            VectorXd::Constant(d, -std::log(static_cast<double>(d))), std::log(kFirstNoise);
        logs = minimiseSmooth(function, logs, -bound, bound, {40, 5e-2});
        VectorXd unused;
        const double value = function(logs, unused);
        if (best.size() == 0 || value < least) {
            least = value;
            best = logs;
        }
    }
    m_theta = best.head(d).array().exp();
    m_scale = best.segment(d, d).array().exp();
    m_noise = std::exp(best[2 * d]) + kLeastNoise;
    factorise();
}

VectorXd AdditiveProcess::kernelOf(Index axis, double input) const {
    const bool isChoice = m_isChoice[static_cast<std::size_t>(axis)];
    const ArrayXd squared = 5 * m_theta[axis] * m_x.row(axis).transpose().array().unaryExpr([&](double x) {
        return squaredDifference(x, input, isChoice);
    });
    const ArrayXd r = squared.sqrt();
    return m_scale[axis] * (1 + r + squared / 3) * (-r).exp();
}

void AdditiveProcess::factorise() {
    MatrixXd covariance = MatrixXd::Zero(m_x.cols(), m_x.cols());
    for (Index i = 0; i < m_x.rows(); ++i)
        for (Index p = 0; p < m_x.cols(); ++p)
            covariance.col(p) += kernelOf(i, m_x(i, p));
    covariance.diagonal().array() += m_noise;
    m_factor.compute(covariance);
    for (double jitter = 1e-8; m_factor.info() != Eigen::Success && jitter < 1; jitter *= 10) {
        covariance.diagonal().array() += jitter;
        m_factor.compute(covariance);
    }
    m_alpha = m_factor.solve(m_y);
}

VectorXd AdditiveProcess::leaveOneOut() const { return lathe::leaveOneOut(m_factor, m_y); }

AdditiveProcess::Marginals AdditiveProcess::along(const VectorXd& point, Index axis,
                                                  const VectorXd& inputs) const {
    VectorXd rest = VectorXd::Zero(m_x.cols());
    for (Index i = 0; i < m_x.rows(); ++i)
        if (i != axis)
            rest += kernelOf(i, point[i]);
    MatrixXd kernel(m_x.cols(), inputs.size());
    for (Index k = 0; k < inputs.size(); ++k)
        kernel.col(k) = rest + kernelOf(axis, inputs[k]);
    Marginals result{kernel.transpose() * m_alpha, {}};
    m_factor.matrixL().solveInPlace(kernel);
    result.variances =
        (m_scale.sum() - kernel.colwise().squaredNorm().transpose().array()).max(1e-12).matrix();
    return result;
}

void AdditiveProcess::believe(const MatrixXd& points) {
    VectorXd means(points.cols());
    for (Index p = 0; p < points.cols(); ++p)
        means[p] = along(points.col(p), 0, points.row(0).segment(p, 1).transpose()).means[0];
    MatrixXd x(m_x.rows(), m_x.cols() + points.cols());
    x << m_x, points;
    VectorXd y(m_y.size() + means.size());
    y << m_y, means;
    m_x = std::move(x);
    m_y = std::move(y);
    factorise();
}

} // namespace lathe
