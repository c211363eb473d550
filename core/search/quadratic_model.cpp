#include "core/search/quadratic_model.h"

#include "core/search/lbfgs.h"
#include "core/search/mads_mesh.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRidge = 1e-3;
constexpr int kMostLooks = 2000;
constexpr double kFinestFrame = 1e-9;

void standardise(const MatrixXd& rows, VectorXd& centre, VectorXd& spread) {
    centre = rows.rowwise().mean();
    spread =
        ((rows.colwise() - centre).rowwise().squaredNorm() / static_cast<double>(rows.cols())).cwiseSqrt();
    spread = spread.unaryExpr([](double value) { return value > 0 ? value : 1; });
}

VectorXd randomUnit(Index size, Rng& rng) {
    VectorXd unit(size);
    do
        for (double& value : unit)
            value = rng.normal();
    while (unit.squaredNorm() == 0);
    return unit.normalized();
}

} // namespace

VectorXd QuadraticModel::terms(const VectorXd& point) const {
    const auto n = static_cast<Index>(m_varying.size());
    VectorXd x(n);
    for (Index i = 0; i < n; ++i) {
        const Index variable = m_varying[static_cast<std::size_t>(i)];
        x[i] = (point[variable] - m_centre[variable]) / m_spread[variable];
    }
    VectorXd all((n + 1) * (n + 2) / 2);
    Index at = 0;
    all[at++] = 1;
    for (Index i = 0; i < n; ++i)
        all[at++] = x[i];
    for (Index i = 0; i < n; ++i)
        for (Index j = i; j < n; ++j)
            all[at++] = i == j ? 0.5 * x[i] * x[i] : x[i] * x[j];
    return all;
}

std::optional<QuadraticModel> QuadraticModel::fit(const MatrixXd& points, const MatrixXd& outputs) {
    const Index count = points.cols();
    QuadraticModel model;
    for (Index i = 0; i < points.rows(); ++i)
        if (count > 0 && points.row(i).maxCoeff() > points.row(i).minCoeff())
            model.m_varying.push_back(i);
    const auto n = static_cast<Index>(model.m_varying.size());
    const Index terms = (n + 1) * (n + 2) / 2;
    if (n == 0 || terms > kMostTerms || count < std::max<Index>(2, points.rows()))
        return std::nullopt;
    standardise(points, model.m_centre, model.m_spread);
    standardise(outputs, model.m_outputCentre, model.m_outputSpread);
    MatrixXd design(count, terms);
    MatrixXd wanted(count, outputs.rows());
    for (Index p = 0; p < count; ++p) {
        design.row(p) = model.terms(points.col(p)).transpose();
        wanted.row(p) =
            (outputs.col(p) - model.m_outputCentre).cwiseQuotient(model.m_outputSpread).transpose();
    }
    if (count >= terms) {
        model.m_coefficients = design.completeOrthogonalDecomposition().solve(wanted);
    } else {
        MatrixXd normal = design.transpose() * design;
        normal.diagonal().array() += kRidge;
        model.m_coefficients = normal.ldlt().solve(design.transpose() * wanted);
    }
    if (!model.m_coefficients.allFinite())
        return std::nullopt;
    return model;
}

VectorXd QuadraticModel::at(const VectorXd& point) const {
    return (m_coefficients.transpose() * terms(point)).cwiseProduct(m_outputSpread) + m_outputCentre;
}

ModelValue valueOf(const VectorXd& outputs) {
    return {outputs[0], outputs.tail(outputs.size() - 1).cwiseMax(0).squaredNorm()};
}

bool isBetter(const ModelValue& a, const ModelValue& b) {
    if (a.violation == 0 && b.violation == 0)
        return a.objective < b.objective;
    return a.violation != b.violation ? a.violation < b.violation : a.objective < b.objective;
}

namespace {

/// Augmented Lagrangian (Hestenes 1969, Powell 1969) of the model over the unit box: follows constraints that
/// meet, in whose corner a direct search gets stuck.
class Lagrangian {
public:
    Lagrangian(const QuadraticModel& model, const VectorXd& low, const VectorXd& high, const VectorXd& start)
        : m_model(model), m_low(low), m_range(high - low), m_spread(outputsAround(start)) {}

    [[nodiscard]] VectorXd minimum(const VectorXd& start) const {
        VectorXd unit = (start - m_low).cwiseQuotient(m_range.cwiseMax(1e-300));
        const VectorXd zero = VectorXd::Zero(unit.size());
        const VectorXd one = VectorXd::Ones(unit.size());
        VectorXd multipliers = VectorXd::Zero(m_spread.size() - 1);
        double weight = kFirstWeight;
        for (int round = 0; round < kRounds; ++round, weight *= kGrowth) {
            const auto function = [&](const VectorXd& at, VectorXd& gradient) {
                gradient.resize(at.size());
                for (Index i = 0; i < at.size(); ++i) {
                    const VectorXd step = VectorXd::Unit(at.size(), i) * kDifference;
                    gradient[i] =
                        (value(at + step, multipliers, weight) - value(at - step, multipliers, weight)) /
                        (2 * kDifference);
                }
                return value(at, multipliers, weight);
            };
            unit = minimiseSmooth(function, unit, zero, one, {40, 1e-6});
            multipliers = (multipliers + weight * outputs(unit).tail(multipliers.size())).cwiseMax(0);
        }
        return m_low + unit.cwiseProduct(m_range);
    }

private:
    static constexpr double kFirstWeight = 10;
    static constexpr double kGrowth = 3;
    static constexpr int kRounds = 7;
    static constexpr double kDifference = 1e-5;

    /// By how much each output varies over the box, along its edges.
    [[nodiscard]] VectorXd outputsAround(const VectorXd& start) const {
        const VectorXd middle = m_model.at(start);
        VectorXd spread = VectorXd::Constant(middle.size(), 1e-12);
        for (Index i = 0; i < start.size(); ++i)
            for (const double end : {m_low[i], m_low[i] + m_range[i]}) {
                VectorXd there = start;
                there[i] = end;
                spread = spread.cwiseMax((m_model.at(there) - middle).cwiseAbs());
            }
        return spread;
    }

    [[nodiscard]] VectorXd outputs(const VectorXd& unit) const {
        return m_model.at(m_low + unit.cwiseProduct(m_range)).cwiseQuotient(m_spread);
    }

    [[nodiscard]] double value(const VectorXd& unit, const VectorXd& multipliers, double weight) const {
        const VectorXd found = outputs(unit);
        const VectorXd pressure = (multipliers + weight * found.tail(multipliers.size())).cwiseMax(0);
        return found[0] + pressure.squaredNorm() / (2 * weight);
    }

    const QuadraticModel& m_model;
    VectorXd m_low;
    VectorXd m_range;
    VectorXd m_spread;
};

/// The better one where constraints are met but for rounding.
VectorXd betterOf(const QuadraticModel& model, const VectorXd& a, const VectorXd& b) {
    constexpr double kRounding = 1e-6;
    const auto isMet = [](const ModelValue& value) { return value.violation <= kRounding; };
    const ModelValue first = valueOf(model.at(a));
    const ModelValue second = valueOf(model.at(b));
    if (isMet(first) && isMet(second))
        return second.objective < first.objective ? b : a;
    return second.violation < first.violation ? b : a;
}

} // namespace

VectorXd minimise(const QuadraticModel& model, const VectorXd& low, const VectorXd& high,
                  const VectorXd& start, Rng& rng) {
    const VectorXd range = high - low;
    VectorXd best = start.cwiseMax(low).cwiseMin(high);
    ModelValue bestValue = valueOf(model.at(best));
    double frame = 0.25;
    int looks = 1;
    while (looks < kMostLooks && frame > kFinestFrame) {
        const MatrixXd basis = householder(randomUnit(best.size(), rng));
        VectorXd next = best;
        ModelValue nextValue = bestValue;
        for (Index i = 0; i < basis.rows() && looks < kMostLooks; ++i)
            for (const double sign : {1.0, -1.0}) {
                const VectorXd step = sign * frame * basis.row(i).transpose().cwiseProduct(range);
                const VectorXd trial = (best + step).cwiseMax(low).cwiseMin(high);
                const ModelValue value = valueOf(model.at(trial));
                ++looks;
                if (isBetter(value, nextValue)) {
                    next = trial;
                    nextValue = value;
                }
            }
        const bool isSuccess = isBetter(nextValue, bestValue);
        if (isSuccess) { // as far again in the direction that helped
            const VectorXd further = (next + 3 * (next - best)).cwiseMax(low).cwiseMin(high);
            const ModelValue value = valueOf(model.at(further));
            ++looks;
            const bool isFurther = isBetter(value, nextValue);
            best = isFurther ? further : next;
            bestValue = isFurther ? value : nextValue;
        }
        frame = isSuccess ? std::min(2 * frame, 0.5) : frame / 2;
    }
    if (model.at(best).size() > 1)
        return betterOf(model, best, Lagrangian(model, low, high, best).minimum(best));
    return best;
}

} // namespace lathe
