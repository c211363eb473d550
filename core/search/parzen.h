#pragma once

#include "core/base/random.h"
#include "core/search/axis.h"

#include <span>
#include <vector>

namespace lathe {

/// A density over some axes: a mixture with one kernel for each observed point and a wide one for what is
/// expected beforehand; Bergstra et al. 2011 (NeurIPS 24), with the bandwidths and weights of Watanabe 2023
/// (arXiv:2304.11127). A kernel is a product: a normal density cut to the axis, its mass within a cell of a
/// grid, or a distribution over choices.
class ParzenMixture {
public:
    using Point = std::vector<double>; ///< a coordinate for each axis

    enum class Weights {
        Recent, ///< the newest 25 count in full, older ones less
        Equal,
    };

    /// points: oldest first, any number. The axes must outlive the mixture.
    ParzenMixture(std::span<const Axis> axes, std::span<const Point> points,
                  Weights weights = Weights::Recent);

    /// On the values of the axes.
    [[nodiscard]] Point sample(Rng& rng) const;
    /// Of a point on the values of the axes: probability by cells and choices, density along reals.
    [[nodiscard]] double logDensity(std::span<const double> point) const;

    [[nodiscard]] const std::vector<double>& weights() const { return m_weights; }
    /// Of the numeric axis `axis`, one a kernel, that of the prior last.
    [[nodiscard]] const std::vector<double>& widths(std::size_t axis) const { return m_kernels[axis].widths; }

private:
    struct Kernels {
        std::vector<double> means;
        std::vector<double> widths;
        std::vector<double> logMass;             ///< within the axis
        std::vector<double> logPeak;             ///< log density at the mean
        std::vector<std::vector<double>> shares; ///< of a choice: [kernel][choice]
    };
    /// Adds each kernel's log probability or density along an axis, axis by axis: such loops are vectorised.
    void addLogKernels(std::size_t axis, double coordinate, std::vector<double>& logs) const;

    std::span<const Axis> m_axes;
    std::vector<double> m_weights; // sum 1; the prior's last
    std::vector<double> m_logWeights;
    std::vector<Kernels> m_kernels; // one an axis
};

/// Weights of n observations, oldest first: 1 each below 25; else a ramp from 1/n to 1 over the oldest n - 25
/// and 1 for the newest 25.
[[nodiscard]] std::vector<double> recencyWeights(std::size_t count);

} // namespace lathe
