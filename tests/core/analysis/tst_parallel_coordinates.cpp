#include "core/analysis/parallel_coordinates.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestParallelCoordinates : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void placesAreNormalised();
    void inactiveParametersLeaveAGap();
    void theBestAreLastAndMarked();
    void infeasibleTrialsAreNeverOnTop();
    void noTrialsLeaveTheAxes();
};

namespace {

StudyTrials someStudy() {
    StudyTrials study;
    study.space = {realDimension("lr", 1e-5, 1e-1, true), choiceDimension("method", {"a", "b", "c"})};
    study.objectives = {{"eval_accuracy", true}};
    study.trials = {trialOf(0, {{"lr", 1e-3}, {"method", std::string("b")}}, {0.5}),
                    trialOf(1, {{"lr", 1e-1}, {"method", std::string("c")}}, {0.9}),
                    trialOf(2, {{"method", std::string("a")}}, {0.7}),
                    trialOf(3, {{"lr", 1e-5}, {"method", std::string("a")}}, {0.95})};
    study.trials[3].constraints = {0.5};
    return study;
}

} // namespace

void TestParallelCoordinates::placesAreNormalised() {
    const ParallelCoordinates chart = parallelCoordinates(someStudy());
    QCOMPARE(chart.axes.size(), 3U);
    QVERIFY(chart.axes[0].isLog && chart.axes[2].isObjective);
    QCOMPARE(chart.axes[1].ticks[1], (AxisTick{0.5, "b"}));
    const auto line = *std::ranges::find(chart.lines, 0, &ParallelLine::trial);
    QVERIFY(std::abs(line.places[0].value() - 0.5) < 1e-12);
    QCOMPARE(line.places[1], std::optional(0.5));
    QCOMPARE(line.places[2], std::optional(0.0)); // 0.5 is the lowest objective
}

void TestParallelCoordinates::inactiveParametersLeaveAGap() {
    const ParallelCoordinates chart = parallelCoordinates(someStudy());
    const auto line = *std::ranges::find(chart.lines, 2, &ParallelLine::trial);
    QVERIFY(!line.places[0]);
    QCOMPARE(line.places[1], std::optional(0.0));
}

void TestParallelCoordinates::theBestAreLastAndMarked() {
    const ParallelCoordinates chart = parallelCoordinates(someStudy(), 0.5);
    std::vector<std::int64_t> order;
    for (const ParallelLine& line : chart.lines)
        order.push_back(line.trial);
    QCOMPARE(order, (std::vector<std::int64_t>{3, 0, 2, 1}));
    QVERIFY(chart.lines[3].isBest && chart.lines[3].isTop && chart.lines[2].isTop && !chart.lines[1].isTop);
}

void TestParallelCoordinates::infeasibleTrialsAreNeverOnTop() {
    const ParallelCoordinates chart = parallelCoordinates(someStudy(), 1);
    QVERIFY(!chart.lines[0].isTop && chart.lines[1].isTop);
}

void TestParallelCoordinates::noTrialsLeaveTheAxes() {
    StudyTrials study = someStudy();
    study.trials.clear();
    const ParallelCoordinates chart = parallelCoordinates(study);
    QCOMPARE(chart.axes.size(), 2U);
    QVERIFY(chart.lines.empty());
}

QTEST_GUILESS_MAIN(TestParallelCoordinates)
#include "tst_parallel_coordinates.moc"
