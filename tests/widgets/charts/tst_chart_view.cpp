#include "tests/support/strict_warnings.h"
#include "widgets/charts/chart_table_model.h"
#include "widgets/charts/chart_view.h"
#include "widgets/charts/qcp.h"

#include <QLabel>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include <limits>

using namespace lathe;

namespace {

ChartData lossChart() {
    ChartData data{"Loss", {"step", "", false}, {"loss", "nats", false}, {}};
    Lines train{"loss", {}, {}, 0}, eval{"eval_loss", {}, {}, 1};
    for (int step = 1; step <= 100; ++step) {
        train.x.push_back(step);
        train.y.push_back(3.0 / step + 0.5);
        if (step % 25 == 0) {
            eval.x.push_back(step);
            eval.y.push_back(3.0 / step + 0.7);
        }
    }
    data.layers = {train, eval};
    return data;
}

QPoint inside(const QCustomPlot& plot, double x, double y) {
    const QRect area = plot.axisRect()->rect();
    return area.topLeft() + QPoint(static_cast<int>(area.width() * x), static_cast<int>(area.height() * y));
}

void drag(QCustomPlot& plot, Qt::MouseButton button, Qt::KeyboardModifiers modifiers, QPoint from,
          QPoint to) {
    QTest::mousePress(&plot, button, modifiers, from);
    for (const QPoint& place : {(from + to) / 2, to}) {
        QMouseEvent move(QEvent::MouseMove, place, plot.mapToGlobal(place), Qt::NoButton, button, modifiers);
        QCoreApplication::sendEvent(&plot, &move);
    }
    QTest::mouseRelease(&plot, button, modifiers, to);
}

/// Whether the chart took it.
bool wheel(QCustomPlot& plot, QPoint place, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QWheelEvent event(place, plot.mapToGlobal(place), {}, {0, 120}, Qt::NoButton, modifiers,
                      Qt::NoScrollPhase, false);
    event.ignore();
    QCoreApplication::sendEvent(&plot, &event);
    return event.isAccepted();
}

double width(AxisRange range) { return range.high - range.low; }

} // namespace

class TestChartView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void init() {
        test::failOnWarnings();
        m_view = std::make_unique<ChartView>();
        m_view->resize(700, 420);
        m_view->setData(lossChart());
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
        m_view->plot()->replot();
        m_all = m_view->xRange();
    }

    void withoutDataItSaysSo() {
        ChartView view;
        view.setEmptyText(QStringLiteral("Nothing here"));
        view.show();
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("chartEmptyLabel"))->isVisible());
        QVERIFY(!view.findChild<QToolButton*>(QStringLiteral("chartSaveButton"))->isEnabled());
        QCOMPARE(view.summary(), QStringLiteral("No data yet."));
    }

    void everyPointIsInSight() {
        QVERIFY(m_all.low <= 1 && m_all.high >= 100);
        QVERIFY(m_view->yRange().low < 0.53 && m_view->yRange().high > 3.5);
        QVERIFY(m_view->isFollowing());
    }

    void wheelZoomsXAroundThePointerAndKeepsTheCurveInSight() {
        QCustomPlot& plot = *m_view->plot();
        QSignalSpy ranges(m_view.get(), &ChartView::xRangeChanged);
        const QPoint place = inside(plot, 0.75, 0.5);
        const double x = plot.xAxis->pixelToCoord(place.x());
        const AxisRange before = m_view->yRange();
        plot.setFocus();
        wheel(plot, place);
        QVERIFY(width(m_view->xRange()) < width(m_all));
        QVERIFY(std::abs(plot.xAxis->pixelToCoord(place.x()) - x) < 0.5);
        QVERIFY(!m_view->isFollowing());
        QVERIFY(ranges.count() > 0);
        QVERIFY(m_view->yRange() != before); // y follows what is left in sight
        m_view->resetView();
        QCOMPARE(m_view->xRange(), m_all);
        QVERIFY(m_view->isFollowing());
    }

    void wheelScrollsThePageUntilTheChartHasTheFocus() {
        QCustomPlot& plot = *m_view->plot();
        m_view->setFocus();
        plot.clearFocus();
        const QPoint place = inside(plot, 0.75, 0.5);
        QVERIFY(!wheel(plot, place));
        QCOMPARE(m_view->xRange(), m_all);
        QVERIFY(m_view->isFollowing());
        wheel(plot, place, Qt::ControlModifier);
        QVERIFY(width(m_view->xRange()) < width(m_all));
    }

    void wheelWithShiftZoomsY() {
        m_view->plot()->setFocus();
        const AxisRange before = m_view->yRange();
        wheel(*m_view->plot(), inside(*m_view->plot(), 0.5, 0.5), Qt::ShiftModifier);
        QCOMPARE(m_view->xRange(), m_all);
        QVERIFY(width(m_view->yRange()) < width(before));
    }

    void draggingPans() {
        QCustomPlot& plot = *m_view->plot();
        drag(plot, Qt::LeftButton, Qt::NoModifier, inside(plot, 0.5, 0.5), inside(plot, 0.3, 0.5));
        QVERIFY(m_view->xRange().low > m_all.low + 10);
        QVERIFY(std::abs(width(m_view->xRange()) - width(m_all)) < 1e-6);
    }

    void draggingWithShiftOrTheRightButtonZoomsIntoTheRectangle_data() {
        QTest::addColumn<int>("button");
        QTest::addColumn<int>("modifier");
        QTest::newRow("Shift") << int(Qt::LeftButton) << int(Qt::ShiftModifier);
        QTest::newRow("right button") << int(Qt::RightButton) << int(Qt::NoModifier);
    }
    void draggingWithShiftOrTheRightButtonZoomsIntoTheRectangle() {
        QFETCH(int, button);
        QFETCH(int, modifier);
        QCustomPlot& plot = *m_view->plot();
        const QPoint from = inside(plot, 0.2, 0.3), to = inside(plot, 0.6, 0.8);
        const double low = plot.xAxis->pixelToCoord(from.x()), high = plot.xAxis->pixelToCoord(to.x());
        const double bottom = plot.yAxis->pixelToCoord(to.y());
        drag(plot, Qt::MouseButton(button), Qt::KeyboardModifier(modifier), from, to);
        constexpr double kPixel = 0.5; // the rectangle has whole pixels
        QVERIFY(std::abs(m_view->xRange().low - low) < kPixel);
        QVERIFY(std::abs(m_view->xRange().high - high) < kPixel);
        QVERIFY(std::abs(m_view->yRange().low - bottom) < 0.05);
    }

    void doubleClickAndHomeShowEverything() {
        QCustomPlot& plot = *m_view->plot();
        wheel(plot, inside(plot, 0.5, 0.5));
        QTest::mouseDClick(&plot, Qt::LeftButton, {}, inside(plot, 0.5, 0.5));
        QCOMPARE(m_view->xRange(), m_all);
        QTest::keyClick(&plot, Qt::Key_Plus);
        QVERIFY(width(m_view->xRange()) < width(m_all));
        QTest::keyClick(&plot, Qt::Key_Home);
        QCOMPARE(m_view->xRange(), m_all);
    }

    void pointerReadsAllSeries() {
        QCustomPlot& plot = *m_view->plot();
        QSignalSpy moved(m_view.get(), &ChartView::cursorMoved);
        const int x = static_cast<int>(plot.xAxis->coordToPixel(50));
        const QPoint place(x, plot.axisRect()->rect().center().y());
        QMouseEvent move(QEvent::MouseMove, place, plot.mapToGlobal(place), Qt::NoButton, Qt::NoButton,
                         Qt::NoModifier);
        QCoreApplication::sendEvent(&plot, &move);
        QCOMPARE(m_view->cursor(), std::optional<double>(50));
        QCOMPARE(m_view->cursorText(), QStringLiteral("step 50\nloss 0.56\neval_loss 0.76"));
        QVERIFY(moved.count() > 0);
        const auto* readout = m_view->findChild<QLabel*>(QStringLiteral("chartReadoutLabel"));
        QVERIFY(readout->isVisible());
        QVERIFY(plot.rect().contains(readout->geometry()));
    }

    void arrowsMoveTheReadingLine() {
        QCustomPlot& plot = *m_view->plot();
        plot.setFocus();
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(m_view->cursor(), std::optional<double>(100)); // begins where the news is
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(m_view->cursor(), std::optional<double>(99));
        QTest::keyClick(&plot, Qt::Key_Left, Qt::ShiftModifier);
        QCOMPARE(m_view->cursor(), std::optional<double>(89));
        QVERIFY(m_view->cursorText().contains(QStringLiteral("eval_loss 0.73 at 100")));
        QTest::keyClick(&plot, Qt::Key_Right);
        QCOMPARE(m_view->cursor(), std::optional<double>(90));
        QTest::keyClick(&plot, Qt::Key_Escape);
        QVERIFY(!m_view->cursor());
        QVERIFY(m_view->cursorText().isEmpty());
    }

    void clickOnTheLegendHidesAndControlClickShowsOnlyOne() {
        auto* train = m_view->findChild<QToolButton*>(QStringLiteral("lossSeriesButton"));
        auto* eval = m_view->findChild<QToolButton*>(QStringLiteral("eval_lossSeriesButton"));
        QTest::mouseClick(train, Qt::LeftButton);
        QCOMPARE(m_view->seriesVisibility("loss"), SeriesVisibility::Hidden);
        QVERIFY(!train->isChecked());
        QCOMPARE(m_view->tableModel()->columnCount(), 2);
        QVERIFY(m_view->yRange().high < 1); // fits what is left
        QTest::mouseClick(train, Qt::LeftButton, Qt::ControlModifier);
        QCOMPARE(m_view->seriesVisibility("loss"), SeriesVisibility::Shown);
        QCOMPARE(m_view->seriesVisibility("eval_loss"), SeriesVisibility::Hidden);
        QTest::mouseClick(train, Qt::LeftButton, Qt::ControlModifier);
        QVERIFY(eval->isChecked());
        QTest::keyClick(eval, Qt::Key_Space);
        QCOMPARE(m_view->seriesVisibility("eval_loss"), SeriesVisibility::Hidden);
    }

    void logarithmicAxisLeavesOutWhatItCannotShow() {
        ChartData data{
            "", {"step", "", false}, {"loss", "", false}, {Lines{"loss", {1, 2, 3, 4}, {10, 0, -1, 0.1}, 0}}};
        m_view->setData(data);
        m_view->setYScale(AxisScale::Log);
        QVERIFY(m_view->yRange().low > 0.05 && m_view->yRange().low < 0.1);
        const auto& drawn = *m_view->plot()->graph(0)->data();
        QVERIFY(std::isnan(drawn.at(1)->value) && std::isnan(drawn.at(2)->value));
        m_view->setYScale(AxisScale::Linear);
        QCOMPARE(m_view->plot()->graph(0)->data()->at(2)->value, -1.0);
    }

    void logButtonSwitchesTheScale() {
        QTest::mouseClick(m_view->findChild<QToolButton*>(QStringLiteral("chartLogButton")), Qt::LeftButton);
        QCOMPARE(m_view->yScale(), AxisScale::Log);
        QVERIFY(m_view->data().y.logScale);
    }

    void valuesThatAreNotFiniteMakeAGap() {
        const double infinity = std::numeric_limits<double>::infinity();
        m_view->setData({"",
                         {"step", "", false},
                         {"loss", "", false},
                         {Lines{"loss", {1, 2, 3, 4}, {1, infinity, std::nan(""), 2}, 0}}});
        const auto& drawn = *m_view->plot()->graph(0)->data();
        QVERIFY(std::isnan(drawn.at(1)->value) && std::isnan(drawn.at(2)->value));
        QVERIFY(m_view->yRange().high < 3);
        QVERIFY(std::get<Lines>(m_view->data().layers[0]).y[1] == infinity); // the truth is kept
    }

    void tableIsTheTwinOfTheCanvas() {
        QTest::mouseClick(m_view->findChild<QToolButton*>(QStringLiteral("chartTableButton")),
                          Qt::LeftButton);
        auto* table = m_view->findChild<QTableView*>(QStringLiteral("chartTable"));
        QVERIFY(table->isVisible());
        QCOMPARE(table->model()->rowCount(), 100);
        QCOMPARE(table->model()->index(24, 2).data().toString(), QStringLiteral("0.82"));
    }

    void chartSpeaksToScreenReaders() {
        QCOMPARE(m_view->accessibleName(), QStringLiteral("Loss"));
        QCOMPARE(m_view->plot()->accessibleName(), QStringLiteral("Loss"));
        QVERIFY(
            m_view->plot()->accessibleDescription().contains(QStringLiteral("loss: first 3.5, last 0.53")));
        for (const auto* button : m_view->findChildren<QToolButton*>())
            QVERIFY2(!button->accessibleName().isEmpty() || !button->isVisible(),
                     qPrintable(button->objectName()));
    }

    void hiddenSeriesStayHiddenWhenNewDataComes() {
        m_view->setSeriesVisibility("loss", SeriesVisibility::Hidden);
        m_view->setData(lossChart());
        QCOMPARE(m_view->seriesVisibility("loss"), SeriesVisibility::Hidden);
    }

    void lineAndDotsOfOneNameAreOneSeries() {
        ChartData data = lossChart();
        data.layers.emplace_back(Dots{"loss", {1, 2}, {1, 2}, 0});
        data.layers.emplace_back(data.layers[1]); // another line of that name: another series
        m_view->setData(data);
        const auto buttons = m_view->findChild<QWidget*>("chartLegend")->findChildren<QToolButton*>();
        QCOMPARE(buttons.size(), 3);

        const auto drawn = [this](const char* name) {
            int count = 0;
            for (int i = 0; i < m_view->plot()->plottableCount(); ++i)
                count +=
                    m_view->plot()->plottable(i)->name() == name && m_view->plot()->plottable(i)->visible();
            return count;
        };
        const int before = drawn("loss");
        QVERIFY(before >= 2);

        buttons[0]->click();
        QCOMPARE(drawn("loss"), 0);
        QVERIFY(drawn("eval_loss") >= 2);
        m_view->soloSeries("loss");
        QCOMPARE(drawn("loss"), before);
        QCOMPARE(drawn("eval_loss"), 0);
    }

    void everyKindOfLayerIsDrawn() {
        const std::vector<Layer> kinds = {Lines{"l", {1, 2}, {1, 2}, 0}, Dots{"d", {1, 2}, {2, 1}, 1},
                                          Band{"b", {1, 2}, {0, 1}, {2, 3}, 2}, Bars{"a", {"x", "y"}, {1, 2}},
                                          Heat{"h", 2, 2, {1, 2, 3, 4}}};
        m_view->setData({"", {"x", "", false}, {"y", "", false}, {}});
        const QImage nothing = m_view->plot()->toPixmap(300, 200).toImage();
        for (const Layer& layer : kinds) {
            m_view->setData({"", {"x", "", false}, {"y", "", false}, {layer}});
            QVERIFY2(m_view->plot()->toPixmap(300, 200).toImage() != nothing,
                     qPrintable(QString::number(layer.index())));
        }
    }

    void colorsFollowThePalette() {
        QPalette dark;
        dark.setColor(QPalette::Window, Qt::black);
        const QColor before = m_view->plot()->graph(0)->pen().color();
        m_view->setPalette(dark);
        QVERIFY(m_view->plot()->graph(0)->pen().color() != before);
    }

private:
    std::unique_ptr<ChartView> m_view;
    AxisRange m_all;
};

QTEST_MAIN(TestChartView)
#include "tst_chart_view.moc"
