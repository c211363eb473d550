#include "widgets/pages/live_charts.h"

#include "core/session/settings.h"
#include "widgets/charts/live_chart.h"
#include "widgets/theme/icons.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>

namespace lathe {

namespace {

constexpr int kSmoothingSteps = 99; // the slider counts hundredths
constexpr int kChartHeight = 200;

} // namespace

LiveCharts::LiveCharts(Settings& settings, QWidget* parent)
    : QWidget(parent),
      m_settings(settings),
      m_grid(new QGridLayout),
      m_smoothingLabel(new QLabel(this)),
      m_smoothing(new QSlider(Qt::Horizontal, this)),
      m_log(new QCheckBox(this)),
      m_reset(new QPushButton(themedIcon("zoom-reset"), {}, this)) {
    setObjectName("liveCharts");
    m_grid->setSpacing(12);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addWidget(makeTools());
    column->addLayout(m_grid, 1);
    retranslate();
}

QWidget* LiveCharts::makeTools() {
    auto* tools = new QWidget(this);
    m_smoothingLabel->setObjectName("smoothingLabel");
    m_smoothing->setObjectName("smoothingSlider");
    m_smoothing->setRange(0, kSmoothingSteps);
    m_smoothing->setMaximumWidth(200);
    m_smoothing->setValue(static_cast<int>(std::lround(100 * m_settings.smoothing.value())));
    m_smoothingLabel->setBuddy(m_smoothing);
    m_log->setObjectName("logLossCheckBox");
    m_log->setChecked(m_settings.isLossLogScale.value());
    m_reset->setObjectName("resetZoomButton");
    auto* row = new QHBoxLayout(tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addWidget(m_smoothingLabel);
    row->addWidget(m_smoothing, 1);
    row->addWidget(m_log);
    row->addStretch(1);
    row->addWidget(m_reset);
    connect(m_smoothing, &QSlider::valueChanged, this, &LiveCharts::smooth);
    connect(m_log, &QCheckBox::toggled, this, &LiveCharts::setLogLoss);
    connect(m_reset, &QPushButton::clicked, this, [this] {
        for (LiveChart* chart : m_charts)
            chart->resetView();
    });
    return tools;
}

/// The charts carry their titles from birth, so another language means other charts with the same points.
void LiveCharts::makeCharts() {
    std::vector<MetricPoint> points;
    for (LiveChart* chart : m_charts) {
        for (const char* name : {"loss", "eval_loss", "eval_accuracy", "lr", "tokens_per_second"})
            for (MetricPoint& point : chart->series(name))
                points.push_back(std::move(point));
        m_grid->removeWidget(chart);
        chart->hide();
        chart->deleteLater();
    }
    m_charts = {new LiveChart(tr("Loss"), tr("nats"), {"loss", "eval_loss"}, this),
                new LiveChart(tr("Accuracy"), {}, {"eval_accuracy"}, this),
                new LiveChart(tr("Learning rate"), {}, {"lr"}, this),
                new LiveChart(tr("Tokens per second"), {}, {"tokens_per_second"}, this)};
    const char* names[] = {"lossChart", "accuracyChart", "learningRateChart", "speedChart"};
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        m_charts[i]->setObjectName(QLatin1String(names[i]));
        m_charts[i]->setMinimumHeight(kChartHeight);
        m_grid->addWidget(m_charts[i], static_cast<int>(i / 2), static_cast<int>(i % 2));
        link(m_charts[i]);
    }
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(1, 1);
    m_charts[0]->trackBest("eval_loss", Direction::Minimize);
    m_charts[1]->trackBest("eval_accuracy", Direction::Maximize);
    smooth();
    setLogLoss(m_log->isChecked());
    append(points);
}

void LiveCharts::link(LiveChart* from) {
    connect(from, &ChartView::xRangeChanged, this, [this, from](AxisRange range) {
        if (from->isFollowing())
            return;
        for (LiveChart* chart : m_charts)
            if (chart != from)
                chart->setXRange(range);
    });
    connect(from, &ChartView::cursorMoved, this, [this, from](std::optional<double> x) {
        for (LiveChart* chart : m_charts)
            if (chart != from)
                chart->setCursor(x);
    });
}

void LiveCharts::setPoints(std::vector<MetricPoint> points) {
    for (LiveChart* chart : m_charts)
        chart->clear();
    append(points);
}

void LiveCharts::append(std::span<const MetricPoint> points) {
    for (LiveChart* chart : m_charts)
        chart->append(points);
}

void LiveCharts::smooth() {
    const double weight = m_smoothing->value() / 100.0;
    m_settings.smoothing.set(weight);
    for (LiveChart* chart : m_charts)
        chart->setSmoothing(weight);
}

void LiveCharts::setLogLoss(bool isLog) {
    m_log->setChecked(isLog);
    m_settings.isLossLogScale.set(isLog);
    m_charts.front()->setYScale(isLog ? AxisScale::Log : AxisScale::Linear);
}

void LiveCharts::retranslate() {
    m_smoothingLabel->setText(tr("S&moothing"));
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setToolTip(tr("Weight of the moving average drawn over the raw line"));
    m_log->setText(tr("L&ogarithmic loss"));
    m_reset->setText(tr("Reset &zoom"));
    makeCharts();
}

} // namespace lathe
