#include "core/params/real_grid.h"

#include <QtTest>

#include <limits>

using namespace lathe;

namespace {

RealDomain stepped(double low, double high, double step, bool lowOpen = false) {
    return {low, high, false, lowOpen, step};
}

std::string problemOf(const RealDomain& domain) { return problemWithStep(domain).value_or("no problem"); }

} // namespace

class TestRealGrid : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stepsEndWhereTheRangeDoes() {
        QCOMPARE(gridCount(stepped(0, 0.3, 0.1)), 4); // 0.3 / 0.1 is a little below 3
        QCOMPARE(gridCount(stepped(0, 0.35, 0.1)), 4);
        QCOMPARE(gridCount(stepped(0, 1, 0.25)), 5);
        QCOMPARE(gridCount(stepped(0, 1, 0.25, true)), 4);
        QCOMPARE(gridCount(stepped(2, 2, 0.5)), 1);
        QCOMPARE(gridCount(stepped(-1, 1, 3)), 1);
    }

    void valuesAreTheNumbersPeopleMean() {
        const RealDomain tenths = stepped(0, 1, 0.1);
        QCOMPARE(gridValue(tenths, 3), 0.3);
        QCOMPARE(gridValue(tenths, 10), 1.0);
        QCOMPARE(gridValue(stepped(0, 1, 0.25, true), 0), 0.25);
        QCOMPARE(gridValue(stepped(-0.3, 0.3, 0.1), 3), 0.0);
        QCOMPARE(gridValue(stepped(1e-7, 1, 1e-7), 2), 3e-7);
    }

    void everyValueReturnsFromItsNumber() {
        for (const RealDomain& domain :
             {stepped(0, 1, 0.1), stepped(0, 1, 0.1, true), stepped(1e6, 1e6 + 3, 1e-5),
              stepped(-1.7, 33.3, 0.7), stepped(1.0 / 3, 7, 0.01)})
            for (std::int64_t i = 0; i < std::min<std::int64_t>(gridCount(domain), 1000); ++i) {
                const double value = gridValue(domain, i);
                QCOMPARE(gridIndex(domain, value), i);
                QVERIFY(!problemWith(domain, value).has_value());
            }
        QCOMPARE(gridIndex(stepped(0, 1, 0.1), 7), 10);
        QCOMPARE(gridIndex(stepped(0, 1, 0.1), -7), 0);
    }

    void whatLiesBetweenIsNotOnTheGrid() {
        QCOMPARE(problemWith(stepped(0, 1, 0.1), 0.25).value(),
                 std::string("0.25 is not on the grid; choose 0 to 1 in steps of 0.1"));
        QVERIFY(!problemWith(stepped(0, std::numeric_limits<double>::infinity(), 0.5), 7.5).has_value());
    }

    void stepsThatLeadNowhereAreNamed() {
        QCOMPARE(problemOf(stepped(0, 1, 0)), std::string("no problem"));
        QCOMPARE(problemOf(stepped(0, 1, -1)), std::string("has the step -1; choose a number above 0"));
        QVERIFY(problemOf({1e-3, 1, true, false, 0.1}).find("logarithmic") != std::string::npos);
        QVERIFY(problemOf(stepped(0, 1e9, 1e-6)).find("too fine") != std::string::npos);
        QVERIFY(problemOf(stepped(0, 1, 2, true)).find("beyond 1") != std::string::npos);
        QVERIFY(problemOf(stepped(-1e308, 1e308, 1e300)).find("narrower") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestRealGrid)
#include "tst_real_grid.moc"
