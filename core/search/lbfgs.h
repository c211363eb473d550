#pragma once

#include <Eigen/Dense>
#include <functional>

namespace lathe {

/// A function and its gradient at x.
using Differentiable = std::function<double(const Eigen::VectorXd& x, Eigen::VectorXd& gradient)>;

struct LbfgsSettings {
    int mostSteps = 200;
    double gradientTolerance = 1e-4; ///< on the largest component that may still move
};

/// A local minimum within [low, high] from `start`: limited-memory BFGS (Nocedal 1980) on the variables that
/// are free, steps projected onto the box and halved until they help (Bertsekas 1982). Infinite bounds are
/// allowed. The value never rises above that at `start`.
[[nodiscard]] Eigen::VectorXd minimiseSmooth(const Differentiable& function, const Eigen::VectorXd& start,
                                             const Eigen::VectorXd& low, const Eigen::VectorXd& high,
                                             const LbfgsSettings& settings);

} // namespace lathe
