#include "core/adapter/simplex_coefficients.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <functional>

using namespace lathe;

namespace {

constexpr std::int64_t kDraws = 100000;

/// Mean of a function of the draws, and its standard error.
std::pair<double, double> meanOf(std::int64_t count, const std::function<double(std::int64_t)>& value) {
    double sum = 0;
    double squares = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const double each = value(i);
        sum += each;
        squares += each * each;
    }
    const auto n = static_cast<double>(count);
    const double mean = sum / n;
    return {mean, std::sqrt((squares / n - mean * mean) / n)};
}

bool isWithin3(const std::pair<double, double>& mean, double expected) {
    return std::abs(mean.first - expected) <= 3 * mean.second;
}

} // namespace

class TestSimplexCoefficients : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void property4CoefficientsAreUniformOnTheSimplex_data();
    void property4CoefficientsAreUniformOnTheSimplex();
    void otherConcentrationsHaveTheirVariance_data();
    void otherConcentrationsHaveTheirVariance();
    void property6ScopesShareWhatTheySay_data();
    void property6ScopesShareWhatTheySay();
    void property6TheSameSeedGivesTheSameOnAnyNumberOfThreads();
    void aRowDoesNotDependOnThoseBefore();
    void oneVertexHasOne();
    void pairsDifferAndAllComeUp();
    void property3RegulariserOfAHandMadeCase();
};

void TestSimplexCoefficients::property4CoefficientsAreUniformOnTheSimplex_data() {
    QTest::addColumn<int>("m");
    for (const int m : {2, 3, 5})
        QTest::addRow("%d vertices", m) << m;
}

void TestSimplexCoefficients::property4CoefficientsAreUniformOnTheSimplex() {
    QFETCH(int, m);
    const at::Tensor all = drawCoefficients({m, AlphaScope::Observation, 1}, 11, 0, kDraws, 1).contiguous();
    const double* alpha = all.const_data_ptr<double>();
    const auto of = [&](std::int64_t draw, int i) { return alpha[draw * m + i]; };
    for (std::int64_t draw = 0; draw < kDraws; ++draw) {
        double sum = 0;
        for (int i = 0; i < m; ++i) {
            QVERIFY(of(draw, i) >= 0);
            sum += of(draw, i);
        }
        QVERIFY(std::abs(sum - 1) < 1e-6);
    }
    const double mean = 1.0 / m;
    const double covariance = -1.0 / (m * m * (m + 1));
    const double variance = -covariance * (m - 1);
    for (int i = 0; i < m; ++i) {
        QVERIFY(isWithin3(meanOf(kDraws, [&](auto draw) { return of(draw, i); }), mean));
        for (int j = 0; j <= i; ++j)
            QVERIFY(isWithin3(
                meanOf(kDraws, [&](auto draw) { return (of(draw, i) - mean) * (of(draw, j) - mean); }),
                i == j ? variance : covariance));
    }
    // Vertices in a plane: how far a drawn point is from the middle.
    double expected = 0;
    const auto vertex = [m](int i, int axis) { return std::sin(i * 1.7 + axis * 0.6) * (i + 1) / m; };
    const auto middle = [&](int axis) {
        double sum = 0;
        for (int i = 0; i < m; ++i)
            sum += vertex(i, axis) / m;
        return sum;
    };
    for (int i = 0; i < m; ++i)
        for (const int axis : {0, 1})
            expected += std::pow(vertex(i, axis) - middle(axis), 2) / (m * (m + 1));
    QVERIFY(isWithin3(meanOf(kDraws,
                             [&](auto draw) {
                                 double squared = 0;
                                 for (const int axis : {0, 1}) {
                                     double place = 0;
                                     for (int i = 0; i < m; ++i)
                                         place += of(draw, i) * vertex(i, axis);
                                     squared += std::pow(place - middle(axis), 2);
                                 }
                                 return squared;
                             }),
                      expected));
}

void TestSimplexCoefficients::otherConcentrationsHaveTheirVariance_data() {
    QTest::addColumn<double>("a");
    QTest::newRow("corners") << 0.3;
    QTest::newRow("middle") << 4.0;
}

/// Of a Dirichlet(a, …, a) of m: (m − 1) / (m² (m a + 1)).
void TestSimplexCoefficients::otherConcentrationsHaveTheirVariance() {
    QFETCH(double, a);
    const at::Tensor all = drawCoefficients({3, AlphaScope::Observation, a}, 5, 0, 20000, 1).contiguous();
    const double* alpha = all.const_data_ptr<double>();
    for (int i = 0; i < 3; ++i) {
        QVERIFY(isWithin3(meanOf(20000, [&](auto draw) { return alpha[draw * 3 + i]; }), 1.0 / 3));
        QVERIFY(
            isWithin3(meanOf(20000, [&](auto draw) { return std::pow(alpha[draw * 3 + i] - 1.0 / 3, 2); }),
                      2.0 / (9 * (3 * a + 1))));
    }
}

void TestSimplexCoefficients::property6ScopesShareWhatTheySay_data() {
    QTest::addColumn<QString>("scope");
    QTest::addColumn<bool>("differsByRow");
    QTest::addColumn<bool>("differsBySlot");
    QTest::newRow("observation_layer") << "observation_layer" << true << true;
    QTest::newRow("observation") << "observation" << true << false;
    QTest::newRow("batch_layer") << "batch_layer" << false << true;
    QTest::newRow("batch") << "batch" << false << false;
}

void TestSimplexCoefficients::property6ScopesShareWhatTheySay() {
    QFETCH(QString, scope);
    QFETCH(bool, differsByRow);
    QFETCH(bool, differsBySlot);
    const CoefficientSettings settings{3, alphaScopeFrom(scope.toStdString()), 1};
    const at::Tensor alpha = drawCoefficients(settings, 7, 0, 4, 5).expand({4, 5, 3});
    for (int row = 0; row < 4; ++row)
        for (int slot = 0; slot < 5; ++slot)
            for (int other = 0; other < 4; ++other)
                for (int beside = 0; beside < 5; ++beside) {
                    const bool isSame = (row == other || !differsByRow) && (slot == beside || !differsBySlot);
                    QCOMPARE(at::equal(alpha[row][slot], alpha[other][beside]), isSame);
                }
}

void TestSimplexCoefficients::property6TheSameSeedGivesTheSameOnAnyNumberOfThreads() {
    const CoefficientSettings settings{4, AlphaScope::ObservationLayer, 1};
    at::set_num_threads(1);
    const at::Tensor one = drawCoefficients(settings, 3, 0, 64, 7);
    at::set_num_threads(4);
    QVERIFY(at::equal(drawCoefficients(settings, 3, 0, 64, 7), one));
    QVERIFY(!at::equal(drawCoefficients(settings, 4, 0, 64, 7), one));
    at::set_num_threads(1);
}

/// So accumulated batches draw what one large batch would.
void TestSimplexCoefficients::aRowDoesNotDependOnThoseBefore() {
    for (const double a : {1.0, 0.5}) {
        const CoefficientSettings settings{5, AlphaScope::ObservationLayer, a};
        const at::Tensor whole = drawCoefficients(settings, 3, 0, 6, 2);
        QVERIFY(at::equal(drawCoefficients(settings, 3, 4, 2, 2), whole.narrow(0, 4, 2)));
    }
}

void TestSimplexCoefficients::oneVertexHasOne() {
    const at::Tensor alpha = drawCoefficients({1, AlphaScope::ObservationLayer, 1}, 9, 0, 3, 4);
    QVERIFY(at::equal(alpha, at::ones({3, 4, 1}, at::kDouble)));
}

void TestSimplexCoefficients::pairsDifferAndAllComeUp() {
    std::set<std::pair<std::int64_t, std::int64_t>> seen;
    for (std::int64_t step = 0; step < 200; ++step) {
        const auto pair = drawPair(3, 5, step);
        QVERIFY(pair.first != pair.second && pair.first < 3 && pair.second < 3);
        seen.insert(pair);
    }
    QCOMPARE(seen.size(), std::size_t{6});
    QVERIFY(drawPair(3, 5, 17) == drawPair(3, 5, 17));
}

/// (1·3 + 2·4)² / ((1 + 4)(9 + 16)), over all entries at once.
void TestSimplexCoefficients::property3RegulariserOfAHandMadeCase() {
    const at::Tensor one = at::tensor({1.0, 2.0}, at::kDouble).view({2, 1});
    const at::Tensor other = at::tensor({3.0, 4.0}, at::kDouble).view({2, 1});
    QCOMPARE(squaredCosine(one, other).item<double>(), 121.0 / 125);
    QCOMPARE(squaredCosine(other, other).item<double>(), 1.0);
}

QTEST_GUILESS_MAIN(TestSimplexCoefficients)
#include "tst_simplex_coefficients.moc"
