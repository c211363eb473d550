#include "core/analysis/metric_charts.h"
#include "widgets/charts/chart_state.h"

#include <QTest>

#include <limits>

using namespace lathe;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ChartState stateOf(std::vector<Layer> layers) {
    ChartState state;
    state.data = {"Loss", {"step", "", false}, {"loss", "nats", false}, std::move(layers)};
    state.isShown.assign(state.data.layers.size(), true);
    measureAll(state);
    return state;
}

} // namespace

class TestChartState : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void extentIgnoresWhatIsNotFinite() {
        const ChartState state = stateOf({Lines{"loss", {1, 2, 3, 4}, {5, kNan, kInfinity, 2}, 0}});
        const auto extent = yExtent(state, false, std::nullopt);
        QVERIFY(extent);
        QCOMPARE(extent->low, 2.0);
        QCOMPARE(extent->high, 5.0);
    }

    void extentOfALogarithmicAxisHoldsPositiveValuesOnly() {
        const ChartState state = stateOf({Lines{"loss", {-1, 0, 3, 9}, {-4, 0, 0.5, 2}, 0}});
        QCOMPARE(yExtent(state, true, std::nullopt)->low, 0.5);
        QCOMPARE(xExtent(state, true)->low, 3.0);
        QCOMPARE(xExtent(state, false)->low, -1.0);
    }

    void extentOfAWindowCountsOnlyItsPoints() {
        const ChartState state = stateOf({Lines{"loss", {1, 2, 3, 4}, {10, 3, 4, 20}, 0}});
        const auto extent = yExtent(state, false, ValueRange{1.5, 3});
        QCOMPARE(extent->low, 3.0);
        QCOMPARE(extent->high, 4.0);
    }

    void hiddenSeriesDoNotCount() {
        ChartState state = stateOf({Lines{"a", {1}, {1}, 0}, Lines{"b", {2}, {9}, 1}});
        state.isShown[1] = false;
        QCOMPARE(yExtent(state, false, std::nullopt)->high, 1.0);
        QCOMPARE(readings(state, 2).size(), std::size_t{1});
    }

    void nothingHasNoExtent() {
        QVERIFY(!xExtent(stateOf({}), false));
        QVERIFY(!yExtent(stateOf({Lines{"a", {1}, {kNan}, 0}}), false, std::nullopt));
    }

    void nearestPointSkipsGaps_data() {
        QTest::addColumn<double>("x");
        QTest::addColumn<int>("index");
        QTest::newRow("left of all") << -5.0 << 0;
        QTest::newRow("right of all") << 99.0 << 4;
        QTest::newRow("exactly") << 3.0 << 2;
        QTest::newRow("on the gap, nearer to the left") << 3.9 << 2;
        QTest::newRow("beyond the gap") << 4.2 << 4;
    }
    void nearestPointSkipsGaps() {
        QFETCH(double, x);
        QFETCH(int, index);
        const std::vector<double> xs{1, 2, 3, 4, 5};
        const std::vector<double> ys{1, 1, 1, kNan, 1};
        QCOMPARE(static_cast<int>(nearestPoint({xs, ys}, x).value()), index);
    }

    void noFinitePointIsNearest() {
        const std::vector<double> xs{1, 2};
        const std::vector<double> ys{kNan, kInfinity};
        QVERIFY(!nearestPoint({xs, ys}, 1));
        QVERIFY(!nearestPoint({{}, {}}, 1));
    }

    void unsortedPointsAreSortedAndPointsWithoutPlaceGo() {
        ChartData data{"", {}, {}, {Lines{"a", {3, kNan, 1, 2}, {30, 0, 10, 20}, 0}}};
        normalize(data);
        const Lines expected{"a", {1, 2, 3}, {10, 20, 30}, 0};
        QVERIFY(std::get<Lines>(data.layers[0]) == expected);
    }

    void readingTextSaysValueSmoothedValueAndPlace() {
        ChartState state = stateOf({Lines{"loss", {1, 2, 3}, {4, 2, 1}, 0}, Lines{"eval_loss", {2}, {3}, 1}});
        state.smoothing = 0.5;
        measureAll(state);
        const double smooth = smoothed(std::vector<double>{4, 2, 1}, 0.5).back();
        const QString expected = QStringLiteral("step 3\nloss 1 (smoothed %1)\neval_loss 3 at 2")
                                     .arg(QString::number(smooth, 'g', 6));
        QCOMPARE(readingText(state, 3), expected);
    }

    void summaryNamesAxesRangeAndExtremes() {
        const ChartState state = stateOf({Lines{"loss", {1, 2, 3}, {4, 1.5, 2}, 0}});
        QCOMPARE(summaryText(state),
                 QStringLiteral("loss (nats) over step. 1 series, from 1 to 3. loss: first 4, "
                                "last 2, lowest 1.5 at 2, highest 4 at 1."));
        QCOMPARE(summaryText(stateOf({})), QStringLiteral("No data yet."));
    }

    void summaryOfValuesThatAreNotFiniteSaysSo() {
        QVERIFY(summaryText(stateOf({Lines{"loss", {1}, {kNan}, 0}}))
                    .contains(QStringLiteral("no finite value")));
    }

    void evaluationsAreNotSmoothed() {
        QVERIFY(isSmoothable(Lines{"loss", {}, {}, 0}));
        QVERIFY(!isSmoothable(Lines{"run 3 eval_loss", {}, {}, 0}));
        QVERIFY(!isSmoothable(Dots{"loss", {}, {}, 0}));
    }
};

QTEST_GUILESS_MAIN(TestChartState)
#include "tst_chart_state.moc"
