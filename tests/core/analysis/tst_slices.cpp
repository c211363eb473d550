#include "core/analysis/slices.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestSlices : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pointsAreWhereTheParameterIsActive();
    void choicesStandAtTheirIndex();
    void theChartTellsKindsApart();
};

namespace {

StudyTrials someStudy() {
    StudyTrials study;
    study.space = {realDimension("lr", 1e-5, 1e-3, true), choiceDimension("method", {"a", "b"})};
    for (std::int64_t i = 0; i < 6; ++i)
        study.trials.push_back(
            trialOf(i, {{"lr", 1e-4 * static_cast<double>(i + 1)}, {"method", std::string("b")}},
                    {static_cast<double>(6 - i)}));
    study.trials[1].state = TrialState::Pruned;
    study.trials[2].state = TrialState::Failed;
    study.trials[3].values.remove("lr");
    study.trials[5].constraints = {1};
    return study;
}

} // namespace

void TestSlices::pointsAreWhereTheParameterIsActive() {
    const ParameterSlice slice = parameterSlice(someStudy(), "lr");
    QVERIFY(slice.isLog);
    QCOMPARE(slice.points.size(), 4U);
    QCOMPARE(slice.points[1].trial, 1);
    QVERIFY(slice.points[1].isPruned);
    QVERIFY(std::abs(slice.points[2].x / 5e-4 - 1) < 1e-12);
    QVERIFY(!slice.points[3].isFeasible);
    QCOMPARE(slice.best, 4); // trial 5 is better but infeasible
}

void TestSlices::choicesStandAtTheirIndex() {
    const ParameterSlice slice = parameterSlice(someStudy(), "method");
    QCOMPARE(slice.points.size(), 5U);
    QCOMPARE(slice.points[0].x, 1.0);
    QCOMPARE(slice.ticks, (std::vector<AxisTick>{{0, "a"}, {1, "b"}}));
}

void TestSlices::theChartTellsKindsApart() {
    const ChartData chart = sliceChart(parameterSlice(someStudy(), "lr"), "eval_loss");
    std::vector<std::string> names;
    for (const Layer& layer : chart.layers)
        names.push_back(std::get<Dots>(layer).name);
    QCOMPARE(names, (std::vector<std::string>{"complete", "pruned", "infeasible", "best"}));
    QVERIFY(chart.x.logScale);
    StudyTrials empty = someStudy();
    empty.trials.clear();
    QVERIFY(sliceChart(parameterSlice(empty, "lr"), "eval_loss").layers.empty());
}

QTEST_GUILESS_MAIN(TestSlices)
#include "tst_slices.moc"
