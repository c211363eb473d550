#pragma once

#include "core/base/random.h"

#include <Eigen/Dense>
#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// How a covariance matrix adaptation begins.
struct CmaSettings {
    double sigma = 1.0 / 6;      ///< step size in the unit cube
    std::int64_t population = 0; ///< 0: 4 + floor(3 ln d)
    std::vector<double> mean;    ///< where to begin; empty: the middle of the cube
    /// Slower where the ranking of a generation says little: Nomura et al. 2023 (arXiv:2304.03473).
    bool adaptsLearningRate = false;
};

/// The evolution strategy with covariance matrix adaptation, Hansen 2016 (arXiv:1604.00772), in the unit
/// cube, with a margin that keeps every value of a grid dimension in reach, Hamano et al. 2022
/// (arXiv:2205.13482). A value: a copy goes on by itself.
class CmaEs {
public:
    struct Solution {
        Eigen::VectorXd point; ///< as sample() gave it
        double loss = 0;
    };

    /// cells: values of each dimension; 0 for a real. Contract: at least one dimension.
    CmaEs(std::vector<std::int64_t> cells, const CmaSettings& settings);

    [[nodiscard]] std::int64_t population() const { return m_population; }
    /// Drawn again, up to 10 d times, where it lies outside of the cube; then clipped.
    [[nodiscard]] Eigen::VectorXd sample(Rng& rng) const;
    /// One generation. Contract: solutions.size() == population().
    void tell(std::vector<Solution> solutions);
    /// Whether no generation can bring anything more: the spread is lost, or the matrix is.
    [[nodiscard]] bool isExhausted() const;

    [[nodiscard]] const Eigen::VectorXd& mean() const { return m_mean; }
    [[nodiscard]] double sigma() const { return m_sigma; }
    [[nodiscard]] const Eigen::MatrixXd& covariance() const { return m_covariance; }
    /// The constants, by their names in the literature.
    struct Constants {
        double muEff, c1, cMu, cSigma, dSigma, cC, chi;
        Eigen::VectorXd weights;
    };
    [[nodiscard]] const Constants& constants() const { return m_constants; }
    /// The chance that a sample of the dimension falls below, and above, the cell its mean lies in.
    [[nodiscard]] std::pair<double, double> sideProbabilities(Eigen::Index dimension) const;

private:
    struct Before;
    void decompose();
    void adaptLearningRate(const Before& before);
    void keepMargin();
    void keepMargin(Eigen::Index dimension);
    [[nodiscard]] std::pair<double, double> cellBorders(Eigen::Index dimension) const;
    [[nodiscard]] double deviation(Eigen::Index dimension) const;

    std::vector<std::int64_t> m_cells;
    CmaSettings m_settings;
    std::int64_t m_population = 0;
    std::int64_t m_parents = 0;
    Constants m_constants;
    std::int64_t m_generation = 0;
    Eigen::VectorXd m_mean;
    double m_sigma = 0;
    Eigen::VectorXd m_scale; // the margin's diagonal A
    Eigen::MatrixXd m_covariance;
    Eigen::MatrixXd m_axes;    // eigenvectors
    Eigen::VectorXd m_lengths; // roots of the eigenvalues
    Eigen::VectorXd m_pathSigma;
    Eigen::VectorXd m_pathC;
    std::vector<double> m_latestLosses; // best and worst of the latest generations
    // Of the adaptation of the learning rates:
    double m_etaMean = 1;
    double m_etaSigma = 1;
    double m_varianceMean = 0;
    double m_varianceSigma = 0;
    Eigen::VectorXd m_driftMean;
    Eigen::MatrixXd m_driftSigma;
};

} // namespace lathe
