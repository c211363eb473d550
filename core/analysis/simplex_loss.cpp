#include "core/analysis/simplex_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace lathe {

namespace {

constexpr double kSlack = 1e-6;    ///< of a sum of coefficients written in float32
constexpr double kOutside = -1e-9; ///< rounding at the border
constexpr double kHeight = std::numbers::sqrt3 / 2;
constexpr std::size_t kFinest = 1000; ///< divisions tried

Status check(const SimplexPoint& point, std::size_t place, std::size_t vertices) {
    const std::string where = "grid point " + std::to_string(place + 1);
    if (point.alpha.size() != vertices)
        return inputError(where, "has " + std::to_string(point.alpha.size()) + " coefficients, not " +
                                     std::to_string(vertices));
    const double sum = std::accumulate(point.alpha.begin(), point.alpha.end(), 0.0);
    const bool isNegative = std::ranges::any_of(point.alpha, [](double a) { return !(a >= -kSlack); });
    if (isNegative || !(std::abs(sum - 1) <= kSlack))
        return inputError(where, "has coefficients that sum up to " + std::to_string(sum) +
                                     "; they must be 0 or more and sum up to 1");
    return ok();
}

Status check(const SimplexEdge& edge, std::size_t place, std::size_t vertices) {
    const std::string where = "edge " + std::to_string(place + 1);
    if (edge.from >= vertices || edge.to >= vertices || edge.from == edge.to)
        return inputError(where, "goes from vertex " + std::to_string(edge.from) + " to " +
                                     std::to_string(edge.to) + "; it must join two of the " +
                                     std::to_string(vertices) + ", counted from 0");
    if (edge.train.size() != edge.t.size() || edge.validation.size() != edge.t.size())
        return inputError(where, "has " + std::to_string(edge.t.size()) + " places but " +
                                     std::to_string(edge.train.size()) + " training and " +
                                     std::to_string(edge.validation.size()) + " validation losses");
    if (!std::ranges::is_sorted(edge.t))
        return inputError(where, "has places that do not ascend; order them by t");
    return ok();
}

double lossOf(const SimplexPoint& point, LossOn data) {
    return data == LossOn::Training ? point.train : point.validation;
}

bool isMultiple(double value) { return std::abs(value - std::round(value)) < 1e-4; }

/// The fewest divisions of which all coefficients are multiples; 0: there are none.
std::size_t divisionsOf(const SimplexLoss& loss) {
    for (std::size_t n = 1; n <= kFinest; ++n)
        if ((n + 1) * (n + 2) / 2 == loss.grid.size())
            return std::ranges::all_of(loss.grid,
                                       [n](const SimplexPoint& point) {
                                           return std::ranges::all_of(point.alpha, [n](double a) {
                                               return isMultiple(a * static_cast<double>(n));
                                           });
                                       })
                       ? n
                       : 0;
    return 0;
}

} // namespace

Status check(const SimplexLoss& loss) {
    if (loss.vertices < 1)
        return inputError("the simplex", "has no vertices; it must have 1 or more");
    for (std::size_t i = 0; i < loss.grid.size(); ++i)
        LATHE_TRY(check(loss.grid[i], i, loss.vertices));
    for (std::size_t i = 0; i < loss.edges.size(); ++i)
        LATHE_TRY(check(loss.edges[i], i, loss.vertices));
    return ok();
}

std::optional<LossRange> lossRange(const SimplexLoss& loss) {
    LossRange range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    const auto take = [&range](double value) {
        if (!std::isfinite(value))
            return;
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    };
    for (const SimplexPoint& point : loss.grid) {
        take(point.train);
        take(point.validation);
    }
    for (const SimplexEdge& edge : loss.edges) {
        std::ranges::for_each(edge.train, take);
        std::ranges::for_each(edge.validation, take);
    }
    return range.low <= range.high ? std::optional(range) : std::nullopt;
}

PlanePoint toPlane(const Barycentric& alpha) { return {alpha[1] + alpha[2] / 2, alpha[2] * kHeight}; }

Barycentric toBarycentric(PlanePoint place) {
    const double third = place.y / kHeight;
    const double second = place.x - third / 2;
    return {1 - second - third, second, third};
}

Result<TriangleField> TriangleField::make(const SimplexLoss& loss, LossOn data) {
    if (loss.vertices != 3)
        return inputError("the simplex",
                          "has " + std::to_string(loss.vertices) + " vertices; only one of 3 is a triangle");
    TriangleField field;
    field.m_divisions = divisionsOf(loss);
    const std::size_t side = field.m_divisions + 1;
    field.m_values.assign(side * side, std::numeric_limits<double>::quiet_NaN());
    std::vector<bool> isThere(side * side);
    for (const SimplexPoint& point : loss.grid) {
        if (field.m_divisions == 0)
            break;
        const double n = static_cast<double>(field.m_divisions);
        const auto first = static_cast<std::size_t>(std::lround(point.alpha[0] * n));
        const auto second = static_cast<std::size_t>(std::lround(point.alpha[1] * n));
        field.m_values[first * side + second] = lossOf(point, data);
        isThere[first * side + second] = true;
    }
    const auto distinct = static_cast<std::size_t>(std::ranges::count(isThere, true));
    if (field.m_divisions == 0 || distinct != loss.grid.size())
        return inputError("the simplex", "has " + std::to_string(loss.grid.size()) +
                                             " grid points that are no regular grid; a triangle of n "
                                             "divisions has (n + 1)(n + 2) / 2 different ones");
    return field;
}

double TriangleField::value(std::size_t first, std::size_t second) const {
    return m_values[first * (m_divisions + 1) + second];
}

/// The grid's cell is a rhombus of two triangles; its diagonal is where the remainders sum up to 1.
double TriangleField::at(const Barycentric& alpha) const {
    LATHE_EXPECT(std::ranges::all_of(alpha, [](double a) { return a >= kOutside; }));
    const double n = static_cast<double>(m_divisions);
    const double a = std::clamp(alpha[0], 0.0, 1.0) * n;
    const double b = std::clamp(alpha[1], 0.0, 1.0 - a / n) * n;
    // The last row and column have no cell of their own: they are the border of the one before.
    const double firstWhole = std::min(std::floor(a), n - 1);
    const double secondWhole = std::clamp(std::floor(b), 0.0, n - 1 - firstWhole);
    const auto i = static_cast<std::size_t>(firstWhole);
    const auto j = static_cast<std::size_t>(secondWhole);
    const double u = a - firstWhole;
    const double v = b - secondWhole;
    if (u + v <= 1 + kSlack)
        return value(i, j) * (1 - u - v) + value(i + 1, j) * u + value(i, j + 1) * v;
    return value(i + 1, j + 1) * (u + v - 1) + value(i + 1, j) * (1 - v) + value(i, j + 1) * (1 - u);
}

double barrier(const SimplexEdge& edge, LossOn data) {
    const std::vector<double>& losses = data == LossOn::Training ? edge.train : edge.validation;
    if (losses.empty())
        return std::numeric_limits<double>::quiet_NaN();
    const double span = edge.t.back() - edge.t.front();
    double most = 0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const double share = span > 0 ? (edge.t[i] - edge.t.front()) / span : 0;
        most = std::max(most, losses[i] - ((1 - share) * losses.front() + share * losses.back()));
    }
    return most;
}

const SimplexPoint* midpoint(const SimplexLoss& loss) {
    const double share = 1.0 / static_cast<double>(std::max<std::size_t>(1, loss.vertices));
    const auto found = std::ranges::find_if(loss.grid, [share](const SimplexPoint& point) {
        return std::ranges::all_of(point.alpha, [share](double a) { return std::abs(a - share) < kSlack; });
    });
    return found == loss.grid.end() ? nullptr : &*found;
}

const SimplexPoint* vertexPoint(const SimplexLoss& loss, std::size_t vertex) {
    const auto found = std::ranges::find_if(loss.grid, [vertex](const SimplexPoint& point) {
        return vertex < point.alpha.size() && std::abs(point.alpha[vertex] - 1) < kSlack;
    });
    return found == loss.grid.end() ? nullptr : &*found;
}

ChartData edgeChart(const SimplexEdge& edge) {
    ChartData chart;
    chart.x.label = "t";
    chart.y.label = "loss";
    chart.layers.emplace_back(Lines{"training", edge.t, edge.train, 0});
    chart.layers.emplace_back(Lines{"validation", edge.t, edge.validation, 1});
    return chart;
}

} // namespace lathe
