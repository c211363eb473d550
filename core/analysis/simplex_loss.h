#pragma once

#include "core/analysis/chart_data.h"
#include "core/base/result.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// The loss of the network whose parameters are the mixture `alpha` of the vertices.
struct SimplexPoint {
    std::vector<double> alpha; ///< one for each vertex, not negative, together 1
    double train = 0, validation = 0;
    bool operator==(const SimplexPoint&) const = default;
};

/// The losses on the way from one vertex (t = 0) to another (t = 1).
struct SimplexEdge {
    std::size_t from = 0, to = 0;
    std::vector<double> t; ///< ascending
    std::vector<double> train, validation;
    bool operator==(const SimplexEdge&) const = default;
};

/// The loss over a simplex of trained networks (Wortsman et al. 2021, arXiv:2102.10472).
struct SimplexLoss {
    std::size_t vertices = 0;
    std::vector<SimplexPoint> grid;
    std::vector<SimplexEdge> edges;
    bool operator==(const SimplexLoss&) const = default;
};

/// Input error naming the point or edge: a coefficient too many, a sum that is not 1, a vertex that is not
/// there, lists of unequal length.
[[nodiscard]] Status check(const SimplexLoss& loss);

enum class LossOn { Training, Validation };

/// Lowest and highest finite loss of both data, so that two pictures share one scale of colours; nothing if
/// there is none.
struct LossRange {
    double low = 0, high = 0;
    bool operator==(const LossRange&) const = default;
};
[[nodiscard]] std::optional<LossRange> lossRange(const SimplexLoss& loss);

/// A place in the plane: vertex 0 at (0, 0), vertex 1 at (1, 0), vertex 2 at (1/2, √3/2).
struct PlanePoint {
    double x = 0, y = 0;
    bool operator==(const PlanePoint&) const = default;
};
using Barycentric = std::array<double, 3>;
[[nodiscard]] PlanePoint toPlane(const Barycentric& alpha);
/// Together 1; one is negative where the place is outside of the triangle.
[[nodiscard]] Barycentric toBarycentric(PlanePoint place);

/// The loss at any place of a triangle, linear between the points of a regular grid.
class TriangleField {
public:
    /// Input error if there are not three vertices, or the points are not all those of one regular grid
    /// (alpha in steps of 1/n).
    [[nodiscard]] static Result<TriangleField> make(const SimplexLoss& loss, LossOn data);
    /// Contract: inside, that is none of alpha below -1e-9.
    [[nodiscard]] double at(const Barycentric& alpha) const;
    [[nodiscard]] std::size_t divisions() const { return m_divisions; } ///< n

private:
    [[nodiscard]] double value(std::size_t first, std::size_t second) const;

    std::size_t m_divisions = 0;
    std::vector<double> m_values; ///< by n·alpha[0], then n·alpha[1]
};

/// How much a straight way between two vertices climbs: the most that a loss on the edge lies above the line
/// between its ends; 0 where it never does (Frankle et al. 2020, arXiv:1912.05671). NaN without points.
[[nodiscard]] double barrier(const SimplexEdge& edge, LossOn data);

/// The point whose coefficients are all equal; nothing if the grid has none.
[[nodiscard]] const SimplexPoint* midpoint(const SimplexLoss& loss);
/// The vertex itself; nullptr if the grid has it not.
[[nodiscard]] const SimplexPoint* vertexPoint(const SimplexLoss& loss, std::size_t vertex);

/// Lines "training" and "validation" over t.
[[nodiscard]] ChartData edgeChart(const SimplexEdge& edge);

} // namespace lathe
