#include "core/search/axis.h"

#include <QtTest>
#include <cmath>

using namespace lathe;

namespace {

Axis axis(Domain domain) { return Axis({"x", std::move(domain), {}}); }

std::vector<Domain> countableDomains() {
    return {IntDomain{1, 8, 1, false},
            IntDomain{3, 60, 7, false},
            IntDomain{1, 4096, 1, true},
            IntDomain{16, 1000, 16, true},
            IntDomain{-3, 2, 1, false},
            RealDomain{0, 0.35, false, false, 0.1},
            RealDomain{-1, 1, false, true, 0.25},
            ChoiceDomain{{"a", "b", "c"}, {}, false},
            ChoiceDomain{{"small", "medium", "large"}, {}, true},
            BoolDomain{}};
}

} // namespace

class TestAxis : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyGridValueReturnsFromItsCoordinate() {
        for (const Domain& domain : countableDomains()) {
            const Axis line = axis(domain);
            for (std::int64_t i = 0; i < line.count(); ++i) {
                const ParamValue value =
                    std::holds_alternative<IntDomain>(domain)
                        ? ParamValue(std::get<IntDomain>(domain).low + i * std::get<IntDomain>(domain).step)
                        : line.value(static_cast<double>(i));
                QVERIFY(line.value(line.coordinate(value)) == value);
                QVERIFY(!problemWith(domain, value).has_value());
            }
        }
    }

    void cellsFillTheAxisWithoutGaps() {
        for (const Domain& domain : countableDomains()) {
            const Axis line = axis(domain);
            double end = line.low();
            for (std::int64_t i = 0; i < line.count(); ++i) {
                const double middle = line.coordinate(
                    std::holds_alternative<IntDomain>(domain)
                        ? ParamValue(std::get<IntDomain>(domain).low + i * std::get<IntDomain>(domain).step)
                        : line.value(static_cast<double>(i)));
                const auto [from, to] = line.cell(middle);
                QVERIFY(std::abs(from - end) < 1e-12);
                QVERIFY(from < middle && middle < to);
                end = to;
            }
            QVERIFY(std::abs(end - line.high()) < 1e-12);
        }
    }

    void coordinatesOutsideGiveTheEnds() {
        const Axis grid = axis(IntDomain{3, 60, 7, false});
        QCOMPARE(std::get<std::int64_t>(grid.value(-100)), 3);
        QCOMPARE(std::get<std::int64_t>(grid.value(100)), 59); // 60 is off the grid
        const Axis wide = axis(IntDomain{1, 1'000'000'000'000, 1, true});
        QCOMPARE(std::get<std::int64_t>(wide.value(1e6)), 1'000'000'000'000);
        const Axis real = axis(RealDomain{0, 0.5, false, true});
        QVERIFY(std::get<double>(real.value(-1)) > 0);
        QCOMPARE(std::get<double>(real.value(1)), 0.5);
    }

    void logarithmicRealsCountByTheirLogarithm() {
        const Axis rate = axis(RealDomain{1e-6, 1, true, false});
        QVERIFY(std::abs(std::get<double>(rate.valueAtUnit(0.5)) - 1e-3) < 1e-15);
        QVERIFY(std::abs(rate.unit(1e-2) - 2.0 / 3) < 1e-12);
    }

    void realsInStepsCountByTheirPlace() {
        const Axis steps = axis(RealDomain{0, 0.35, false, false, 0.1});
        QCOMPARE(steps.kind(), Axis::Kind::Grid);
        QCOMPARE(steps.count(), 4);
        QCOMPARE(steps.coordinate(0.3), 3.0);
        QCOMPARE(std::get<double>(steps.value(2.6)), 0.3);
        QCOMPARE(std::get<double>(steps.value(100)), 0.3); // 0.35 is off the grid
    }

    void aSingleValueHasAUnitToo() {
        const Axis point = axis(RealDomain{0.25, 0.25, false, false});
        QCOMPARE(point.unit(0.25), 0.5);
        QCOMPARE(std::get<double>(point.valueAtUnit(0.7)), 0.25);
        QCOMPARE(point.count(), 1);
    }
};

QTEST_GUILESS_MAIN(TestAxis)
#include "tst_axis.moc"
