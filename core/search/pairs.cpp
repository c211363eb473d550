#include "core/search/pairs.h"

#include <numbers>

namespace lathe {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd squaredDifferences(const MatrixXd& x, const std::vector<bool>& isChoice) {
    const Index n = x.cols();
    MatrixXd pairs(n * (n - 1) / 2, x.rows());
    for (Index i = 0; i < x.rows(); ++i) {
        const VectorXd line = x.row(i).transpose();
        Index at = 0;
        for (Index q = 0; q + 1 < n; at += n - q - 1, ++q) {
            const auto difference = line.tail(n - q - 1).array() - line[q];
            if (isChoice[static_cast<std::size_t>(i)])
                pairs.col(i).segment(at, n - q - 1) = (difference != 0).cast<double>();
            else
                pairs.col(i).segment(at, n - q - 1) = difference.square();
        }
    }
    return pairs;
}

MatrixXd lowerOf(const VectorXd& pairs, Index n, double diagonal) {
    MatrixXd lower(n, n);
    for (Index q = 0, at = 0; q < n; at += n - q - 1, ++q) {
        lower(q, q) = diagonal;
        lower.col(q).tail(n - q - 1) = pairs.segment(at, n - q - 1);
    }
    return lower;
}

VectorXd pairsOf(const MatrixXd& lower) {
    const Index n = lower.rows();
    VectorXd pairs(n * (n - 1) / 2);
    for (Index q = 0, at = 0; q < n; at += n - q - 1, ++q)
        pairs.segment(at, n - q - 1) = lower.col(q).tail(n - q - 1);
    return pairs;
}

VectorXd leaveOneOut(const Eigen::LLT<MatrixXd>& factor, const VectorXd& y) {
    const MatrixXd inverse = factor.solve(MatrixXd::Identity(y.size(), y.size()));
    const Eigen::ArrayXd variances = inverse.diagonal().array().inverse();
    const Eigen::ArrayXd errors = factor.solve(y).array() * variances;
    return -0.5 * (errors.square() / variances + (2 * std::numbers::pi * variances).log());
}

} // namespace lathe
