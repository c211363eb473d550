#pragma once

#include "core/base/random.h"
#include "core/search/axis.h"
#include "core/search/gaussian_process.h"

#include <functional>
#include <span>
#include <vector>

namespace lathe {

/// What makes a point worth trying: the expected improvement, averaged over what the running trials may
/// bring, times the chance that the constraints hold; in logarithms.
class Acquisition {
public:
    /// bests: the least loss of each series of `loss`. limits: what each constraint must stay below, in the
    /// units of its process. hasBest: false leaves the improvement out, as long as nothing is feasible.
    Acquisition(GaussianProcess loss, Eigen::VectorXd bests, std::vector<GaussianProcess> constraints,
                std::vector<double> limits, bool hasBest);

    /// point: one input an axis.
    [[nodiscard]] double operator()(const Eigen::VectorXd& point, Eigen::VectorXd& gradient) const;
    /// Of many points, one a column, without gradients.
    [[nodiscard]] Eigen::VectorXd operator()(const Eigen::MatrixXd& points) const;

private:
    [[nodiscard]] double improvement(const Eigen::VectorXd& point, Eigen::VectorXd& gradient) const;

    GaussianProcess m_loss;
    Eigen::VectorXd m_bests;
    std::vector<GaussianProcess> m_constraints;
    std::vector<double> m_limits;
    bool m_hasBest;
};

/// The point with the highest acquisition: the best of an even screen and of climbs from its best point, from
/// `incumbent` (empty: none) and from others by chance, along reals by gradients and along grids and choices
/// value by value; one that is taken is passed over where others are known. Inputs: the place in [0, 1] of a
/// number, the number of a choice. Contract: at most kSobolDimensions axes.
[[nodiscard]] Eigen::VectorXd bestPoint(const Acquisition& acquisition, std::span<const Axis> axes,
                                        const Eigen::VectorXd& incumbent,
                                        const std::function<bool(const Eigen::VectorXd&)>& isTaken, Rng& rng);

} // namespace lathe
