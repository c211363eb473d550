#include "core/analysis/student_t.h"

#include <QtTest>

#include <cmath>
#include <numbers>

using lathe::twoSidedT;
using lathe::twoSidedTail;

class TestStudentT : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithReferenceTables_data();
    void agreesWithReferenceTables();
    void agreesWithClosedForms_data();
    void agreesWithClosedForms();
    void tailsAgreeWithScipy();
};

void TestStudentT::agreesWithReferenceTables_data() {
    QTest::addColumn<double>("level");
    QTest::addColumn<double>("freedom");
    QTest::addColumn<double>("expected");
    // The root of I(freedom / 2, 1/2, x) = 1 - level, by mpmath with 30 digits.
    QTest::newRow("0.95, 1") << 0.95 << 1.0 << 12.70620473617;
    QTest::newRow("0.95, 2") << 0.95 << 2.0 << 4.302652729749;
    QTest::newRow("0.95, 3") << 0.95 << 3.0 << 3.182446305284;
    QTest::newRow("0.95, 4") << 0.95 << 4.0 << 2.776445105198;
    QTest::newRow("0.95, 9") << 0.95 << 9.0 << 2.262157162798;
    QTest::newRow("0.95, 29") << 0.95 << 29.0 << 2.045229642133;
    QTest::newRow("0.95, 99") << 0.95 << 99.0 << 1.984216951586;
    QTest::newRow("0.95, 9999") << 0.95 << 9999.0 << 1.960201263621;
    QTest::newRow("0.95, 1000000") << 0.95 << 1000000.0 << 1.959966356814;
    QTest::newRow("0.99, 5") << 0.99 << 5.0 << 4.032142983555;
    QTest::newRow("0.5, 7") << 0.5 << 7.0 << 0.7111417780818;
}

void TestStudentT::agreesWithReferenceTables() {
    QFETCH(double, level);
    QFETCH(double, freedom);
    QFETCH(double, expected);
    QVERIFY2(std::abs(twoSidedT(level, freedom) / expected - 1) < 1e-9,
             qPrintable(QString::number(twoSidedT(level, freedom), 'g', 17)));
}

void TestStudentT::agreesWithClosedForms_data() {
    QTest::addColumn<double>("level");
    for (const double level : {0.01, 0.5, 0.9, 0.95, 0.999})
        QTest::addRow("%g", level) << level;
}

void TestStudentT::agreesWithClosedForms() {
    QFETCH(double, level);
    const double cauchy = std::tan(std::numbers::pi * level / 2);
    const double two = level * std::sqrt(2 / (1 - level * level));
    QVERIFY(std::abs(twoSidedT(level, 1) / cauchy - 1) < 1e-9);
    QVERIFY(std::abs(twoSidedT(level, 2) / two - 1) < 1e-9);
}

void TestStudentT::tailsAgreeWithScipy() {
    // scipy 1.17.1: 2 * stats.t.sf(t, freedom).
    QVERIFY(std::abs(twoSidedTail(0.5, 3) / 0.651447964848151 - 1) < 1e-9);
    QVERIFY(std::abs(twoSidedTail(-2, 10) / 0.07338803477074037 - 1) < 1e-9);
    QVERIFY(std::abs(twoSidedTail(5, 4.5) / 0.005476358359519903 - 1) < 1e-9);
    QVERIFY(std::abs(twoSidedTail(12, 7) / 6.358310378185098e-06 - 1) < 1e-9);
    QCOMPARE(twoSidedTail(INFINITY, 7), 0.0);
}

QTEST_GUILESS_MAIN(TestStudentT)
#include "tst_student_t.moc"
