#include "core/analysis/pareto.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestPareto : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFrontKnowsDirectionsAndConstraints();
    void withoutFeasibleTrialsThereIsNoFront();
    void theChartHasTheTrialsAndTheFront();
};

void TestPareto::theFrontKnowsDirectionsAndConstraints() {
    StudyTrials study;
    study.objectives = {{"eval_loss", false}, {"eval_accuracy", true}};
    study.trials = {trialOf(0, {}, {1, 0.5}), trialOf(1, {}, {2, 0.9}), trialOf(2, {}, {2, 0.8}),
                    trialOf(3, {}, {0.5, 0.95}), trialOf(4, {}, {0.5})};
    study.trials[3].constraints = {-1, 0.1};
    const ParetoFront front = paretoFront(study);
    QCOMPARE(front.trials, (std::vector<std::int64_t>{0, 1}));
    QCOMPARE(front.ranks, (std::vector<int>{0, 0, 1, 2}));
    QCOMPARE(front.reference, (Losses{1.1 * 2, 0.9 * -0.5}));
    QCOMPARE(front.hypervolume, (2.2 - 1) * (-0.45 + 0.5) + (2.2 - 2) * (-0.5 + 0.9));
}

void TestPareto::withoutFeasibleTrialsThereIsNoFront() {
    StudyTrials study;
    study.trials = {trialOf(0, {}, {1})};
    study.trials[0].constraints = {1};
    QVERIFY(paretoFront(study).trials.empty());
    QVERIFY(paretoFront(study).reference.empty());
    QVERIFY(paretoFront(StudyTrials()).ranks.empty());
}

void TestPareto::theChartHasTheTrialsAndTheFront() {
    StudyTrials study;
    study.objectives = {{"eval_loss", false}, {"memory", false}, {"eval_accuracy", true}};
    study.trials = {trialOf(0, {}, {1, 7, 0.5}), trialOf(1, {}, {2, 7, 0.9}), trialOf(2, {}, {2, 1, 0.8})};
    const ChartData chart = paretoChart(study, 2, 0);
    QCOMPARE(chart.x.label, std::string("eval_accuracy"));
    QCOMPARE(std::get<Dots>(chart.layers.at(0)).x, (std::vector<double>{0.5, 0.9, 0.8}));
    QCOMPARE(std::get<Lines>(chart.layers.at(1)).x, (std::vector<double>{0.9, 0.5}));
    QCOMPARE(std::get<Dots>(chart.layers.at(2)).y, (std::vector<double>{2, 1}));
}

QTEST_GUILESS_MAIN(TestPareto)
#include "tst_pareto.moc"
