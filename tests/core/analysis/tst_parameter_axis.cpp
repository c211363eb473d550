#include "core/analysis/parameter_axis.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestParameterAxis : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void realsAreWhereTheyAre();
    void logarithmsArePlacedByDecades();
    void choicesAndFlagsHaveNames();
    void whatCannotBePlacedIsNothing();
    void oneValueIsInTheMiddle();
    void linearTicksAreRound();
    void narrowLogarithmsHaveTicksToo();
    void stepsEndAtTheirLastValue();
};

namespace {

std::string texts(const ParameterAxis& axis) {
    std::string all;
    for (const AxisTick& tick : axis.ticks())
        all += (all.empty() ? "" : " ") + tick.text;
    return all;
}

} // namespace

void TestParameterAxis::realsAreWhereTheyAre() {
    const ParameterAxis axis(realDimension("x", 2, 4));
    QCOMPARE(axis.place(axis.coordinate(3.5).value()), 0.75);
    QCOMPARE(axis.place(axis.coordinate(std::int64_t{9}).value()), 1.0); // of a wider space: at the end
    QVERIFY(!axis.isNamed() && !axis.isLog() && axis.count() == 0);
}

void TestParameterAxis::logarithmsArePlacedByDecades() {
    const ParameterAxis axis(realDimension("lr", 1e-5, 1e-1, true));
    QVERIFY(std::abs(axis.place(axis.coordinate(1e-3).value()) - 0.5) < 1e-12);
    QCOMPARE(texts(axis), std::string("1e-5 0.0001 0.001 0.01 0.1"));
    QVERIFY(std::abs(axis.ticks().at(1).place - 0.25) < 1e-12);
}

void TestParameterAxis::choicesAndFlagsHaveNames() {
    const ParameterAxis method(choiceDimension("method", {"lora", "dora", "ia3"}));
    QVERIFY(method.isCategory() && method.isNamed());
    QCOMPARE(method.coordinate(std::string("ia3")).value(), 2.0);
    QCOMPARE(texts(method), std::string("lora dora ia3"));
    const ParameterAxis flag({"flag", BoolDomain{}, {}});
    QCOMPARE(flag.coordinate(true).value(), 1.0);
    QCOMPARE(texts(flag), std::string("false true"));
    const ParameterAxis size(choiceDimension("size", {"s", "m", "l"}, true));
    QVERIFY(!size.isCategory() && size.isNamed());
}

void TestParameterAxis::whatCannotBePlacedIsNothing() {
    QVERIFY(!ParameterAxis(choiceDimension("method", {"lora"})).coordinate(std::string("new")));
    QVERIFY(!ParameterAxis(realDimension("x", 0, 1)).coordinate(std::string("0.5")));
    QVERIFY(!ParameterAxis(realDimension("lr", 0.1, 1, true)).coordinate(0.0));
}

void TestParameterAxis::oneValueIsInTheMiddle() {
    const ParameterAxis axis(wholeDimension("k", 3, 3));
    QVERIFY(axis.isSingle());
    QCOMPARE(axis.place(3), 0.5);
    QCOMPARE(texts(axis), std::string("3"));
}

void TestParameterAxis::linearTicksAreRound() {
    QCOMPARE(texts(ParameterAxis(realDimension("x", 0, 0.3))), std::string("0 0.1 0.2 0.3"));
    QCOMPARE(texts(ParameterAxis(wholeDimension("rank", 1, 64))), std::string("20 40 60"));
    QCOMPARE(texts(ParameterAxis(realDimension("y", -1, 1))), std::string("-1 -0.5 0 0.5 1"));
}

void TestParameterAxis::narrowLogarithmsHaveTicksToo() {
    QCOMPARE(texts(ParameterAxis(realDimension("lr", 1e-4, 1e-3, true))),
             std::string("0.0001 0.0002 0.0005 0.001"));
    QCOMPARE(texts(ParameterAxis(realDimension("lr", 3, 4, true))), std::string("3 4"));
}

void TestParameterAxis::stepsEndAtTheirLastValue() {
    SearchDimension dimension = realDimension("x", 0, 1);
    std::get<RealDomain>(dimension.domain).step = 0.3;
    const ParameterAxis axis(dimension);
    QCOMPARE(axis.count(), 4);
    QCOMPARE(axis.high(), 0.9); // the next one would be 1.2
    QVERIFY(std::abs(axis.place(0.6) - 2.0 / 3) < 1e-12);
}

QTEST_GUILESS_MAIN(TestParameterAxis)
#include "tst_parameter_axis.moc"
