#include "core/base/domination.h"
#include "core/base/random.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

class TestDomination : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void betterSomewhereAndNowhereWorse();
    void ranksAgreeWithPeeling_data();
    void ranksAgreeWithPeeling();
    void violationsRankBehindAllElse();
    void crowdingIsTheSumOfTheSides();
    void crowdingOfEqualsIsFinite();
};

void TestDomination::betterSomewhereAndNowhereWorse() {
    QVERIFY(dominates(Losses{1, 2}, Losses{1, 3}));
    QVERIFY(!dominates(Losses{1, 2}, Losses{1, 2}));
    QVERIFY(!dominates(Losses{1, 2}, Losses{0, 3}));
}

void TestDomination::ranksAgreeWithPeeling_data() {
    QTest::addColumn<int>("objectives");
    for (const int objectives : {1, 2, 3, 4})
        QTest::addRow("%d", objectives) << objectives;
}

void TestDomination::ranksAgreeWithPeeling() {
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

void TestDomination::violationsRankBehindAllElse() {
    const std::vector<Losses> points{{0, 0}, {5, 5}, {6, 6}, {0, 1}, {1, 0}};
    const std::vector<double> violations{2, 0, 0, 0.5, 2};
    QCOMPARE(dominationRanks(points, violations), (std::vector<int>{3, 0, 1, 2, 3}));
    QCOMPARE(dominationRanks(std::vector<Losses>{{1}, {2}}, std::vector<double>{1, 0.5}),
             (std::vector<int>{1, 0}));
}

void TestDomination::crowdingIsTheSumOfTheSides() {
    const std::vector<double> distances =
        crowdingDistances(std::vector<Losses>{{0, 10}, {4, 2}, {1, 6}, {8, 0}});
    QVERIFY(std::isinf(distances[0]) && std::isinf(distances[3]));
    QCOMPARE(distances[1], (8.0 - 1) / 8 + (6.0 - 0) / 10);
    QCOMPARE(distances[2], (4.0 - 0) / 8 + (10.0 - 2) / 10);
    QVERIFY(crowdingDistances({}).empty());
}

void TestDomination::crowdingOfEqualsIsFinite() {
    const std::vector<double> distances = crowdingDistances(std::vector<Losses>(4, Losses{1, 1}));
    QCOMPARE(distances[1], 0.0);
    QCOMPARE(distances[2], 0.0);
}

QTEST_GUILESS_MAIN(TestDomination)
#include "tst_domination.moc"
