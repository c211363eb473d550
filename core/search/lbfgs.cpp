#include "core/search/lbfgs.h"

#include <cmath>
#include <deque>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr std::size_t kMemory = 10;
constexpr double kArmijo = 1e-4;
constexpr int kMostHalvings = 30;

struct Pair {
    VectorXd step;
    VectorXd change; // of the gradient
};

/// Variables at a bound that the gradient presses against do not move.
VectorXd freeMask(const VectorXd& x, const VectorXd& gradient, const VectorXd& low, const VectorXd& high) {
    VectorXd mask = VectorXd::Ones(x.size());
    for (Index i = 0; i < x.size(); ++i)
        if ((x[i] <= low[i] && gradient[i] > 0) || (x[i] >= high[i] && gradient[i] < 0))
            mask[i] = 0;
    return mask;
}

/// The two loops of the method on the free variables.
VectorXd descentDirection(const std::deque<Pair>& pairs, const VectorXd& gradient, const VectorXd& mask) {
    VectorXd direction = -gradient.cwiseProduct(mask);
    std::vector<double> alphas(pairs.size());
    for (std::size_t k = pairs.size(); k-- > 0;) {
        const double curvature = pairs[k].change.dot(pairs[k].step);
        alphas[k] = pairs[k].step.dot(direction) / curvature;
        direction -= alphas[k] * pairs[k].change;
    }
    if (!pairs.empty())
        direction *= pairs.back().change.dot(pairs.back().step) / pairs.back().change.squaredNorm();
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        const double beta = pairs[k].change.dot(direction) / pairs[k].change.dot(pairs[k].step);
        direction += (alphas[k] - beta) * pairs[k].step;
    }
    direction = direction.cwiseProduct(mask);
    if (direction.dot(gradient) < 0)
        return direction;
    return -gradient.cwiseProduct(mask);
}

} // namespace

VectorXd minimiseSmooth(const Differentiable& function, const VectorXd& start, const VectorXd& low,
                        const VectorXd& high, const LbfgsSettings& settings) {
    VectorXd x = start.cwiseMax(low).cwiseMin(high);
    VectorXd gradient(x.size());
    double value = function(x, gradient);
    std::deque<Pair> pairs;
    for (int step = 0; step < settings.mostSteps; ++step) {
        const VectorXd mask = freeMask(x, gradient, low, high);
        if (gradient.cwiseProduct(mask).cwiseAbs().maxCoeff() <= settings.gradientTolerance)
            break;
        const VectorXd direction = descentDirection(pairs, gradient, mask);
        double length = pairs.empty() ? std::min(1.0, 1 / direction.norm()) : 1;
        bool hasMoved = false;
        for (int halving = 0; halving < kMostHalvings && !hasMoved; ++halving, length /= 2) {
            const VectorXd next = (x + length * direction).cwiseMax(low).cwiseMin(high);
            VectorXd nextGradient(x.size());
            const double nextValue = function(next, nextGradient);
            if (!(nextValue <= value + kArmijo * gradient.dot(next - x)) || !nextGradient.allFinite())
                continue;
            Pair pair{next - x, nextGradient - gradient};
            hasMoved = pair.step.squaredNorm() > 0;
            if (pair.step.dot(pair.change) > 1e-12 * pair.step.norm() * pair.change.norm())
                pairs.push_back(std::move(pair));
            if (pairs.size() > kMemory)
                pairs.pop_front();
            x = next;
            gradient = nextGradient;
            value = nextValue;
            break;
        }
        if (!hasMoved) {
            if (pairs.empty())
                break;
            pairs.clear(); // what was learnt misleads here; once more along the gradient
        }
    }
    return x;
}

} // namespace lathe
