#include "widgets/charts/chart_canvas.h"

#include "widgets/charts/chart_readout.h"
#include "widgets/charts/qcp.h"
#include "widgets/charts/series_style.h"

#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>

namespace lathe {

namespace {

constexpr double kPadding = 0.05;

/// Steps and trial numbers are whole: no tick at 0.5.
class WholeTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange& range) override {
        return std::max(1.0, std::ceil(QCPAxisTicker::getTickStep(range)));
    }
    int getSubTickCount(double) override { return 0; }
};

/// 1, 2, 5 of each decade, fewer where the axis is short; QCPAxisTickerLog knows decades only.
class LogTicker : public QCPAxisTickerLog {
protected:
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override {
        static const std::array<QVector<double>, 3> kDigits = {QVector<double>{1, 2, 5}, {1, 3}, {1}};
        for (const QVector<double>& digits : kDigits) {
            QVector<double> ticks;
            const double top = range.upper * (1 + 1e-9);
            for (double decade = std::pow(10.0, std::floor(std::log10(range.lower))); decade <= top;
                 decade *= 10)
                for (const double digit : digits)
                    if (digit * decade >= range.lower && digit * decade <= top)
                        ticks.append(digit * decade);
            if (ticks.size() < 2)
                return QCPAxisTicker::createTickVector(QCPAxisTicker::getTickStep(range), range);
            if (ticks.size() <= tickCount() + 1)
                return ticks;
        }
        return QCPAxisTickerLog::createTickVector(tickStep, range);
    }
};

bool hasOnlyWholeX(const ChartState& state) {
    const auto isWhole = [](double x) { return x == std::floor(x); };
    return std::ranges::all_of(state.data.layers, [isWhole](const Layer& layer) {
        if (const Band* band = std::get_if<Band>(&layer))
            return std::ranges::all_of(band->x, isWhole);
        const auto points = pointsOf(layer);
        return !points || std::ranges::all_of(points->x, isWhole); // bars and cells stand at whole places
    });
}

QCPRange padded(ValueRange range, bool isLog, double padding) {
    if (isLog) {
        if (range.low == range.high)
            return {range.low / 2, range.high * 2};
        const double factor = std::pow(range.high / range.low, padding);
        return {range.low / factor, range.high * factor};
    }
    if (range.low == range.high) {
        const double half = range.low == 0 ? 1 : std::abs(range.low) * 0.1;
        return {range.low - half, range.high + half};
    }
    const double more = (range.high - range.low) * padding;
    return {range.low - more, range.high + more};
}

void styleAxis(QCPAxis& axis, const ThemeColors& colors, const QFont& font) {
    axis.setBasePen(QPen(colors.border));
    axis.setTickPen(Qt::NoPen);
    axis.setSubTickPen(Qt::NoPen);
    axis.setTickLabelColor(colors.mutedText);
    axis.setLabelColor(colors.mutedText);
    axis.setTickLabelFont(font);
    axis.setLabelFont(font);
    axis.grid()->setPen(QPen(colors.grid));
    axis.grid()->setSubGridVisible(false);
    axis.grid()->setZeroLinePen(Qt::NoPen);
}

void setScale(QCPAxis& axis, AxisScale scale) {
    const bool isLog = scale == AxisScale::Log;
    axis.setScaleType(isLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis.setTicker(isLog ? QSharedPointer<QCPAxisTicker>(new LogTicker)
                         : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    axis.setNumberFormat(QStringLiteral("gb"));
    axis.setNumberPrecision(6);
}

} // namespace

ChartCanvas::ChartCanvas(const ChartState& state, QWidget* parent)
    : QWidget(parent), m_state(state), m_plot(new QCustomPlot(this)), m_readout(new QLabel(m_plot)) {
    auto* layout = new QVBoxLayout(this);
    constexpr int kFocusFrame = 3;
    layout->setContentsMargins(kFocusFrame, kFocusFrame, kFocusFrame, kFocusFrame);
    layout->addWidget(m_plot);
    m_plot->setObjectName(QStringLiteral("chartPlot"));
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMouseTracking(true);
    m_plot->setMinimumSize(220, 130);
    m_plot->setContextMenuPolicy(Qt::PreventContextMenu); // the right button draws a rectangle
    m_plot->installEventFilter(this);
    setFocusProxy(m_plot);
    m_readout->setObjectName(QStringLiteral("chartReadoutLabel"));
    m_readout->setTextFormat(Qt::RichText);
    m_readout->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_readout->hide();
    setUpPlot();
    applyColors();
}

ChartCanvas::~ChartCanvas() { m_painters.clear(); }

void ChartCanvas::setUpPlot() {
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setPlottingHint(QCP::phFastPolylines); // solid lines wider than a pixel, many times faster
    m_plot->setAutoAddPlottableToLegend(false);
    m_plot->axisRect()->setRangeZoomFactor(0.8);
    m_plot->axisRect()->setMinimumMargins(QMargins(8, 10, 14, 4));
    m_plot->legend->setVisible(false);
    m_plot->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | Qt::AlignRight);
    m_cursorLine = new QCPItemStraightLine(m_plot);
    m_markerLine = new QCPItemStraightLine(m_plot);
    m_markerText = new QCPItemText(m_plot);
    m_cursorLine->setLayer(QStringLiteral("overlay"));
    m_markerText->setPositionAlignment(Qt::AlignTop | Qt::AlignHCenter);
    m_markerText->setPadding(QMargins(6, 2, 6, 2));
    m_markerText->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    m_markerText->position->setAxisRect(m_plot->axisRect());
    m_cursorLine->setVisible(false);
    m_markerLine->setVisible(false);
    m_markerText->setVisible(false);
    setScale(*m_plot->xAxis, AxisScale::Linear);
    setScale(*m_plot->yAxis, AxisScale::Linear);
    const auto changed = [this] {
        if (!m_isSettingRange)
            rangeChangedByUser();
    };
    const auto userMovedY = [this] { m_isFittingY = m_isFittingY && m_isSettingRange; };
    connect(m_plot->yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, userMovedY);
    connect(m_plot->yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, changed);
    connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, changed);
    connect(m_plot, &QCustomPlot::afterReplot, this, [this] { placeReadout(); });
}

PaintSetting ChartCanvas::setting() const {
    const ThemeColors& colors = m_paper ? *m_paper : themeColors(palette());
    const bool isDarkPaper = m_paper ? m_paper == &darkColors() : lathe::isDark(palette());
    return {xScale() == AxisScale::Log, yScale() == AxisScale::Log, isDarkPaper, &colors};
}

void ChartCanvas::rebuild() {
    m_painters.clear();
    for (std::size_t i = 0; i < m_state.data.layers.size(); ++i)
        addPainter();
    m_plot->xAxis->setLabel(axisText(m_state.data.x));
    m_plot->yAxis->setLabel(axisText(m_state.data.y));
    setCursor(std::nullopt);
    chooseTickers();
    resetView();
}

void ChartCanvas::addPainter() {
    const std::size_t index = m_painters.size();
    m_painters.push_back(makeLayerPainter(*m_plot, m_state.data.layers[index], index));
    m_painters[index]->setShown(m_state.isShown[index]);
    m_painters[index]->fill(m_state.data.layers[index], m_state.facts[index].smooth, setting());
}

void ChartCanvas::refill() {
    for (std::size_t i = 0; i < m_painters.size(); ++i)
        m_painters[i]->fill(m_state.data.layers[i], m_state.facts[i].smooth, setting());
    followPoints();
}

void ChartCanvas::refillLayer(std::size_t layer) {
    m_painters[layer]->fill(m_state.data.layers[layer], m_state.facts[layer].smooth, setting());
}

void ChartCanvas::appendTo(std::size_t layer) {
    m_painters[layer]->append(m_state.data.layers[layer], m_state.facts[layer].smooth, setting());
}

void ChartCanvas::visibilityChanged() {
    for (std::size_t i = 0; i < m_painters.size(); ++i) {
        m_painters[i]->setShown(m_state.isShown[i]);
        m_painters[i]->restyle(setting());
    }
    followPoints();
}

void ChartCanvas::followPoints() {
    if (m_isFollowing)
        fitX();
    if (m_isFittingY)
        fitY();
    placeTracers();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ChartCanvas::chooseTickers() {
    const bool isCategorical = std::any_of(m_state.data.layers.begin(), m_state.data.layers.end(),
                                           [](const Layer& l) { return std::holds_alternative<Bars>(l); });
    if (!isCategorical && xScale() == AxisScale::Linear)
        m_plot->xAxis->setTicker(hasOnlyWholeX(m_state) ? QSharedPointer<QCPAxisTicker>(new WholeTicker)
                                                        : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    const bool isHeat = std::ranges::any_of(m_state.data.layers,
                                            [](const Layer& l) { return std::holds_alternative<Heat>(l); });
    if (isHeat)
        m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new WholeTicker));
    chooseTickCounts();
}

void ChartCanvas::setScales(AxisScale x, AxisScale y) {
    setScale(*m_plot->xAxis, x);
    setScale(*m_plot->yAxis, y);
    chooseTickers();
    // A range chosen on one scale may lie outside the other (zero on a logarithmic axis).
    resetView();
    refill();
}

AxisScale ChartCanvas::xScale() const {
    return m_plot->xAxis->scaleType() == QCPAxis::stLogarithmic ? AxisScale::Log : AxisScale::Linear;
}

AxisScale ChartCanvas::yScale() const {
    return m_plot->yAxis->scaleType() == QCPAxis::stLogarithmic ? AxisScale::Log : AxisScale::Linear;
}

/// Labels must not run into each other on a small chart.
void ChartCanvas::chooseTickCounts() {
    const int line = fontMetrics().height() * 5 / 2;
    const int column = fontMetrics().averageCharWidth() * 13;
    m_plot->yAxis->ticker()->setTickCount(std::clamp(m_plot->height() / line, 2, 7));
    m_plot->xAxis->ticker()->setTickCount(std::clamp(m_plot->width() / column, 2, 9));
}

void ChartCanvas::fitX() {
    const bool isLog = xScale() == AxisScale::Log;
    const auto extent = xExtent(m_state, isLog);
    const QCPRange range = extent ? padded(*extent, isLog, 0.015) : QCPRange(isLog ? 1 : 0, 10);
    if (range == m_plot->xAxis->range())
        return;
    m_isSettingRange = true;
    m_plot->xAxis->setRange(range);
    m_isSettingRange = false;
    Q_EMIT xRangeChanged(xRange());
}

void ChartCanvas::fitY() {
    const bool isLog = yScale() == AxisScale::Log;
    const QCPRange x = m_plot->xAxis->range();
    auto extent =
        yExtent(m_state, isLog, m_isFollowing ? std::nullopt : std::optional(ValueRange{x.lower, x.upper}));
    if (!extent)
        extent = yExtent(m_state, isLog, std::nullopt);
    m_isSettingRange = true;
    m_plot->yAxis->setRange(extent ? padded(*extent, isLog, kPadding) : QCPRange(isLog ? 0.1 : 0, 1));
    m_isSettingRange = false;
}

void ChartCanvas::rangeChangedByUser() {
    setFollowing(false);
    if (m_isFittingY)
        fitY();
    Q_EMIT xRangeChanged(xRange());
}

void ChartCanvas::setFollowing(bool isFollowing) {
    if (m_isFollowing == isFollowing)
        return;
    m_isFollowing = isFollowing;
    Q_EMIT followingChanged(isFollowing);
}

AxisRange ChartCanvas::xRange() const { return {m_plot->xAxis->range().lower, m_plot->xAxis->range().upper}; }

AxisRange ChartCanvas::yRange() const { return {m_plot->yAxis->range().lower, m_plot->yAxis->range().upper}; }

void ChartCanvas::setXRange(AxisRange range) {
    m_isSettingRange = true;
    m_plot->xAxis->setRange(range.low, range.high);
    m_isSettingRange = false;
    setFollowing(false);
    if (m_isFittingY)
        fitY();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ChartCanvas::resetView() {
    m_isFittingY = true;
    setFollowing(true);
    followPoints();
}

void ChartCanvas::setMarker(std::optional<double> x, const QString& label) {
    m_markerLine->setVisible(x.has_value());
    m_markerText->setVisible(x && !label.isEmpty());
    if (x) {
        m_markerLine->point1->setCoords(*x, 0);
        m_markerLine->point2->setCoords(*x, 1);
        m_markerText->position->setCoords(*x, 0.01);
        // Near an edge the label keeps to the inside of the line.
        const QCPRange shown = m_plot->xAxis->range();
        const double place = (*x - shown.lower) / shown.size();
        constexpr double kEdge = 0.2;
        m_markerText->setPositionAlignment(Qt::AlignTop | (place > 1 - kEdge ? Qt::AlignRight
                                                           : place < kEdge   ? Qt::AlignLeft
                                                                             : Qt::AlignHCenter));
        m_markerText->setText(label);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ChartCanvas::applyColors(const ThemeColors* colors) {
    m_paper = colors;
    const PaintSetting paint = setting();
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    m_plot->setBackground(QBrush(paint.colors->surface));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis})
        styleAxis(*axis, *paint.colors, small);
    m_plot->legend->setFont(small);
    m_plot->legend->setTextColor(paint.colors->text);
    m_plot->legend->setBrush(paint.colors->surface);
    m_plot->legend->setBorderPen(QPen(paint.colors->border));
    m_plot->selectionRect()->setPen(QPen(paint.colors->accentText, 1, Qt::DashLine));
    QColor veil = paint.colors->accentText;
    veil.setAlpha(40);
    m_plot->selectionRect()->setBrush(veil);
    m_cursorLine->setPen(QPen(paint.colors->mutedText, 1));
    m_markerLine->setPen(QPen(paint.colors->success, 1.2, Qt::DashLine));
    m_markerText->setColor(paint.colors->success);
    m_markerText->setFont(small);
    m_markerText->setBrush(paint.colors->surface);
    m_readout->setStyleSheet(
        QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3;"
                       " border-radius: 6px; padding: 4px 6px; }")
            .arg(paint.colors->raised.name(), paint.colors->text.name(), paint.colors->border.name()));
    for (const auto& painter : m_painters)
        painter->restyle(paint);
    if (m_cursor)
        m_readout->setText(readoutHtml(m_state, *m_cursor, paint.isDark));
    placeTracers();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

} // namespace lathe
