#pragma once

#include <Eigen/Dense>
#include <vector>

namespace lathe {

/// The parameters of a Gaussian process with the Matérn kernel of order 5/2.
struct GpParameters {
    Eigen::VectorXd inverseSquaredLengths; ///< theta, [dimensions]
    double scale = 1;
    double noise = 1e-6; ///< variance
    bool operator==(const GpParameters&) const = default;
};

/// A Gaussian process, Rasmussen and Williams 2006: k(x, x') = s (1 + r + r²/3) exp(-r) with r² = 5 Σ theta_i
/// d_i², where d_i is the difference of a number, or 0 and 1 for the same and another choice.
class GaussianProcess {
public:
    static constexpr double kLeastNoise = 1e-6;

    /// x: [dimensions, n], one point a column, numbers in [0, 1]; y: [n, series], mean 0 and variance 1:
    /// series are several answers to the same points. isChoice: [dimensions].
    GaussianProcess(Eigen::MatrixXd x, Eigen::MatrixXd y, std::vector<bool> isChoice,
                    const GpParameters& parameters);

    /// The parameters with the largest posterior density under the priors of Optuna's sampler, sought from 1;
    /// of many points, 150 evenly over their order tell.
    [[nodiscard]] static GpParameters fit(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                          const std::vector<bool>& isChoice);
    /// What fit() makes small, of (log theta, log scale, log(noise - kLeastNoise)): the negative log of
    /// likelihood times prior.
    [[nodiscard]] static double loss(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                     const std::vector<bool>& isChoice, const Eigen::VectorXd& logParameters,
                                     Eigen::VectorXd& gradient);

    struct Posterior {
        Eigen::VectorXd mean; ///< [series]
        double variance = 0;
        Eigen::MatrixXd meanGradient;     ///< by the point, [dimensions, series]
        Eigen::VectorXd varianceGradient; ///< by the point
    };
    [[nodiscard]] Posterior at(const Eigen::VectorXd& point) const;
    /// Means [series, points] and variances [points] of many points, without gradients.
    struct Marginals {
        Eigen::MatrixXd means;
        Eigen::VectorXd variances;
    };
    [[nodiscard]] Marginals marginals(const Eigen::MatrixXd& points) const;
    /// Mean and covariance at several points together, of the first series.
    [[nodiscard]] std::pair<Eigen::VectorXd, Eigen::MatrixXd> at(const Eigen::MatrixXd& points) const;

    /// The first series with further observations, each column of `values` [points, series] another guess.
    [[nodiscard]] GaussianProcess with(const Eigen::MatrixXd& points, const Eigen::MatrixXd& values) const;
    /// The log density of each y of the first series given all others.
    [[nodiscard]] Eigen::VectorXd leaveOneOut() const;
    [[nodiscard]] const GpParameters& parameters() const { return m_parameters; }

private:
    [[nodiscard]] Eigen::VectorXd squaredDistances(const Eigen::VectorXd& point) const; // weighted

    Eigen::MatrixXd m_x;
    Eigen::MatrixXd m_y;
    std::vector<bool> m_isChoice;
    GpParameters m_parameters;
    Eigen::LLT<Eigen::MatrixXd> m_factor; // of the covariance of the observations
    Eigen::MatrixXd m_alpha;              // its inverse times y
};

/// log of the expected improvement below `best`, Ament et al. 2023 (arXiv:2310.20708): finite where the
/// improvement itself underflows. Sets the derivatives by mean and standard deviation.
[[nodiscard]] double logExpectedImprovement(double mean, double deviation, double best, double& byMean,
                                            double& byDeviation);

} // namespace lathe
