#include "core/analysis/metric_charts.h"
#include "tests/support/strict_warnings.h"
#include "widgets/charts/chart_table_model.h"
#include "widgets/charts/live_chart.h"
#include "widgets/charts/qcp.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace lathe;

namespace {

constexpr TrialId kTrial{7};

MetricPoint point(std::string name, std::int64_t step, double value, TrialId trial = kTrial) {
    return {trial, std::move(name), step, value, static_cast<double>(step) / 10};
}

/// A falling curve with repeatable roughness.
std::vector<MetricPoint> curve(int steps) {
    std::vector<MetricPoint> points;
    for (int step = 1; step <= steps; ++step) {
        points.push_back(point("loss", step, 2 / std::sqrt(step) + 0.1 * std::sin(step * 12.9898)));
        if (step % 10 == 0)
            points.push_back(point("eval_loss", step, 2.2 / std::sqrt(step) + (step > 60 ? step * 0.01 : 0)));
    }
    return points;
}

} // namespace

class TestLiveChart : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void init() {
        test::failOnWarnings();
        m_chart = std::make_unique<LiveChart>(QStringLiteral("Loss"), QStringLiteral("nats"),
                                              std::vector<std::string>{"loss", "eval_loss"});
        m_chart->resize(700, 420);
        m_chart->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_chart.get()));
    }

    void keepsExactlyThePointsOfItsMetrics() {
        const auto points = curve(100);
        m_chart->append(points);
        m_chart->append(std::vector{point("lr", 1, 0.1)});
        std::vector<MetricPoint> loss;
        for (const MetricPoint& p : points)
            if (p.name == "loss")
                loss.push_back(p);
        QVERIFY(m_chart->series("loss") == loss);
        QCOMPARE(m_chart->series("eval_loss").size(), std::size_t{10});
        QVERIFY(m_chart->series("lr").empty());
    }

    void linesBearTheNamesThatPeopleUse() {
        LiveChart chart({}, {}, {"eval_loss", "eval_bleu"});
        chart.append(std::vector{point("eval_loss", 1, 2), point("eval_bleu", 1, 30)});
        QCOMPARE(chart.seriesNames(), (std::vector<std::string>{"Evaluation loss", "eval_bleu"}));
        QCOMPARE(chart.tableModel()->headerData(1, Qt::Horizontal).toString(), "Evaluation loss");
    }

    void liveViewEqualsTheViewOfTheStoredPoints() {
        const auto points = curve(150);
        m_chart->setSmoothing(0.6);
        for (std::size_t from = 0; from < points.size(); from += 7)
            m_chart->append(std::span(points).subspan(from, std::min<std::size_t>(7, points.size() - from)));
        ChartView stored;
        stored.resize(m_chart->size());
        ChartData data = metricChart(points, std::vector<std::string>{"loss", "eval_loss"});
        for (std::size_t layer = 0; layer < data.layers.size(); ++layer) // the records know their own names
            std::get<Lines>(data.layers[layer]).name = m_chart->seriesNames()[layer];
        data.title = m_chart->data().title;
        data.x = m_chart->data().x;
        data.y = m_chart->data().y;
        stored.setSmoothing(0.6);
        stored.setData(data);
        QVERIFY(m_chart->data() == stored.data());
        stored.show();
        QTRY_COMPARE(m_chart->xRange(), stored.xRange()); // the last points wait for the next replot
        QCOMPARE(m_chart->plot()->toPixmap(600, 300).toImage(), stored.plot()->toPixmap(600, 300).toImage());
    }

    void aStoredRunInOnePieceEqualsItPointByPoint() {
        const auto points = curve(2000); // more than append() takes point by point
        LiveChart whole(QStringLiteral("Loss"), QStringLiteral("nats"), {"loss", "eval_loss"});
        whole.setSmoothing(0.6);
        m_chart->setSmoothing(0.6);
        whole.append(points);
        for (const MetricPoint& p : points)
            m_chart->append(std::span(&p, 1));
        QVERIFY(whole.data() == m_chart->data());
        QVERIFY(whole.series("loss") == m_chart->series("loss"));
        QCOMPARE(whole.tableModel()->rowCount(), m_chart->tableModel()->rowCount());
        whole.resize(m_chart->size());
        whole.show();
        QTRY_COMPARE(m_chart->xRange(), whole.xRange()); // the last points wait for the next replot
        QCOMPARE(whole.plot()->toPixmap(600, 300).toImage(), m_chart->plot()->toPixmap(600, 300).toImage());
    }

    void smoothedLineEqualsTheSmoothingOfTheAnalysis() {
        auto points = curve(80);
        points[20].value = std::numeric_limits<double>::quiet_NaN();
        m_chart->setSmoothing(0.9);
        m_chart->append(points);
        std::vector<double> raw;
        for (const MetricPoint& p : m_chart->series("loss"))
            raw.push_back(p.value);
        const std::vector<double> expected = smoothed(raw, 0.9);
        const auto& drawn = *m_chart->plot()->graph(1)->data();
        QCOMPARE(static_cast<std::size_t>(drawn.size()), expected.size());
        for (int i = 0; i < drawn.size(); ++i) {
            const double wanted = expected[static_cast<std::size_t>(i)];
            // Rounding only: core may sum in another order.
            QVERIFY(std::isnan(wanted) ? std::isnan(drawn.at(i)->value)
                                       : std::abs(drawn.at(i)->value - wanted) <= 1e-12 * std::abs(wanted));
        }
    }

    void followsTheNewestPointUntilTheUserZooms() {
        m_chart->append(curve(50));
        QTRY_VERIFY(m_chart->xRange().high >= 50);
        QTest::keyClick(m_chart->plot(), Qt::Key_Plus);
        const AxisRange chosen = m_chart->xRange();
        m_chart->append(std::vector{point("loss", 500, 1)});
        QTest::qWait(80); // two replots later it still has not moved
        QCOMPARE(m_chart->xRange(), chosen);
        QTest::keyClick(m_chart->plot(), Qt::Key_Home);
        QVERIFY(m_chart->xRange().high >= 500);
    }

    void manyAppendsMakeFewReplots() {
        QSignalSpy replots(m_chart->plot(), &QCustomPlot::afterReplot);
        m_chart->append(std::vector{point("loss", 1, 3)});
        QTRY_VERIFY(replots.count() > 0);
        replots.clear();
        QElapsedTimer clock;
        clock.start();
        std::int64_t step = 1;
        while (clock.elapsed() < 300) {
            m_chart->append(std::vector{point("loss", ++step, 1)});
            QCoreApplication::processEvents();
        }
        QVERIFY2(replots.count() <= 11, qPrintable(QString::number(replots.count()))); // 30 a second, and one
        QTRY_VERIFY(m_chart->xRange().high >= static_cast<double>(step));
        QCOMPARE(m_chart->series("loss").size(), static_cast<std::size_t>(step));
    }

    void aPointAtTheSameStepReplacesAsInTheDatabase() {
        m_chart->append(std::vector{point("loss", 1, 3), point("loss", 2, 2), point("loss", 3, 1)});
        m_chart->append(std::vector{point("loss", 2, 2.5)});
        QCOMPARE(m_chart->series("loss").size(), std::size_t{3});
        QCOMPARE(m_chart->series("loss")[1].value, 2.5);
        QCOMPARE(m_chart->plot()->graph(0)->data()->at(1)->value, 2.5);
        QCOMPARE(m_chart->tableModel()->index(1, 1).data(ChartTableModel::NumberRole).toDouble(), 2.5);
    }

    void rewindTakesTheLaterPointsOfThatTrial() {
        m_chart->append(curve(100));
        m_chart->append(std::vector{point("loss", 100, 1, TrialId{8})});
        m_chart->rewind(kTrial, 60);
        QCOMPARE(m_chart->series("loss", kTrial).back().step, 60);
        QCOMPARE(m_chart->series("eval_loss", kTrial).size(), std::size_t{6});
        QCOMPARE(m_chart->series("loss", TrialId{8}).size(), std::size_t{1});
    }

    void bestStepIsMarked() {
        m_chart->trackBest("eval_loss", Direction::Minimize);
        m_chart->append(curve(100));
        QCOMPARE(m_chart->bestStep(), std::optional<std::int64_t>(60));
        QVERIFY(m_chart->summary().contains(QStringLiteral("best: step 60")));
        m_chart->trackBest("eval_loss", Direction::Maximize);
        QCOMPARE(m_chart->bestStep(), std::optional<std::int64_t>(100));
    }

    void valuesThatAreNotFiniteAreKeptAndAreNeverBest() {
        m_chart->trackBest("loss", Direction::Minimize);
        m_chart->append(std::vector{point("loss", 1, 2),
                                    point("loss", 2, -std::numeric_limits<double>::infinity()),
                                    point("loss", 3, std::nan(""))});
        QCOMPARE(m_chart->bestStep(), std::optional<std::int64_t>(1));
        QCOMPARE(m_chart->series("loss").size(), std::size_t{3});
        QVERIFY(std::isnan(m_chart->plot()->graph(0)->data()->at(1)->value));
    }

    void trialsAreToldApart() {
        m_chart->setTrialName(TrialId{8}, QStringLiteral("trial B"));
        m_chart->append(std::vector{point("loss", 1, 2), point("loss", 1, 3, TrialId{8})});
        QCOMPARE(m_chart->seriesNames(),
                 (std::vector<std::string>{"trial 7: Training loss", "trial B: Training loss"}));
        QVERIFY(m_chart->plot()->graph(0)->pen().color() != m_chart->plot()->graph(2)->pen().color());
    }

    void clearEmptiesTheChart() {
        m_chart->append(curve(10));
        m_chart->clear();
        QVERIFY(m_chart->series("loss").empty());
        QVERIFY(m_chart->seriesNames().empty());
        m_chart->append(curve(5));
        QCOMPARE(m_chart->series("loss").size(), std::size_t{5});
    }

private:
    std::unique_ptr<LiveChart> m_chart;
};

QTEST_MAIN(TestLiveChart)
#include "tst_live_chart.moc"
