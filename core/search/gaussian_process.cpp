#include "core/search/gaussian_process.h"

#include "core/base/contract.h"
#include "core/search/lbfgs.h"
#include "core/search/normal.h"
#include "core/search/pairs.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace lathe {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kMostFitted = 150; // points the parameters are learnt from: a fit costs n³ a step

/// Matérn 5/2 of the squared weighted distance r² = 5 Σ theta d².
double matern(double squared) {
    const double r = std::sqrt(squared);
    return (1 + r + squared / 3) * std::exp(-r);
}

/// Its derivative by r².
double maternSlope(double squared) {
    const double r = std::sqrt(squared);
    return -(1 + r) / 6 * std::exp(-r);
}

double squaredDifference(double a, double b, bool isChoice) {
    return isChoice ? (a == b ? 0.0 : 1.0) : (a - b) * (a - b);
}

GpParameters parametersFrom(const VectorXd& logs) {
    const Index d = logs.size() - 2;
    return {logs.head(d).array().exp().matrix(), std::exp(logs[d]),
            std::exp(logs[d + 1]) + GaussianProcess::kLeastNoise};
}

/// Optuna's priors: lengths neither tiny nor endless, a scale around 1 (Gamma(2, 1)), little noise
/// (Gamma(1.1, 30)). Adds the derivatives by the logarithms.
double logPrior(const GpParameters& p, VectorXd& gradient) {
    const Index d = p.inverseSquaredLengths.size();
    double sum = 0;
    for (Index i = 0; i < d; ++i) {
        const double theta = p.inverseSquaredLengths[i];
        sum -= 0.1 / theta + 0.1 * theta;
        gradient[i] += 0.1 / theta - 0.1 * theta;
    }
    sum += std::log(p.scale) - p.scale;
    gradient[d] += 1 - p.scale;
    const double excess = p.noise - GaussianProcess::kLeastNoise;
    sum += 0.1 * std::log(p.noise) - 30 * p.noise;
    gradient[d + 1] += (0.1 / p.noise - 30) * excess;
    return sum;
}

double lossOfPairs(const MatrixXd& pairs, const VectorXd& y, const VectorXd& logParameters,
                   VectorXd& gradient) {
    const GpParameters p = parametersFrom(logParameters);
    const Index d = pairs.cols();
    const Index n = y.size();
    const ArrayXd squared = pairs * (5 * p.inverseSquaredLengths);
    const ArrayXd r = squared.sqrt();
    const ArrayXd fading = p.scale * (-r).exp();
    const VectorXd kernel = (1 + r + squared / 3) * fading;
    const Eigen::LLT<MatrixXd> factor(lowerOf(kernel, n, p.scale + p.noise));
    gradient = VectorXd::Zero(logParameters.size());
    if (factor.info() != Eigen::Success)
        return std::numeric_limits<double>::infinity();
    const VectorXd alpha = factor.solve(y);
    const double logDeterminant = 2 * factor.matrixLLT().diagonal().array().log().sum();
    const double likelihood =
        -0.5 * (y.dot(alpha) + logDeterminant + static_cast<double>(n) * std::log(2 * std::numbers::pi));
    // d log likelihood / d t = tr((alpha alpha' - K^-1) dK/dt) / 2
    const MatrixXd outer = alpha * alpha.transpose() - factor.solve(MatrixXd::Identity(n, n));
    const VectorXd weights = pairsOf(outer);
    const VectorXd slope = -5.0 / 6 * weights.array() * (1 + r) * fading; // by each pair's Σ theta d²
    gradient.head(d) = p.inverseSquaredLengths.cwiseProduct(pairs.transpose() * slope);
    gradient[d] = weights.dot(kernel) + 0.5 * p.scale * outer.trace();
    gradient[d + 1] = 0.5 * outer.trace() * (p.noise - GaussianProcess::kLeastNoise);
    const double prior = logPrior(p, gradient);
    gradient = -gradient;
    return -(likelihood + prior);
}

} // namespace

double GaussianProcess::loss(const MatrixXd& x, const VectorXd& y, const std::vector<bool>& isChoice,
                             const VectorXd& logParameters, VectorXd& gradient) {
    return lossOfPairs(squaredDifferences(x, isChoice), y, logParameters, gradient);
}

GpParameters GaussianProcess::fit(const MatrixXd& x, const VectorXd& y, const std::vector<bool>& isChoice) {
    const Index n = std::min<Index>(x.cols(), kMostFitted);
    MatrixXd fitted(x.rows(), n);
    VectorXd wanted(n);
    for (Index k = 0; k < n; ++k) {
        const Index p = n == x.cols() ? k : k * (x.cols() - 1) / (n - 1);
        fitted.col(k) = x.col(p);
        wanted[k] = y[p];
    }
    const MatrixXd pairs = squaredDifferences(fitted, isChoice);
    const VectorXd logs = VectorXd::Zero(x.rows() + 2);
    const VectorXd bound = VectorXd::Constant(logs.size(), 30); // exp(30): as good as none
    const auto function = [&](const VectorXd& at, VectorXd& gradient) {
        return lossOfPairs(pairs, wanted, at, gradient);
    };
    return parametersFrom(minimiseSmooth(function, logs, -bound, bound, {100, 1e-2}));
}

GaussianProcess::GaussianProcess(MatrixXd x, MatrixXd y, std::vector<bool> isChoice,
                                 const GpParameters& parameters)
    : m_x(std::move(x)), m_y(std::move(y)), m_isChoice(std::move(isChoice)), m_parameters(parameters) {
    LATHE_EXPECT(m_x.cols() == m_y.rows() && m_x.rows() == static_cast<Index>(m_isChoice.size()));
    MatrixXd covariance(m_x.cols(), m_x.cols());
    for (Index p = 0; p < m_x.cols(); ++p)
        covariance.col(p) = m_parameters.scale * squaredDistances(m_x.col(p)).unaryExpr(&matern);
    covariance.diagonal().array() += m_parameters.noise;
    m_factor.compute(covariance);
    for (double jitter = 1e-8; m_factor.info() != Eigen::Success && jitter < 1; jitter *= 10) {
        covariance.diagonal().array() += jitter * m_parameters.scale;
        m_factor.compute(covariance);
    }
    m_alpha = m_factor.solve(m_y);
}

VectorXd GaussianProcess::squaredDistances(const VectorXd& point) const {
    VectorXd squared = VectorXd::Zero(m_x.cols());
    for (Index i = 0; i < m_x.rows(); ++i) {
        const double weight = 5 * m_parameters.inverseSquaredLengths[i];
        for (Index p = 0; p < m_x.cols(); ++p)
            squared[p] +=
                weight * squaredDifference(point[i], m_x(i, p), m_isChoice[static_cast<std::size_t>(i)]);
    }
    return squared;
}

GaussianProcess::Posterior GaussianProcess::at(const VectorXd& point) const {
    const VectorXd squared = squaredDistances(point);
    const VectorXd kernel = m_parameters.scale * squared.unaryExpr(&matern);
    const VectorXd slope = m_parameters.scale * squared.unaryExpr(&maternSlope);
    const VectorXd solved = m_factor.solve(kernel);
    Posterior posterior;
    posterior.mean = m_alpha.transpose() * kernel;
    posterior.variance = std::max(m_parameters.scale - kernel.dot(solved), 1e-12);
    posterior.meanGradient = MatrixXd::Zero(point.size(), m_alpha.cols());
    posterior.varianceGradient = VectorXd::Zero(point.size());
    for (Index i = 0; i < point.size(); ++i) {
        if (m_isChoice[static_cast<std::size_t>(i)])
            continue;
        const VectorXd change =
            10 * m_parameters.inverseSquaredLengths[i] *
            slope.cwiseProduct(VectorXd::Constant(m_x.cols(), point[i]) - m_x.row(i).transpose());
        posterior.meanGradient.row(i) = change.transpose() * m_alpha;
        posterior.varianceGradient[i] = -2 * change.dot(solved);
    }
    return posterior;
}

GaussianProcess::Marginals GaussianProcess::marginals(const MatrixXd& points) const {
    MatrixXd kernel(m_x.cols(), points.cols());
    for (Index q = 0; q < points.cols(); ++q)
        kernel.col(q) = m_parameters.scale * squaredDistances(points.col(q)).unaryExpr(&matern);
    Marginals result{m_alpha.transpose() * kernel, {}};
    m_factor.matrixL().solveInPlace(kernel);
    result.variances =
        (m_parameters.scale - kernel.colwise().squaredNorm().transpose().array()).max(1e-12).matrix();
    return result;
}

std::pair<VectorXd, MatrixXd> GaussianProcess::at(const MatrixXd& points) const {
    MatrixXd cross(m_x.cols(), points.cols());
    MatrixXd covariance(points.cols(), points.cols());
    for (Index q = 0; q < points.cols(); ++q) {
        cross.col(q) = m_parameters.scale * squaredDistances(points.col(q)).unaryExpr(&matern);
        for (Index p = 0; p < points.cols(); ++p) {
            double squared = 0;
            for (Index i = 0; i < points.rows(); ++i)
                squared +=
                    5 * m_parameters.inverseSquaredLengths[i] *
                    squaredDifference(points(i, p), points(i, q), m_isChoice[static_cast<std::size_t>(i)]);
            covariance(p, q) = m_parameters.scale * matern(squared);
        }
    }
    return {cross.transpose() * m_alpha.col(0), covariance - cross.transpose() * m_factor.solve(cross)};
}

GaussianProcess GaussianProcess::with(const MatrixXd& points, const MatrixXd& values) const {
    MatrixXd x(m_x.rows(), m_x.cols() + points.cols());
    x << m_x, points;
    MatrixXd y(m_y.rows() + values.rows(), values.cols());
    y << m_y.col(0).replicate(1, values.cols()), values;
    return {std::move(x), std::move(y), m_isChoice, m_parameters};
}

VectorXd GaussianProcess::leaveOneOut() const { return lathe::leaveOneOut(m_factor, m_y.col(0)); }

double logExpectedImprovement(double mean, double deviation, double best, double& byMean,
                              double& byDeviation) {
    const double z = (best - mean) / deviation;
    const double logPhi = logNormalCdf(z);
    const double logDensity = -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi);
    // log h with h = phi + z Phi; its derivative is Phi / h.
    double logH = 0;
    if (z > -25) {
        logH = std::log(std::exp(logDensity) + z * std::exp(logPhi));
    } else {
        // 1 - |z| m(|z|) by the series of Mills' ratio m: 1/z² - 3/z⁴ + 15/z⁶ - …
        const double inverse = 1 / (z * z);
        double term = inverse;
        double sum = 0;
        for (int k = 1; k < 12; ++k) {
            sum += term;
            term *= -(2 * k + 1) * inverse;
        }
        logH = logDensity + std::log(sum);
    }
    const double slope = std::exp(logPhi - logH);
    byMean = -slope / deviation;
    byDeviation = 1 / deviation - slope * z / deviation;
    return logH + std::log(deviation);
}

} // namespace lathe
