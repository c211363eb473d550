#include "core/analysis/rank_correlation.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestRankCorrelation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithScipyWithoutTies();
    void agreesWithScipyWithTies();
    void agreesWithScipyBeyondTheExactTest();
    void intervalsHoldTheCoefficient();
    void whatNeverVariesHasNoCorrelation();
    void fewValuesProveNothing();
    void categoriesHaveNoOrder();
    void conditionalParametersCountWhereTheyAreActive();
};

namespace {

struct Pairs {
    std::vector<double> x, y;
};

Pairs pairsOf(std::int64_t count) {
    Pairs pairs;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto u = spread(i);
        pairs.x.push_back(u[0]);
        pairs.y.push_back(u[0] * u[0] + 0.5 * u[1]);
    }
    return pairs;
}

bool isNear(double value, double expected) { return std::abs(value / expected - 1) < 1e-9; }

} // namespace

void TestRankCorrelation::agreesWithScipyWithoutTies() {
    // scipy 1.17.1: spearmanr and kendalltau (exact).
    const auto [x, y] = pairsOf(20);
    QVERIFY(isNear(spearmanCorrelation(x, y).coefficient, 0.7518796992481201));
    QVERIFY(isNear(spearmanCorrelation(x, y).pValue, 0.00013187874499474226));
    QVERIFY(isNear(kendallCorrelation(x, y).coefficient, 0.5368421052631579));
    QVERIFY(isNear(kendallCorrelation(x, y).pValue, 0.000638160515782914));
}

void TestRankCorrelation::agreesWithScipyWithTies() {
    auto [x, y] = pairsOf(20);
    for (double& value : x)
        value = std::floor(4 * value);
    for (double& value : y)
        value = std::floor(5 * value);
    QVERIFY(isNear(spearmanCorrelation(x, y).coefficient, 0.859981819710687));
    QVERIFY(isNear(spearmanCorrelation(x, y).pValue, 1.1685780731894231e-06));
    QVERIFY(isNear(kendallCorrelation(x, y).coefficient, 0.7601404095771732));
    QVERIFY(isNear(kendallCorrelation(x, y).pValue, 9.499901417076764e-05));
}

void TestRankCorrelation::agreesWithScipyBeyondTheExactTest() {
    const auto [x, y] = pairsOf(60);
    QVERIFY(isNear(kendallCorrelation(x, y).coefficient, 0.6745762711864407));
    QVERIFY(isNear(kendallCorrelation(x, y).pValue, 2.6318955513744624e-14));
    QVERIFY(isNear(spearmanCorrelation(x, y).pValue, 2.1272817441560818e-19));
}

void TestRankCorrelation::intervalsHoldTheCoefficient() {
    const auto [x, y] = pairsOf(20);
    for (const RankCorrelation& found : {spearmanCorrelation(x, y), kendallCorrelation(x, y)})
        QVERIFY(-1 < found.low && found.low < found.coefficient && found.coefficient < found.high &&
                found.high < 1);
    // tanh(atanh(r) ± 1.96 sqrt((1 + r² / 2) / (n - 3))), for r = 0.7518796992, by Python.
    QVERIFY(std::abs(spearmanCorrelation(x, y).low - 0.412729679364) < 1e-9);
    QVERIFY(std::abs(spearmanCorrelation(x, y).high - 0.907933772214) < 1e-9);
    QCOMPARE(spearmanCorrelation(x, x).coefficient, 1.0);
    QCOMPARE(spearmanCorrelation(x, x).pValue, 0.0);
    QCOMPARE(spearmanCorrelation(x, x).low, 1.0);
}

void TestRankCorrelation::whatNeverVariesHasNoCorrelation() {
    const std::vector<double> x{1, 2, 3, 4, 5};
    const std::vector<double> same(5, 2.0);
    QVERIFY(std::isnan(spearmanCorrelation(x, same).coefficient) &&
            std::isnan(spearmanCorrelation(x, same).pValue));
    QVERIFY(std::isnan(kendallCorrelation(same, x).coefficient));
    QVERIFY(std::isnan(kendallCorrelation({}, {}).coefficient));
}

void TestRankCorrelation::fewValuesProveNothing() {
    const std::vector<double> x{1, 2, 3};
    QCOMPARE(spearmanCorrelation(x, x).coefficient, 1.0);
    QCOMPARE(spearmanCorrelation(x, x).pValue, 1.0);
    QCOMPARE(kendallCorrelation(x, x).low, -1.0);
}

void TestRankCorrelation::categoriesHaveNoOrder() {
    StudyTrials study;
    study.space = {choiceDimension("method", {"a", "b", "c"}),
                   choiceDimension("size", {"s", "m", "l"}, true),
                   {"flag", BoolDomain{}, {}}};
    const std::vector<std::string> sizes{"s", "m", "l"};
    for (std::int64_t i = 0; i < 9; ++i)
        study.trials.push_back(trialOf(
            i,
            {{"method", std::string("a")}, {"size", sizes[static_cast<std::size_t>(i / 3)]}, {"flag", i > 4}},
            {static_cast<double>(-i)}));
    const auto found = correlations(study);
    QCOMPARE(found.size(), 2U);
    QCOMPARE(found[0].key, std::string("size"));
    QVERIFY(found[0].spearman.coefficient < -0.9);
    QVERIFY(found[1].kendall.coefficient < -0.7);
}

void TestRankCorrelation::conditionalParametersCountWhereTheyAreActive() {
    StudyTrials study;
    study.space = {realDimension("x", 0, 1)};
    for (std::int64_t i = 0; i < 10; ++i) {
        ParamValues values;
        if (i % 2 == 0)
            values.set("x", static_cast<double>(i) / 10);
        study.trials.push_back(trialOf(i, values, {static_cast<double>(i)}));
    }
    QCOMPARE(correlations(study)[0].spearman.count, 5U);
    QCOMPARE(correlations(study)[0].spearman.coefficient, 1.0);
}

QTEST_GUILESS_MAIN(TestRankCorrelation)
#include "tst_rank_correlation.moc"
