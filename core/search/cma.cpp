#include "core/search/cma.h"

#include "core/base/contract.h"
#include "core/search/normal.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kTiny = 1e-8;
constexpr double kLargestSigma = 1e32;
// Nomura et al. 2023, section 3.
constexpr double kAlpha = 1.4;
constexpr double kBetaMean = 0.1;
constexpr double kBetaSigma = 0.03;
constexpr double kGamma = 0.1;

double normalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

CmaEs::Constants constantsFor(double d, std::int64_t population, std::int64_t parents) {
    CmaEs::Constants made{};
    VectorXd raw(population);
    for (Index i = 0; i < raw.size(); ++i)
        raw[i] = std::log((static_cast<double>(population) + 1) / 2) - std::log(static_cast<double>(i) + 1);
    const auto effective = [](const auto& part) { return std::pow(part.sum(), 2) / part.squaredNorm(); };
    made.muEff = effective(raw.head(parents));
    const double muEffNegative = effective(raw.tail(population - parents));
    made.c1 = 2 / (std::pow(d + 1.3, 2) + made.muEff);
    made.cMu = std::min(1 - made.c1 - kTiny,
                        2 * (made.muEff - 2 + 1 / made.muEff) / (std::pow(d + 2, 2) + made.muEff));
    const double mostNegative = std::min({1 + made.c1 / made.cMu, 1 + 2 * muEffNegative / (made.muEff + 2),
                                          (1 - made.c1 - made.cMu) / (d * made.cMu)});
    const double positive = raw.cwiseMax(0).sum();
    const double negative = -raw.cwiseMin(0).sum();
    made.weights = raw;
    for (double& weight : made.weights)
        weight *= weight >= 0 ? 1 / positive : mostNegative / negative;
    made.cSigma = (made.muEff + 2) / (d + made.muEff + 5);
    made.dSigma = 1 + 2 * std::max(0.0, std::sqrt((made.muEff - 1) / (d + 1)) - 1) + made.cSigma;
    made.cC = (4 + made.muEff / d) / (d + 4 + 2 * made.muEff / d);
    made.chi = std::sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));
    return made;
}

/// A moving mean of a signal and of its square tell how much of it is direction, how much noise.
double signalToNoise(double squaredDrift, double variance, double beta) {
    return (squaredDrift - beta / (2 - beta) * variance) / (variance - squaredDrift);
}

double nextRate(double eta, double ratio, double beta) {
    const double relative = std::clamp(ratio / kAlpha / eta - 1, -1.0, 1.0);
    return std::min(1.0, eta * std::exp(std::min(kGamma * eta, beta) * relative));
}

} // namespace

struct CmaEs::Before {
    VectorXd mean;
    double sigma;
    MatrixXd covariance;  // of the samples: sigma² C
    MatrixXd inverseRoot; // of C
};

CmaEs::CmaEs(std::vector<std::int64_t> cells, const CmaSettings& settings)
    : m_cells(std::move(cells)), m_settings(settings), m_sigma(settings.sigma) {
    LATHE_EXPECT(!m_cells.empty() && (settings.mean.empty() || settings.mean.size() == m_cells.size()));
    const auto size = static_cast<Index>(m_cells.size());
    const auto d = static_cast<double>(size);
    m_population = settings.population > 3 ? settings.population
                                           : 4 + static_cast<std::int64_t>(std::floor(3 * std::log(d)));
    m_parents = m_population / 2;
    m_constants = constantsFor(d, m_population, m_parents);
    m_mean = VectorXd::Constant(size, 0.5);
    for (std::size_t i = 0; i < m_settings.mean.size(); ++i)
        m_mean[static_cast<Index>(i)] = m_settings.mean[i];
    m_scale = VectorXd::Ones(size);
    m_covariance = MatrixXd::Identity(size, size);
    m_pathSigma = m_pathC = m_driftMean = VectorXd::Zero(size);
    m_driftSigma = MatrixXd::Zero(size, size);
    decompose();
    keepMargin();
}

void CmaEs::decompose() {
    m_covariance = (m_covariance + m_covariance.transpose()) / 2;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(m_covariance);
    m_axes = solver.eigenvectors();
    m_lengths =
        solver.eigenvalues().unaryExpr([](double value) { return std::sqrt(value < 0 ? kTiny : value); });
    m_covariance = m_axes * m_lengths.cwiseAbs2().asDiagonal() * m_axes.transpose();
}

VectorXd CmaEs::sample(Rng& rng) const {
    const Index size = m_mean.size();
    VectorXd point;
    for (Index attempt = 0; attempt <= 10 * size; ++attempt) {
        VectorXd normal(size);
        for (double& value : normal)
            value = rng.normal();
        const VectorXd step = m_axes * m_lengths.cwiseProduct(normal);
        point = m_mean + m_sigma * m_scale.cwiseProduct(step);
        if (point.minCoeff() >= 0 && point.maxCoeff() <= 1)
            return point;
    }
    return point.cwiseMax(0).cwiseMin(1);
}

void CmaEs::tell(std::vector<Solution> solutions) {
    LATHE_EXPECT(static_cast<std::int64_t>(solutions.size()) == m_population);
    std::ranges::stable_sort(solutions, {}, &Solution::loss);
    ++m_generation;
    m_latestLosses.push_back(solutions.front().loss);
    m_latestLosses.push_back(solutions.back().loss);
    MatrixXd steps(m_mean.size(), m_population); // y, one a column
    for (Index k = 0; k < steps.cols(); ++k)
        steps.col(k) =
            (solutions[static_cast<std::size_t>(k)].point - m_mean).cwiseQuotient(m_scale) / m_sigma;
    const Before before{m_mean, m_sigma, m_sigma * m_sigma * m_covariance,
                        m_axes * m_lengths.cwiseInverse().asDiagonal() * m_axes.transpose()};
    const Constants& c = m_constants;
    const auto d = static_cast<double>(m_mean.size());
    const VectorXd meanStep = steps.leftCols(m_parents) * c.weights.head(m_parents);
    m_mean += m_sigma * m_scale.cwiseProduct(meanStep);
    m_pathSigma = (1 - c.cSigma) * m_pathSigma +
                  std::sqrt(c.cSigma * (2 - c.cSigma) * c.muEff) * (before.inverseRoot * meanStep);
    const double length = m_pathSigma.norm();
    m_sigma = std::min(kLargestSigma, m_sigma * std::exp(c.cSigma / c.dSigma * (length / c.chi - 1)));
    const double settled = std::sqrt(1 - std::pow(1 - c.cSigma, 2 * (static_cast<double>(m_generation) + 1)));
    const double isShort = length / settled < (1.4 + 2 / (d + 1)) * c.chi ? 1 : 0;
    m_pathC = (1 - c.cC) * m_pathC + isShort * std::sqrt(c.cC * (2 - c.cC) * c.muEff) * meanStep;
    VectorXd weights = c.weights;
    for (Index k = 0; k < weights.size(); ++k)
        if (weights[k] < 0)
            weights[k] *= d / ((before.inverseRoot * steps.col(k)).squaredNorm() + kTiny);
    m_covariance =
        (1 + c.c1 * (1 - isShort) * c.cC * (2 - c.cC) - c.c1 - c.cMu * c.weights.sum()) * m_covariance +
        c.c1 * m_pathC * m_pathC.transpose() + c.cMu * steps * weights.asDiagonal() * steps.transpose();
    if (m_settings.adaptsLearningRate)
        adaptLearningRate(before);
    decompose();
    keepMargin();
}

void CmaEs::adaptLearningRate(const Before& before) {
    const auto d = static_cast<double>(m_mean.size());
    const VectorXd meanChange = (m_mean - before.mean).cwiseQuotient(m_scale);
    const MatrixXd change = m_sigma * m_sigma * m_covariance - before.covariance;
    const MatrixXd toLocal = before.inverseRoot / before.sigma;
    const VectorXd localMean = toLocal * meanChange;
    const MatrixXd local = toLocal * change * toLocal / std::sqrt(2.0);
    m_driftMean = (1 - kBetaMean) * m_driftMean + kBetaMean * localMean;
    m_driftSigma = (1 - kBetaSigma) * m_driftSigma + kBetaSigma * local;
    m_varianceMean = (1 - kBetaMean) * m_varianceMean + kBetaMean * localMean.squaredNorm();
    m_varianceSigma = (1 - kBetaSigma) * m_varianceSigma + kBetaSigma * local.squaredNorm();
    const double etaBefore = m_etaMean;
    m_etaMean =
        nextRate(m_etaMean, signalToNoise(m_driftMean.squaredNorm(), m_varianceMean, kBetaMean), kBetaMean);
    m_etaSigma = nextRate(m_etaSigma, signalToNoise(m_driftSigma.squaredNorm(), m_varianceSigma, kBetaSigma),
                          kBetaSigma);
    m_mean = before.mean + m_etaMean * m_scale.cwiseProduct(meanChange);
    const MatrixXd covariance = before.covariance + m_etaSigma * change;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance, Eigen::EigenvaluesOnly);
    const double logDeterminant = solver.eigenvalues().cwiseMax(1e-300).array().log().sum();
    m_sigma = std::exp(logDeterminant / 2 / d);
    m_covariance = covariance / (m_sigma * m_sigma);
    m_sigma *= etaBefore / m_etaMean; // the step size that fits the new rate
}

bool CmaEs::isExhausted() const {
    const auto d = static_cast<double>(m_mean.size());
    const auto term = static_cast<std::size_t>(10 + std::ceil(30 * d / static_cast<double>(m_population)));
    if (m_latestLosses.size() >= 2 * term) {
        const auto [low, high] = std::minmax_element(
            m_latestLosses.end() - static_cast<std::ptrdiff_t>(2 * term), m_latestLosses.end());
        if (*high - *low < 1e-12)
            return true;
    }
    const VectorXd spread = m_sigma * m_covariance.diagonal().cwiseSqrt();
    const double smallest = 1e-12 * m_settings.sigma;
    if ((spread.array() < smallest).all() && (m_sigma * m_pathC.array().abs() < smallest).all())
        return true;
    const double shortest = m_lengths.minCoeff();
    return m_sigma * m_lengths.maxCoeff() > 1e4 || std::pow(m_lengths.maxCoeff() / shortest, 2) > 1e14;
}

double CmaEs::deviation(Index dimension) const {
    return m_sigma * m_scale[dimension] * std::sqrt(m_covariance(dimension, dimension));
}

std::pair<double, double> CmaEs::cellBorders(Index dimension) const {
    const auto cells = static_cast<double>(m_cells[static_cast<std::size_t>(dimension)]);
    const double cell = std::clamp(std::floor(m_mean[dimension] * cells), 0.0, cells - 1);
    return {cell / cells, (cell + 1) / cells};
}

std::pair<double, double> CmaEs::sideProbabilities(Index dimension) const {
    const auto [low, high] = cellBorders(dimension);
    const double width = deviation(dimension);
    return {low <= 0 ? 0 : normalCdf((low - m_mean[dimension]) / width),
            high >= 1 ? 0 : normalCdf((m_mean[dimension] - high) / width)};
}

void CmaEs::keepMargin() {
    for (Index i = 0; i < m_mean.size(); ++i)
        if (m_cells[static_cast<std::size_t>(i)] > 1)
            keepMargin(i);
}

/// With the mean in an outermost cell the mean alone moves, so that the next cell keeps the margin; between
/// two borders, mean and scale are solved for at once, so that both sides keep half of it.
void CmaEs::keepMargin(Index dimension) {
    const double margin = 1 / (static_cast<double>(m_mean.size()) * static_cast<double>(m_population));
    const auto [low, high] = cellBorders(dimension);
    double& mean = m_mean[dimension];
    const double width = deviation(dimension);
    if (low <= 0 || high >= 1) {
        const double border = low <= 0 ? high : low;
        const double farthest = -normalQuantileOfLog(std::log(margin)) * width;
        mean = std::clamp(mean, border - farthest, border + farthest);
        return;
    }
    const double below = std::max(normalCdf((low - mean) / width), margin / 2);
    const double above = std::max(normalCdf((mean - high) / width), margin / 2);
    const double inside = 1 - normalCdf((low - mean) / width) - normalCdf((mean - high) / width);
    const double excess = 1 - below - above - inside; // negative where a side was lifted
    const double room = below + inside + above - 1.5 * margin;
    const auto settled = [&](double side) {
        return std::clamp(side + excess * (side - margin / 2) / room, 1e-10, 0.5 - 1e-10);
    };
    const double toLow = -normalQuantileOfLog(std::log(settled(below)));
    const double toHigh = -normalQuantileOfLog(std::log(settled(above)));
    const double unscaled = width / m_scale[dimension];
    m_scale[dimension] = (high - low) / ((toLow + toHigh) * unscaled);
    mean = (low * toHigh + high * toLow) / (toLow + toHigh);
}

} // namespace lathe
