#include "core/analysis/rung_funnel.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestRungFunnel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTrialIsCountedOnceARung();
    void rungsAreSeenInTheTrials();
    void noTrialsAreEmptyRungs();
    void theChartHasABarARung();
};

namespace {

StudyTrials someStudy() {
    StudyTrials study;
    study.fullSteps = 90;
    const std::vector<std::pair<TrialState, std::int64_t>> trials{
        {TrialState::Complete, 90}, {TrialState::Pruned, 10},   {TrialState::Pruned, 30},
        {TrialState::Running, 45},  {TrialState::Failed, 12},   {TrialState::Queued, 0},
        {TrialState::Pruned, 10},   {TrialState::Complete, 88}, // its last step was not reported
        {TrialState::Cancelled, 3}};
    for (const auto& [state, steps] : trials) {
        StudyTrial trial;
        trial.number = static_cast<std::int64_t>(study.trials.size());
        trial.state = state;
        trial.steps = steps;
        study.trials.push_back(trial);
    }
    return study;
}

} // namespace

void TestRungFunnel::everyTrialIsCountedOnceARung() {
    const std::vector<std::int64_t> rungs{90, 10, 30};
    // steps, reached, kept, pruned, running, stopped
    const std::vector<RungCount> expected{{10, 7, 4, 2, 0, 1}, {30, 4, 2, 1, 1, 0}, {90, 2, 2, 0, 0, 0}};
    QCOMPARE(rungFunnel(someStudy(), rungs), expected);
}

void TestRungFunnel::rungsAreSeenInTheTrials() {
    QCOMPARE(rungsOf(someStudy()), (std::vector<std::int64_t>{10, 30, 90}));
}

void TestRungFunnel::noTrialsAreEmptyRungs() {
    QCOMPARE(rungFunnel(StudyTrials(), std::vector<std::int64_t>{5}).at(0), (RungCount{5, 0, 0, 0, 0, 0}));
    QVERIFY(rungFunnelChart({}).layers.empty());
}

void TestRungFunnel::theChartHasABarARung() {
    const ChartData chart = rungFunnelChart(rungFunnel(someStudy(), rungsOf(someStudy())));
    QCOMPARE(std::get<Bars>(chart.layers.at(0)).values, (std::vector<double>{7, 4, 2}));
    QCOMPARE(std::get<Bars>(chart.layers.at(1)).values, (std::vector<double>{4, 2, 2}));
    QCOMPARE(std::get<Bars>(chart.layers.at(0)).labels, (std::vector<std::string>{"10", "30", "90"}));
}

QTEST_GUILESS_MAIN(TestRungFunnel)
#include "tst_rung_funnel.moc"
