#include "tests/support/strict_warnings.h"
#include "widgets/charts/chart_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <limits>

using namespace lathe;

namespace {

ChartState stateOf(std::vector<Layer> layers) {
    ChartState state;
    state.data = {"", {"step", "", false}, {"loss", "", false}, std::move(layers)};
    state.isShown.assign(state.data.layers.size(), true);
    measureAll(state);
    return state;
}

QString textOf(const ChartTableModel& model) {
    QList<int> rows;
    for (int row = 0; row < model.rowCount(); ++row)
        rows << row;
    return model.toTsv(rows);
}

} // namespace

class TestChartTableModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void seriesShareTheRowsOfTheirX() {
        const ChartState state =
            stateOf({Lines{"loss", {1, 2, 3}, {3, 2, 1}, 0}, Lines{"eval_loss", {2, 4}, {2.5, 1.5}, 1}});
        ChartTableModel model(state);
        const QAbstractItemModelTester tester(&model);
        model.rebuild();
        QCOMPARE(textOf(model), QStringLiteral("step\tloss\teval_loss\n1\t3\t\n2\t2\t2.5\n3\t1\t\n4\t\t1.5"));
    }

    void pointsAtTheSameXEachHaveARow() {
        const ChartState state = stateOf({Dots{"trials", {1, 1, 2}, {5, 6, 7}, 0}});
        ChartTableModel model(state);
        model.rebuild();
        QCOMPARE(textOf(model), QStringLiteral("step\ttrials\n1\t5\n1\t6\n2\t7"));
    }

    void notANumberIsAValueAndNothingIsNot() {
        const ChartState state = stateOf(
            {Lines{"a", {1}, {std::numeric_limits<double>::quiet_NaN()}, 0}, Lines{"b", {2}, {1}, 1}});
        ChartTableModel model(state);
        model.rebuild();
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("nan"));
        QVERIFY(!model.index(0, 2).data().isValid());
    }

    void hiddenSeriesHaveNoColumn() {
        ChartState state = stateOf({Lines{"a", {1}, {1}, 0}, Lines{"b", {2}, {2}, 1}});
        ChartTableModel model(state);
        state.isShown[0] = false;
        model.rebuild();
        QCOMPARE(textOf(model), QStringLiteral("step\tb\n2\t2"));
    }

    void bandsBarsAndHeatMapsAreTables() {
        const ChartState band = stateOf({Band{"seeds", {1}, {2}, {3}, 0}});
        ChartTableModel bandModel(band);
        bandModel.rebuild();
        QCOMPARE(textOf(bandModel), QStringLiteral("step\tseeds, low\tseeds, high\n1\t2\t3"));
        const ChartState bars = stateOf({Bars{"share", {"lr", "rank"}, {0.7, 0.3}}});
        ChartTableModel barModel(bars);
        barModel.rebuild();
        QCOMPARE(textOf(barModel), QStringLiteral("step\tshare\nlr\t0.7\nrank\t0.3"));
        const ChartState heat = stateOf({Heat{"h", 2, 1, {5, 6}}});
        ChartTableModel heatModel(heat);
        heatModel.rebuild();
        QCOMPARE(textOf(heatModel), QStringLiteral("step\th\n0, 0\t5\n1, 0\t6"));
    }

    void appendingAnnouncesTheRowAndResetsNothing() {
        ChartState state = stateOf({Lines{"loss", {}, {}, 0}, Lines{"eval_loss", {}, {}, 1}});
        ChartTableModel model(state);
        const QAbstractItemModelTester tester(&model);
        model.rebuild();
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        const auto put = [&](std::size_t layer, double x, double y) {
            auto& lines = std::get<Lines>(state.data.layers[layer]);
            lines.x.push_back(x);
            lines.y.push_back(y);
            model.putPoint(layer, lines.x.size() - 1);
        };
        put(0, 1, 3);
        put(0, 5, 2);
        put(1, 3, 2.5); // between two rows
        put(1, 5, 1.5); // into a row that is there
        QCOMPARE(inserted.count(), 3);
        QCOMPARE(inserted[2][1].toInt(), 1);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(reset.count(), 0);
        QCOMPARE(textOf(model), QStringLiteral("step\tloss\teval_loss\n1\t3\t\n3\t\t2.5\n5\t2\t1.5"));
    }

    void numbersAreExactUnderTheirOwnRole() {
        const ChartState state = stateOf({Lines{"a", {1}, {0.1 + 0.2}, 0}});
        ChartTableModel model(state);
        model.rebuild();
        QCOMPARE(model.index(0, 1).data(ChartTableModel::NumberRole).toDouble(), 0.1 + 0.2);
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("0.3"));
    }
};

QTEST_GUILESS_MAIN(TestChartTableModel)
#include "tst_chart_table_model.moc"
