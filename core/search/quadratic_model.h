#pragma once

#include "core/base/random.h"

#include <Eigen/Dense>
#include <optional>
#include <span>
#include <vector>

namespace lathe {

/// Full quadratic polynomials fitted to points, one for each output. Inputs and outputs are standardised, so
/// that a ridge means the same for all; variables that do not vary are left out.
class QuadraticModel {
public:
    static constexpr Eigen::Index kMostTerms = 200;

    /// points: [n, p], one a column; outputs: [outputs, p]. Least squares by singular values, with a ridge of
    /// 1e-3 where there are fewer points than terms. None where there are fewer than max(2, n) points, no
    /// variable varies, or more than kMostTerms terms.
    [[nodiscard]] static std::optional<QuadraticModel> fit(const Eigen::MatrixXd& points,
                                                           const Eigen::MatrixXd& outputs);

    /// [outputs]
    [[nodiscard]] Eigen::VectorXd at(const Eigen::VectorXd& point) const;

private:
    [[nodiscard]] Eigen::VectorXd terms(const Eigen::VectorXd& point) const;

    std::vector<Eigen::Index> m_varying;
    Eigen::VectorXd m_centre, m_spread;             // of the inputs
    Eigen::VectorXd m_outputCentre, m_outputSpread; // of the outputs
    Eigen::MatrixXd m_coefficients;                 // [terms, outputs]
};

/// What a model promises of a point: the objective, and the violation h, the sum of the squares of what the
/// constraints exceed 0 by.
struct ModelValue {
    double objective = 0;
    double violation = 0;
};

/// Feasible before infeasible; then the smaller objective, or the smaller violation.
[[nodiscard]] bool isBetter(const ModelValue& a, const ModelValue& b);

/// Output 0 is the objective, the others are constraints.
[[nodiscard]] ModelValue valueOf(const Eigen::VectorXd& outputs);

/// The best point of the model within [low, high]: an orthogonal direct search from `start`, at most 2,000
/// looks at the model.
[[nodiscard]] Eigen::VectorXd minimise(const QuadraticModel& model, const Eigen::VectorXd& low,
                                       const Eigen::VectorXd& high, const Eigen::VectorXd& start, Rng& rng);

} // namespace lathe
