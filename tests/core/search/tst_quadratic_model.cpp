#include "core/search/quadratic_model.h"

#include <QtTest>
#include <cmath>

using namespace lathe;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

MatrixXd randomPoints(Index n, Index count, std::uint64_t seed) {
    Rng rng(seed);
    MatrixXd points(n, count);
    for (double& value : points.reshaped())
        value = 4 * rng.uniform() - 2;
    return points;
}

double bowl(const VectorXd& x) {
    double sum = 3;
    for (Index i = 0; i < x.size(); ++i)
        sum += (1.0 + static_cast<double>(i)) * std::pow(x[i] - 0.3 * static_cast<double>(i), 2);
    return sum + 0.5 * x[0] * x[1];
}

MatrixXd bowlAt(const MatrixXd& points) {
    MatrixXd values(1, points.cols());
    for (Index p = 0; p < points.cols(); ++p)
        values(0, p) = bowl(points.col(p));
    return values;
}

} // namespace

class TestQuadraticModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recoversAQuadraticFromAsManyPointsAsItHasTerms() {
        const MatrixXd points = randomPoints(4, 15, 1);
        const auto model = QuadraticModel::fit(points, bowlAt(points));
        QVERIFY(model.has_value());
        const MatrixXd others = randomPoints(4, 20, 2);
        for (Index p = 0; p < others.cols(); ++p)
            QVERIFY(std::abs(model->at(others.col(p))[0] - bowl(others.col(p))) < 1e-8);
    }

    void aRidgeStandsInForMissingPoints() {
        const MatrixXd points = randomPoints(4, 9, 1);
        const auto model = QuadraticModel::fit(points, bowlAt(points));
        QVERIFY(model.has_value());
        for (Index p = 0; p < points.cols(); ++p) // near the points, but not on them
            QVERIFY(std::abs(model->at(points.col(p))[0] - bowl(points.col(p))) < 0.5);
    }

    void needsPointsThatVaryAndFewTerms() {
        const MatrixXd few = randomPoints(4, 3, 1);
        QVERIFY(!QuadraticModel::fit(few, bowlAt(few)));
        const MatrixXd same = MatrixXd::Constant(4, 20, 1.0);
        QVERIFY(!QuadraticModel::fit(same, bowlAt(same)));
        const MatrixXd wide = randomPoints(19, 300, 1); // 210 terms
        QVERIFY(!QuadraticModel::fit(wide, bowlAt(wide)));
        const MatrixXd narrower = randomPoints(18, 200, 1); // 190 terms
        QVERIFY(QuadraticModel::fit(narrower, bowlAt(narrower)));
    }

    void aConstantVariableIsLeftOut() {
        MatrixXd points = randomPoints(3, 12, 3);
        points.row(1).setConstant(0.5);
        const auto model = QuadraticModel::fit(points, bowlAt(points));
        QVERIFY(model.has_value());
        for (Index p = 0; p < points.cols(); ++p)
            QVERIFY(std::abs(model->at(points.col(p))[0] - bowl(points.col(p))) < 1e-8);
    }

    void theMinimiserOfAModelIsFound() {
        const MatrixXd points = randomPoints(3, 30, 4);
        const auto model = QuadraticModel::fit(points, bowlAt(points));
        Rng rng(5);
        const VectorXd low = VectorXd::Constant(3, -2);
        const VectorXd high = VectorXd::Constant(3, 2);
        const VectorXd found = minimise(*model, low, high, VectorXd::Zero(3), rng);
        // Gradient 0: 2 x0 + 0.5 x1 = 0, 4 (x1 - 0.3) + 0.5 x0 = 0, 6 (x2 - 0.6) = 0.
        const double x1 = 1.2 / (4 - 0.125);
        QVERIFY(std::abs(found[0] + x1 / 4) < 1e-5);
        QVERIFY(std::abs(found[1] - x1) < 1e-5);
        QVERIFY(std::abs(found[2] - 0.6) < 1e-5);
    }

    void constraintsBoundTheMinimiser() {
        const MatrixXd points = randomPoints(2, 30, 6);
        MatrixXd outputs(2, points.cols());
        outputs.row(0) = points.colwise().squaredNorm();
        outputs.row(1) = (1 - points.row(0).array()).matrix(); // x0 >= 1
        const auto model = QuadraticModel::fit(points, outputs);
        Rng rng(7);
        const VectorXd found =
            minimise(*model, VectorXd::Constant(2, -2), VectorXd::Constant(2, 2), VectorXd::Zero(2), rng);
        QVERIFY(std::abs(found[0] - 1) < 1e-3);
        QVERIFY(std::abs(found[1]) < 0.05);
    }

    void feasibleComesBeforeInfeasible() {
        QVERIFY(isBetter({5, 0}, {1, 0.1}));
        QVERIFY(isBetter({1, 0}, {5, 0}));
        QVERIFY(isBetter({9, 0.1}, {1, 0.2}));
        QVERIFY(!isBetter({1, 0}, {1, 0}));
    }
};

QTEST_GUILESS_MAIN(TestQuadraticModel)
#include "tst_quadratic_model.moc"
