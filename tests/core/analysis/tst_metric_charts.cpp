#include "core/analysis/metric_charts.h"
#include "core/base/random.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

class TestMetricCharts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void weightZeroLeavesTheSeries();
    void smoothedFollowsTheFormula();
    void constantSeriesStaysConstant();
    void notFiniteValuesArePassedOnAndNotAveraged();
    void nothingSmoothedIsNothing();
    void noPointsGiveAChartWithoutLayers();
    void onePointIsOneLayer();
    void notANumberStaysInTheChart();
    void layersFollowTheNamesThenTheTrials();
    void pointsAreSortedByStep();
    void sixtyThousandPointsAreAllThere();
    void summaryOfNothingIsNotANumber();
    void summaryOfOneHasAMeanOnly();
    void summaryAgreesWithAWorkedExample();
    void summaryLeavesOutWhatIsNotFinite();
    void summaryKeepsDigitsAroundALargeMean();

private:
    const TrialId m_first{3};
    const TrialId m_second{8};
    const double m_nan = std::nan("");
};

namespace {

const Lines& linesAt(const ChartData& chart, std::size_t place) {
    return std::get<Lines>(chart.layers.at(place));
}

} // namespace

void TestMetricCharts::weightZeroLeavesTheSeries() {
    const std::vector<double> values{3, -1, 2.5};
    QCOMPARE(smoothed(values, 0), values);
}

void TestMetricCharts::smoothedFollowsTheFormula() {
    // (0.5 * 0.5 * 4 + 0.5 * 2) / 0.75 and so on, by hand.
    const std::vector<double> values{4, 2, 8};
    const std::vector<double> means = smoothed(values, 0.5);
    QCOMPARE(means.size(), 3U);
    QCOMPARE(means[0], 4.0);
    QCOMPARE(means[1], 2 / 0.75);
    QCOMPARE(means[2], 5 / 0.875);
}

void TestMetricCharts::constantSeriesStaysConstant() {
    for (const double mean : smoothed(std::vector<double>(500, 0.3), 0.98))
        QVERIFY(std::abs(mean - 0.3) < 1e-12);
}

void TestMetricCharts::notFiniteValuesArePassedOnAndNotAveraged() {
    const std::vector<double> means = smoothed(std::vector<double>{4, m_nan, INFINITY, 2}, 0.5);
    QVERIFY(std::isnan(means[1]));
    QVERIFY(std::isinf(means[2]));
    QCOMPARE(means[3], 2 / 0.75);
}

void TestMetricCharts::nothingSmoothedIsNothing() { QVERIFY(smoothed({}, 0.9).empty()); }

void TestMetricCharts::noPointsGiveAChartWithoutLayers() {
    const std::vector<std::string> names{"loss"};
    const ChartData chart = metricChart({}, names);
    QVERIFY(chart.layers.empty());
    QCOMPARE(chart.x.label, std::string("step"));
    QCOMPARE(chart.y.label, std::string("loss"));
}

void TestMetricCharts::onePointIsOneLayer() {
    const std::vector<MetricPoint> points{{m_first, "loss", 7, 0.5, 1}};
    const std::vector<std::string> names{"loss", "eval_loss"};
    const ChartData chart = metricChart(points, names);
    QCOMPARE(chart.layers.size(), 1U);
    QCOMPARE(linesAt(chart, 0), (Lines{"loss", {7}, {0.5}, 0}));
    QCOMPARE(chart.y.label, std::string());
}

void TestMetricCharts::notANumberStaysInTheChart() {
    const std::vector<MetricPoint> points{{m_first, "loss", 1, m_nan, 1}, {m_first, "loss", 2, INFINITY, 1}};
    const std::vector<std::string> names{"loss"};
    const ChartData chart = metricChart(points, names);
    QCOMPARE(linesAt(chart, 0).x, (std::vector<double>{1, 2}));
    QVERIFY(std::isnan(linesAt(chart, 0).y[0]));
    QVERIFY(std::isinf(linesAt(chart, 0).y[1]));
}

void TestMetricCharts::layersFollowTheNamesThenTheTrials() {
    const std::vector<MetricPoint> points{{m_second, "loss", 1, 1, 1},
                                          {m_first, "loss", 1, 2, 1},
                                          {m_first, "eval_loss", 1, 3, 1},
                                          {m_second, "lr", 1, 4, 1}};
    const std::vector<std::string> names{"eval_loss", "loss"};
    const ChartData chart = metricChart(points, names);
    QCOMPARE(chart.layers.size(), 3U);
    QCOMPARE(linesAt(chart, 0), (Lines{"eval_loss #3", {1}, {3}, 0}));
    QCOMPARE(linesAt(chart, 1), (Lines{"loss #3", {1}, {2}, 0}));
    QCOMPARE(linesAt(chart, 2), (Lines{"loss #8", {1}, {1}, 1}));
}

void TestMetricCharts::pointsAreSortedByStep() {
    const std::vector<MetricPoint> points{{m_first, "loss", 3, 30, 1}, {m_first, "loss", 1, 10, 1}};
    const std::vector<std::string> names{"loss"};
    const ChartData chart = metricChart(points, names);
    QCOMPARE(linesAt(chart, 0).x, (std::vector<double>{1, 3}));
    QCOMPARE(linesAt(chart, 0).y, (std::vector<double>{10, 30}));
}

void TestMetricCharts::sixtyThousandPointsAreAllThere() {
    std::vector<MetricPoint> points;
    for (std::int64_t step = 0; step < 60'000; ++step)
        points.push_back({step % 2 == 0 ? m_first : m_second, "loss", step, static_cast<double>(step), 0});
    const std::vector<std::string> names{"loss"};
    const ChartData chart = metricChart(points, names);
    QCOMPARE(chart.layers.size(), 2U);
    QCOMPARE(linesAt(chart, 0).x.size(), 30'000U);
    QCOMPARE(linesAt(chart, 1).y.back(), 59'999.0);
}

void TestMetricCharts::summaryOfNothingIsNotANumber() {
    const Summary summary = summarize({});
    QCOMPARE(summary.count, 0U);
    QVERIFY(std::isnan(summary.mean) && std::isnan(summary.deviation) && std::isnan(summary.halfWidth));
}

void TestMetricCharts::summaryOfOneHasAMeanOnly() {
    const Summary summary = summarize(std::vector<double>{4});
    QCOMPARE(summary.mean, 4.0);
    QVERIFY(std::isnan(summary.deviation) && std::isnan(summary.halfWidth));
}

void TestMetricCharts::summaryAgreesWithAWorkedExample() {
    const Summary summary = summarize(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9});
    QCOMPARE(summary.count, 8U);
    QCOMPARE(summary.mean, 5.0);
    QCOMPARE(summary.deviation, std::sqrt(32.0 / 7));
    // t(0.975, 7) = 2.36462425159278 from tables.
    QVERIFY(std::abs(summary.halfWidth - 2.36462425159278 * std::sqrt(32.0 / 7 / 8)) < 1e-6);
}

void TestMetricCharts::summaryLeavesOutWhatIsNotFinite() {
    const Summary summary = summarize(std::vector<double>{1, m_nan, 3, INFINITY});
    QCOMPARE(summary.count, 2U);
    QCOMPARE(summary.mean, 2.0);
}

void TestMetricCharts::summaryKeepsDigitsAroundALargeMean() {
    const Summary summary = summarize(std::vector<double>{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
    QCOMPARE(summary.mean, 1e9 + 10);
    QCOMPARE(summary.deviation, std::sqrt(30.0));
}

QTEST_GUILESS_MAIN(TestMetricCharts)
#include "tst_metric_charts.moc"
