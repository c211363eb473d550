#include "core/analysis/simplex_loss.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

class TestSimplexLoss : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void verticesAreTheCornersOfATriangle();
    void thePlaneLeadsBack();
    void theFieldIsExactOnItsGrid();
    void theFieldIsLinearBetweenItsPoints();
    void theFieldReachesEveryBorder();
    void anIrregularGridIsRefused();
    void onlyThreeVerticesAreATriangle();
    void coefficientsMustSumUpToOne();
    void anEdgeMustJoinTwoVertices();
    void listsOfAnEdgeAreOfOneLength();
    void bothDataShareOneRange();
    void aBarrierIsWhatLiesAboveTheStraightLine();
    void aConvexValleyHasNoBarrier();
    void midpointAndVerticesAreFound();
};

namespace {

/// The loss of the grid of n divisions is f(alpha).
template <typename F>
SimplexLoss gridOf(int n, F f) {
    SimplexLoss loss;
    loss.vertices = 3;
    for (int i = 0; i <= n; ++i)
        for (int j = 0; i + j <= n; ++j) {
            const std::vector<double> alpha{1.0 * i / n, 1.0 * j / n, 1.0 * (n - i - j) / n};
            loss.grid.push_back({alpha, f(alpha), 2 * f(alpha)});
        }
    return loss;
}

double plane(const std::vector<double>& alpha) { return 1 + 2 * alpha[0] - 3 * alpha[1]; }
double bowl(const std::vector<double>& alpha) {
    return alpha[0] * alpha[0] + alpha[1] * alpha[1] + alpha[2] * alpha[2];
}

bool isNear(double a, double b) { return std::abs(a - b) < 1e-12; }

} // namespace

void TestSimplexLoss::verticesAreTheCornersOfATriangle() {
    QCOMPARE(toPlane({1, 0, 0}), (PlanePoint{0, 0}));
    QCOMPARE(toPlane({0, 1, 0}), (PlanePoint{1, 0}));
    const PlanePoint top = toPlane({0, 0, 1});
    QVERIFY(isNear(top.x, 0.5) && isNear(top.y, std::sqrt(3.0) / 2));
}

void TestSimplexLoss::thePlaneLeadsBack() {
    const Barycentric alpha{0.2, 0.5, 0.3};
    const Barycentric found = toBarycentric(toPlane(alpha));
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY(isNear(found[i], alpha[i]));
    QVERIFY(toBarycentric({1, 1})[0] < 0);
}

void TestSimplexLoss::theFieldIsExactOnItsGrid() {
    const SimplexLoss loss = gridOf(6, bowl);
    const auto field = TriangleField::make(loss, LossOn::Validation);
    QVERIFY(field.has_value());
    QCOMPARE(field->divisions(), std::size_t{6});
    for (const SimplexPoint& point : loss.grid)
        QVERIFY(isNear(field->at({point.alpha[0], point.alpha[1], point.alpha[2]}), point.validation));
}

void TestSimplexLoss::theFieldIsLinearBetweenItsPoints() {
    const auto field = TriangleField::make(gridOf(4, plane), LossOn::Training);
    for (const double a : {0.0, 0.11, 0.37, 0.6})
        for (const double b : {0.0, 0.05, 0.33, 0.4})
            QVERIFY(isNear(field->at({a, b, 1 - a - b}), 1 + 2 * a - 3 * b));
}

void TestSimplexLoss::theFieldReachesEveryBorder() {
    const auto field = TriangleField::make(gridOf(5, plane), LossOn::Training);
    for (const double t : {0.0, 0.13, 0.5, 0.99, 1.0}) {
        QVERIFY(isNear(field->at({t, 1 - t, 0}), 1 + 2 * t - 3 * (1 - t)));
        QVERIFY(isNear(field->at({t, 0, 1 - t}), 1 + 2 * t));
        QVERIFY(isNear(field->at({0, t, 1 - t}), 1 - 3 * t));
    }
}

void TestSimplexLoss::anIrregularGridIsRefused() {
    SimplexLoss loss = gridOf(3, plane);
    loss.grid[4].alpha = {0.5, 0.1, 0.4};
    QVERIFY(!TriangleField::make(loss, LossOn::Training).has_value());
    loss = gridOf(3, plane);
    loss.grid.pop_back();
    QVERIFY(!TriangleField::make(loss, LossOn::Training).has_value());
    loss = gridOf(3, plane);
    loss.grid[4] = loss.grid[3];
    QVERIFY(!TriangleField::make(loss, LossOn::Training).has_value());
}

void TestSimplexLoss::onlyThreeVerticesAreATriangle() {
    SimplexLoss loss;
    loss.vertices = 2;
    QCOMPARE(TriangleField::make(loss, LossOn::Training).error().text(),
             std::string("the simplex: has 2 vertices; only one of 3 is a triangle"));
}

void TestSimplexLoss::coefficientsMustSumUpToOne() {
    SimplexLoss loss = gridOf(2, plane);
    QVERIFY(check(loss).has_value());
    loss.grid[1].alpha[0] += 0.5;
    QCOMPARE(check(loss).error().where, std::string("grid point 2"));
    loss.grid[1].alpha = {1};
    QCOMPARE(check(loss).error().text(), std::string("grid point 2: has 1 coefficients, not 3"));
    loss.grid[1].alpha = {1.5, -0.5, 0};
    QVERIFY(!check(loss).has_value());
}

void TestSimplexLoss::anEdgeMustJoinTwoVertices() {
    SimplexLoss loss;
    loss.vertices = 2;
    loss.edges = {{0, 2, {}, {}, {}}};
    QVERIFY(!check(loss).has_value());
    loss.edges = {{1, 1, {}, {}, {}}};
    QVERIFY(!check(loss).has_value());
}

void TestSimplexLoss::listsOfAnEdgeAreOfOneLength() {
    SimplexLoss loss;
    loss.vertices = 2;
    loss.edges = {{0, 1, {0, 1}, {1, 1}, {1}}};
    QCOMPARE(check(loss).error().text(),
             std::string("edge 1: has 2 places but 2 training and 1 validation losses"));
    loss.edges = {{0, 1, {1, 0}, {1, 1}, {1, 1}}};
    QVERIFY(!check(loss).has_value());
}

void TestSimplexLoss::bothDataShareOneRange() {
    SimplexLoss loss = gridOf(3, bowl);
    loss.edges = {{0, 1, {0, 1}, {0.1, std::nan("")}, {9, 1}}};
    QCOMPARE(*lossRange(loss), (LossRange{0.1, 9}));
    QVERIFY(!lossRange({}));
}

void TestSimplexLoss::aBarrierIsWhatLiesAboveTheStraightLine() {
    const SimplexEdge edge{0, 1, {0, 0.25, 0.5, 1}, {1, 2, 1.5, 3}, {1, 1, 1, 1}};
    QVERIFY(isNear(barrier(edge, LossOn::Training), 0.5));
    QVERIFY(isNear(barrier(edge, LossOn::Validation), 0));
    QVERIFY(std::isnan(barrier({0, 1, {}, {}, {}}, LossOn::Training)));
}

void TestSimplexLoss::aConvexValleyHasNoBarrier() {
    const SimplexEdge edge{0, 1, {0, 0.5, 1}, {1, 0.2, 1}, {1, 0.2, 1}};
    QVERIFY(isNear(barrier(edge, LossOn::Training), 0));
}

void TestSimplexLoss::midpointAndVerticesAreFound() {
    const SimplexLoss loss = gridOf(3, bowl);
    QVERIFY(midpoint(loss) != nullptr && isNear(midpoint(loss)->train, 1.0 / 3));
    QVERIFY(vertexPoint(loss, 2) != nullptr && isNear(vertexPoint(loss, 2)->train, 1));
    QVERIFY(midpoint(gridOf(4, bowl)) == nullptr);
}

QTEST_GUILESS_MAIN(TestSimplexLoss)
#include "tst_simplex_loss.moc"
