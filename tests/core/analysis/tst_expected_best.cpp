#include "core/analysis/expected_best.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestExpectedBest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheFormula();
    void intervalsHoldTheMeanAndRepeat();
    void noValuesAreNoCurve();
    void theChartTakesWhatIsFeasible();
};

namespace {

const std::vector<double> kValues{3, 1, 4, 1, 5, 9, 2, 6};

bool isNear(double value, double expected) { return std::abs(value - expected) < 1e-12; }

} // namespace

void TestExpectedBest::agreesWithTheFormula() {
    // By numpy from equation 7 of arXiv:1909.03004 and the second moment of the same distribution.
    const ExpectedBest highest = expectedBest(kValues, Direction::Highest);
    QCOMPARE(highest.mean.size(), 8U);
    QVERIFY(isNear(highest.mean[0], 3.875) && isNear(highest.deviation[0], 2.5708704751503917));
    QVERIFY(isNear(highest.mean[1], 5.296875) && isNear(highest.deviation[1], 2.479161195722255));
    QVERIFY(isNear(highest.mean[7], 7.841464698314667) && isNear(highest.deviation[7], 1.645872313506097));
    const ExpectedBest lowest = expectedBest(kValues, Direction::Lowest);
    QVERIFY(isNear(lowest.mean[2], 1.865234375) && isNear(lowest.deviation[2], 1.2714573729851737));
    QVERIFY(isNear(lowest.mean[7], 1.1277087330818176) && isNear(lowest.deviation[7], 0.41959617947875616));
}

void TestExpectedBest::intervalsHoldTheMeanAndRepeat() {
    const ExpectedBest expected = expectedBest(kValues, Direction::Lowest, 4);
    for (std::size_t i = 0; i < expected.mean.size(); ++i)
        QVERIFY(expected.low[i] <= expected.mean[i] && expected.mean[i] <= expected.high[i]);
    // The mean of one value: the bootstrap's standard error is the deviation over sqrt(8).
    const double error = expected.deviation[0] / std::sqrt(8.0);
    QVERIFY(std::abs((expected.high[0] - expected.low[0]) / (2 * 1.96 * error) - 1) < 0.15);
    QCOMPARE(expectedBest(kValues, Direction::Lowest, 4).low, expected.low);
}

void TestExpectedBest::noValuesAreNoCurve() {
    QVERIFY(expectedBest({}, Direction::Lowest).mean.empty());
    QVERIFY(expectedBest(std::vector<double>{std::nan(""), INFINITY}, Direction::Highest).low.empty());
    QCOMPARE(expectedBest(std::vector<double>{2}, Direction::Highest).high, std::vector<double>{2});
}

void TestExpectedBest::theChartTakesWhatIsFeasible() {
    StudyTrials study = studyOf(kValues);
    study.trials[1].constraints = {1};
    study.trials[3].state = TrialState::Pruned;
    const ChartData chart = expectedBestChart(study);
    QCOMPARE(std::get<Lines>(chart.layers.at(1)).x.size(), 6U);
    QVERIFY(isNear(std::get<Lines>(chart.layers.at(1)).y[0], 29.0 / 6));
    QVERIFY(expectedBestChart(StudyTrials()).layers.empty());
}

QTEST_GUILESS_MAIN(TestExpectedBest)
#include "tst_expected_best.moc"
