#pragma once

#include "core/base/random.h"
#include "core/search/axis.h"
#include "core/search/gaussian_process.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace lathe {

/// What a point may be expected to bring beyond what is there, in logarithms.
class Improvement {
public:
    Improvement() = default;
    Improvement(const Improvement&) = delete;
    Improvement& operator=(const Improvement&) = delete;
    virtual ~Improvement() = default;

    /// Adds its derivative by the point to `gradient`.
    [[nodiscard]] virtual double at(const Eigen::VectorXd& point, Eigen::VectorXd& gradient) const = 0;
    /// Of many points, one a column.
    [[nodiscard]] virtual Eigen::VectorXd at(const Eigen::MatrixXd& points) const = 0;
};

/// The expected improvement of one loss, averaged over what the running trials may bring. bests: the least
/// loss of each series of `loss`.
[[nodiscard]] std::unique_ptr<Improvement> expectedImprovement(GaussianProcess loss, Eigen::VectorXd bests);

/// The expected improvement of the hypervolume of several losses, each an independent process of one series
/// (Emmerich, Giannakoglou and Naujoks 2006). It is exact: over each of the boxes that the front leaves it is
/// a product of differences of expected improvements. points: losses so far; of more than some dozens on the
/// front in three dimensions and more, those that dominate most stand for all. Contract: as for
/// hypervolume().
[[nodiscard]] std::unique_ptr<Improvement> expectedVolumeImprovement(std::vector<GaussianProcess> losses,
                                                                     std::vector<std::vector<double>> points,
                                                                     std::span<const double> reference);

/// What makes a point worth trying: the improvement times the chance that the constraints hold; in
/// logarithms.
class Acquisition {
public:
    /// improvement: null as long as nothing is feasible. limits: what each constraint must stay below, in the
    /// units of its process.
    Acquisition(std::unique_ptr<Improvement> improvement, std::vector<GaussianProcess> constraints,
                std::vector<double> limits);

    /// point: one input an axis.
    [[nodiscard]] double operator()(const Eigen::VectorXd& point, Eigen::VectorXd& gradient) const;
    /// Of many points, one a column, without gradients.
    [[nodiscard]] Eigen::VectorXd operator()(const Eigen::MatrixXd& points) const;

private:
    std::unique_ptr<Improvement> m_improvement;
    std::vector<GaussianProcess> m_constraints;
    std::vector<double> m_limits;
};

/// The point with the highest acquisition: the best of an even screen and of climbs from its best point, from
/// `incumbent` (empty: none) and from others by chance, along reals by gradients and along grids and choices
/// value by value; one that is taken is passed over where others are known. Inputs: the place in [0, 1] of a
/// number, the number of a choice. Contract: at most kSobolDimensions axes.
[[nodiscard]] Eigen::VectorXd bestPoint(const Acquisition& acquisition, std::span<const Axis> axes,
                                        const Eigen::VectorXd& incumbent,
                                        const std::function<bool(const Eigen::VectorXd&)>& isTaken, Rng& rng);

} // namespace lathe
