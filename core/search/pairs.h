#pragma once

#include <Eigen/Dense>
#include <vector>

namespace lathe {

/// Squared differences of the pairs p > q of points in the order (1, 0), (2, 0), …, (2, 1), …; [pairs,
/// dimensions]. x: [dimensions, n]. Of a choice: 0 for the same and 1 for another one.
[[nodiscard]] Eigen::MatrixXd squaredDifferences(const Eigen::MatrixXd& x, const std::vector<bool>& isChoice);

/// The matrix whose lower part are the values of the pairs; what lies above the diagonal is not set.
[[nodiscard]] Eigen::MatrixXd lowerOf(const Eigen::VectorXd& pairs, Eigen::Index n, double diagonal);
/// Back again, without the diagonal.
[[nodiscard]] Eigen::VectorXd pairsOf(const Eigen::MatrixXd& lower);

/// log N(y_i; mean, variance) of each y given all others, from the factor of their covariance: Rasmussen and
/// Williams 2006, 5.4.2.
[[nodiscard]] Eigen::VectorXd leaveOneOut(const Eigen::LLT<Eigen::MatrixXd>& factor,
                                          const Eigen::VectorXd& y);

} // namespace lathe
