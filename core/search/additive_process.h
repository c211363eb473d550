#pragma once

#include <Eigen/Dense>
#include <vector>

namespace lathe {

/// A Gaussian process over sums of functions of one input each, Duvenaud, Nickisch and Rasmussen 2011
/// (arXiv:1112.4394): k(x, x') = Σ s_i m(5 theta_i d_i²), with m the Matérn kernel of order 5/2 and d_i as in
/// GaussianProcess. Where the parameters of a problem hardly interact, it knows from few trials what each of
/// them does along its whole range.
class AdditiveProcess {
public:
    static constexpr double kLeastNoise = 1e-6;

    /// Fits the largest posterior density. x: [dimensions, n], one point a column, numbers in [0, 1]; y: [n],
    /// mean 0 and variance 1. isChoice: [dimensions].
    AdditiveProcess(Eigen::MatrixXd x, Eigen::VectorXd y, std::vector<bool> isChoice);

    /// What the fit makes small, of (log theta, log s, log(noise - kLeastNoise)): the negative log of
    /// likelihood times prior.
    [[nodiscard]] static double loss(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                     const std::vector<bool>& isChoice, const Eigen::VectorXd& logParameters,
                                     Eigen::VectorXd& gradient);

    /// The log density of each y given all others.
    [[nodiscard]] Eigen::VectorXd leaveOneOut() const;

    struct Marginals {
        Eigen::VectorXd means;
        Eigen::VectorXd variances;
    };
    /// At `point` with its input `axis` replaced by each of `inputs`.
    [[nodiscard]] Marginals along(const Eigen::VectorXd& point, Eigen::Index axis,
                                  const Eigen::VectorXd& inputs) const;

    /// Learns that the points, one a column, brought what was expected of them: for trials that still run.
    void believe(const Eigen::MatrixXd& points);

private:
    void factorise();
    /// k_i between an input and those of all observations: [n].
    [[nodiscard]] Eigen::VectorXd kernelOf(Eigen::Index axis, double input) const;

    Eigen::MatrixXd m_x;
    Eigen::VectorXd m_y;
    std::vector<bool> m_isChoice;
    Eigen::VectorXd m_theta; // [dimensions]
    Eigen::VectorXd m_scale; // [dimensions]
    double m_noise = kLeastNoise;
    Eigen::LLT<Eigen::MatrixXd> m_factor; // of the covariance of the observations
    Eigen::VectorXd m_alpha;              // its inverse times y
};

} // namespace lathe
