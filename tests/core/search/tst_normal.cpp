#include "core/search/normal.h"

#include <QtTest>
#include <cmath>

using namespace lathe;

class TestNormal : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void logCdfEqualsSciPy_data() {
        QTest::addColumn<double>("x");
        QTest::addColumn<double>("expected");
        QTest::newRow("far below") << -1e4 << -50000010.12927892;
        QTest::newRow("series") << -60.0 << -1805.0135606805675;
        QTest::newRow("series begins") << -26.5 << -355.32250222635605;
        QTest::newRow("erfc ends") << -25.5 << -329.28414898717955;
        QTest::newRow("below") << -5.0 << -15.064998393988727;
        QTest::newRow("middle") << 0.0 << -0.6931471805599453;
        QTest::newRow("above") << 6.0 << -9.86587645524372e-10;
        QTest::newRow("far above") << 9.0 << -1.1285884059538324e-19;
    }
    void logCdfEqualsSciPy() {
        QFETCH(double, x);
        QFETCH(double, expected);
        QVERIFY(std::abs(logNormalCdf(x) / expected - 1) < 1e-13);
    }

    void quantileUndoesTheLogCdf_data() {
        QTest::addColumn<double>("logShare");
        QTest::addColumn<double>("expected");
        QTest::newRow("far below") << -1e5 << -447.19789367876837;
        QTest::newRow("below") << -30.0 << -7.35766681500875;
        QTest::newRow("left of the middle") << -0.7 << -0.008559478582480308;
        QTest::newRow("right of the middle") << -0.3 << 0.6458699862012636;
        QTest::newRow("above") << -1e-3 << 3.090380786917045;
        QTest::newRow("far above") << -1e-20 << 9.262340089798409;
    }
    void quantileUndoesTheLogCdf() {
        QFETCH(double, logShare);
        QFETCH(double, expected);
        QVERIFY(std::abs(normalQuantileOfLog(logShare) / expected - 1) < 1e-12);
    }

    void truncatedNormalEqualsSciPy_data() {
        QTest::addColumn<double>("from");
        QTest::addColumn<double>("to");
        QTest::addColumn<double>("atTenth");
        QTest::addColumn<double>("atNineTenths");
        QTest::addColumn<double>("logDensityInTheMiddle");
        QTest::newRow("around the mean")
            << -1.0 << 2.0 << -0.704647821094745 << 1.2557153641502152 << -0.84377223888021;
        QTest::newRow("upper tail") << 3.0 << 4.0 << 3.0311612964498504 << 3.592924111315612
                                    << -0.4124707466664468;
        QTest::newRow("far lower tail")
            << -40.0 << -38.0 << -38.060504366902954 << -38.00277062814434 << -34.86172251438461;
        QTest::newRow("far upper tail")
            << 30.0 << 31.0 << 30.00350792324418 << 30.076570337034926 << -11.722694576861329;
        QTest::newRow("narrow") << -0.1 << 0.2 << -0.07003998443194202 << 0.1696338619836671
                                << 1.2077078364605491;
    }
    void truncatedNormalEqualsSciPy() {
        QFETCH(double, from);
        QFETCH(double, to);
        QFETCH(double, atTenth);
        QFETCH(double, atNineTenths);
        QFETCH(double, logDensityInTheMiddle);
        QVERIFY(std::abs(truncatedNormalQuantile(0.1, from, to) - atTenth) < 1e-12 * std::abs(atTenth));
        QVERIFY(std::abs(truncatedNormalQuantile(0.9, from, to) - atNineTenths) <
                1e-12 * std::abs(atNineTenths));
        QCOMPARE(truncatedNormalQuantile(0, from, to), from);
        QCOMPARE(truncatedNormalQuantile(1, from, to), to);
        const double middle = 0.5 * (from + to);
        const double density = -0.5 * middle * middle - 0.5 * std::log(2 * M_PI) - logNormalMass(from, to);
        QVERIFY(std::abs(density - logDensityInTheMiddle) < 1e-10 * std::abs(logDensityInTheMiddle));
    }

    void anEmptyStretchHasNoMass() {
        QVERIFY(std::isinf(logNormalMass(1, 1)));
        QVERIFY(std::isinf(logNormalMass(2, 1)));
    }
};

QTEST_GUILESS_MAIN(TestNormal)
#include "tst_normal.moc"
