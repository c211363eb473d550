#include "core/analysis/pareto.h"
#include "core/base/random.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestPareto : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void betterSomewhereAndNowhereWorse();
    void ranksAgreeWithPeeling_data();
    void ranksAgreeWithPeeling();
    void violationsRankBehindAllElse();
    void crowdingIsTheSumOfTheSides();
    void crowdingOfEqualsIsFinite();
    void theFrontKnowsDirectionsAndConstraints();
    void withoutFeasibleTrialsThereIsNoFront();
    void theChartHasTheTrialsAndTheFront();
};

void TestPareto::betterSomewhereAndNowhereWorse() {
    QVERIFY(dominates(Losses{1, 2}, Losses{1, 3}));
    QVERIFY(!dominates(Losses{1, 2}, Losses{1, 2}));
    QVERIFY(!dominates(Losses{1, 2}, Losses{0, 3}));
}

void TestPareto::ranksAgreeWithPeeling_data() {
    QTest::addColumn<int>("objectives");
    for (const int objectives : {1, 2, 3, 4})
        QTest::addRow("%d", objectives) << objectives;
}

void TestPareto::ranksAgreeWithPeeling() {
    QFETCH(int, objectives);
    Rng rng(11);
    std::vector<Losses> points(80, Losses(static_cast<std::size_t>(objectives)));
    for (Losses& point : points)
        for (double& value : point)
            value = static_cast<double>(rng.integer(0, 9)); // with equals
    // What nothing left dominates is the next front; take it away; again.
    std::vector<int> expected(points.size(), -1);
    std::size_t left = points.size();
    for (int front = 0; left > 0; ++front) {
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < points.size(); ++i) {
            bool isDominated = expected[i] >= 0;
            for (std::size_t j = 0; j < points.size() && !isDominated; ++j)
                isDominated = expected[j] < 0 && dominates(points[j], points[i]);
            if (!isDominated)
                members.push_back(i);
        }
        for (const std::size_t i : members)
            expected[i] = front;
        left -= members.size();
    }
    QCOMPARE(dominationRanks(points), expected);
}

void TestPareto::violationsRankBehindAllElse() {
    const std::vector<Losses> points{{0, 0}, {5, 5}, {6, 6}, {0, 1}, {1, 0}};
    const std::vector<double> violations{2, 0, 0, 0.5, 2};
    QCOMPARE(dominationRanks(points, violations), (std::vector<int>{3, 0, 1, 2, 3}));
    QCOMPARE(dominationRanks(std::vector<Losses>{{1}, {2}}, std::vector<double>{1, 0.5}),
             (std::vector<int>{1, 0}));
}

void TestPareto::crowdingIsTheSumOfTheSides() {
    const std::vector<double> distances =
        crowdingDistances(std::vector<Losses>{{0, 10}, {4, 2}, {1, 6}, {8, 0}});
    QVERIFY(std::isinf(distances[0]) && std::isinf(distances[3]));
    QCOMPARE(distances[1], (8.0 - 1) / 8 + (6.0 - 0) / 10);
    QCOMPARE(distances[2], (4.0 - 0) / 8 + (10.0 - 2) / 10);
    QVERIFY(crowdingDistances({}).empty());
}

void TestPareto::crowdingOfEqualsIsFinite() {
    const std::vector<double> distances = crowdingDistances(std::vector<Losses>(4, Losses{1, 1}));
    QCOMPARE(distances[1], 0.0);
    QCOMPARE(distances[2], 0.0);
}

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
