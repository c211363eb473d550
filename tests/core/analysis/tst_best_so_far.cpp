#include "core/analysis/best_so_far.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestBestSoFar : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTrialCostsAndOnlyMeasuredOnesCount();
    void highIsBestWhereItIsSo();
    void computeIsWhatIsAskedFor();
    void nothingMeasuredIsNoCurve();
    void theChartIsAStaircase();
};

namespace {

StudyTrials someStudy() {
    StudyTrials study = studyOf(std::vector<double>{3, 2, 1, 2.5, 0.5});
    study.fullSteps = 100;
    for (StudyTrial& trial : study.trials) {
        trial.steps = 100;
        trial.seconds = 10;
    }
    study.trials[1].state = TrialState::Pruned;
    study.trials[1].steps = 25;
    study.trials[2].constraints = {1}; // infeasible
    study.trials[4].state = TrialState::Running;
    study.trials[4].steps = 40;
    return study;
}

} // namespace

void TestBestSoFar::everyTrialCostsAndOnlyMeasuredOnesCount() {
    const std::vector<BestPoint> expected{
        {100, 3, 0}, {125, 3, 0}, {225, 3, 0}, {325, 2.5, 3}, {365, 2.5, 3}};
    QCOMPARE(bestSoFar(someStudy(), Compute::Steps), expected);
}

void TestBestSoFar::highIsBestWhereItIsSo() {
    StudyTrials study = someStudy();
    study.objectives[0].maximize = true;
    QCOMPARE(bestSoFar(study, Compute::Steps).back().value, 3.0);
}

void TestBestSoFar::computeIsWhatIsAskedFor() {
    StudyTrials study = someStudy();
    QCOMPARE(computeOf(study, Compute::FullRuns), 3.65);
    QCOMPARE(computeOf(study, Compute::Trials), 5.0);
    QCOMPARE(computeOf(study, Compute::Seconds), 50.0);
    study.fullSteps = 0;
    QCOMPARE(computeOf(study, Compute::FullRuns), 365.0);
    study.trials.emplace_back(); // queued: has used nothing
    QCOMPARE(computeOf(study, Compute::Trials), 5.0);
}

void TestBestSoFar::nothingMeasuredIsNoCurve() {
    StudyTrials study = someStudy();
    for (StudyTrial& trial : study.trials)
        trial.state = TrialState::Failed;
    QVERIFY(bestSoFar(study, Compute::Steps).empty());
    QVERIFY(bestSoFarChart(study, Compute::Steps).layers.empty());
}

void TestBestSoFar::theChartIsAStaircase() {
    const ChartData chart = bestSoFarChart(someStudy(), Compute::FullRuns);
    QCOMPARE(chart.x.label, std::string("full runs"));
    QCOMPARE(chart.layers.size(), 3U);
    QCOMPARE(std::get<Dots>(chart.layers[0]).y, (std::vector<double>{3, 2.5}));
    QCOMPARE(std::get<Dots>(chart.layers[1]).y, std::vector<double>{1});
    const auto& stairs = std::get<Lines>(chart.layers[2]);
    QCOMPARE(stairs.y, (std::vector<double>{3, 3, 3, 3, 2.5, 2.5}));
    QCOMPARE(stairs.x[3], stairs.x[4]);
    QVERIFY(stairs.emphasis == Emphasis::Bold);
}

QTEST_GUILESS_MAIN(TestBestSoFar)
#include "tst_best_so_far.moc"
