#include "widgets/charts/chart_view.h"

#include "widgets/charts/chart_canvas.h"
#include "widgets/charts/chart_header.h"
#include "widgets/charts/chart_legend.h"
#include "widgets/charts/chart_table_model.h"
#include "widgets/charts/qcp.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lathe {

struct ChartView::Parts {
    explicit Parts(ChartView& view)
        : header(new ChartHeader(&view)),
          legend(new ChartLegend(state, &view)),
          stack(new QStackedWidget(&view)),
          empty(new QLabel(stack)),
          canvas(new ChartCanvas(state, stack)),
          table(new QTableView(stack)),
          model(new ChartTableModel(state, &view)) {}

    ChartState state;
    ChartHeader* header;
    ChartLegend* legend;
    QStackedWidget* stack;
    QLabel* empty;
    ChartCanvas* canvas;
    QTableView* table;
    ChartTableModel* model;
    std::optional<double> marker;
    QString markerLabel;
    bool isTableShown = false;
    QTimer summaryTimer;

    [[nodiscard]] std::optional<std::size_t> layerNamed(std::string_view name) const {
        for (std::size_t i = 0; i < state.data.layers.size(); ++i)
            if (layerName(state.data.layers[i]) == name)
                return i;
        return std::nullopt;
    }
    void showRightPage() {
        const auto& layers = state.data.layers;
        const bool hasData = std::any_of(layers.begin(), layers.end(), hasPoints);
        QWidget* page = empty;
        if (hasData)
            page = isTableShown ? static_cast<QWidget*>(table) : canvas;
        if (stack->currentWidget() != page)
            stack->setCurrentWidget(page);
        header->setUsable(hasData);
    }
    void shownChanged() {
        canvas->visibilityChanged();
        legend->refresh();
        model->rebuild();
    }
};

ChartView::ChartView(QWidget* parent) : QFrame(parent), m_parts(std::make_unique<Parts>(*this)) {
    setLook(this, Look::Card);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 10, 8);
    layout->setSpacing(4);
    layout->addWidget(m_parts->header);
    layout->addWidget(m_parts->legend);
    layout->addWidget(m_parts->stack, 1);
    for (QWidget* page : {static_cast<QWidget*>(m_parts->empty), static_cast<QWidget*>(m_parts->canvas),
                          static_cast<QWidget*>(m_parts->table)})
        m_parts->stack->addWidget(page);
    setUpPages();
    connectParts();
    m_parts->summaryTimer.setSingleShot(true);
    m_parts->summaryTimer.setInterval(1000);
    setData({});
    setEmptyText(tr("No data yet"));
}

// The canvas goes before the state it draws; its parent would delete it later.
ChartView::~ChartView() {
    m_parts->canvas->plot()->removeEventFilter(this); // it still gets events while the canvas goes
    delete m_parts->table;
    delete m_parts->legend;
    delete m_parts->canvas;
    delete m_parts->model;
}

void ChartView::setUpPages() {
    m_parts->empty->setObjectName(QStringLiteral("chartEmptyLabel"));
    m_parts->empty->setAlignment(Qt::AlignCenter);
    m_parts->empty->setWordWrap(true);
    setLook(m_parts->empty, Look::Muted);
    QTableView* table = m_parts->table;
    table->setObjectName(QStringLiteral("chartTable"));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setAlternatingRowColors(true);
    table->setFrameShape(QFrame::NoFrame);
    table->verticalHeader()->hide();
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    table->setTabKeyNavigation(false);
    table->installEventFilter(this);
    m_parts->canvas->plot()->installEventFilter(this);
}

void ChartView::connectParts() {
    connect(m_parts->legend, &ChartLegend::toggled, this, [this](std::size_t layer) { toggleSeries(layer); });
    connect(m_parts->legend, &ChartLegend::soloAsked, this,
            [this](std::size_t layer) { soloSeries(layerName(m_parts->state.data.layers[layer])); });
    connect(m_parts->canvas, &ChartCanvas::xRangeChanged, this, &ChartView::xRangeChanged);
    connect(m_parts->canvas, &ChartCanvas::cursorMoved, this, &ChartView::cursorMoved);
    connect(m_parts->canvas, &ChartCanvas::pointPicked, this, &ChartView::pointPicked);
    connect(m_parts->canvas, &ChartCanvas::followingChanged, this, &ChartView::followingChanged);
    connect(m_parts->header, &ChartHeader::logToggled, this,
            [this](bool isLog) { setYScale(isLog ? AxisScale::Log : AxisScale::Linear); });
    connect(m_parts->header, &ChartHeader::tableToggled, this, &ChartView::setTableShown);
    connect(m_parts->header, &ChartHeader::resetAsked, this, &ChartView::resetView);
    connect(m_parts->header, &ChartHeader::saveAsked, this,
            [this](ChartImageFormat format, const QString& path) {
                m_parts->header->showOutcome(saveImage(path, format));
            });
    connect(m_parts->header, &ChartHeader::saveCsvAsked, this,
            [this](const QString& path) { m_parts->header->showOutcome(saveCsv(path)); });
    connect(m_parts->header, &ChartHeader::copyAsked, this, &ChartView::copyToClipboard);
    connect(&m_parts->summaryTimer, &QTimer::timeout, this, &ChartView::updateTexts);
}

void ChartView::setData(ChartData data) {
    ChartState& state = m_parts->state;
    std::vector<std::string> hidden;
    for (std::size_t i = 0; i < state.data.layers.size(); ++i)
        if (!state.isShown[i])
            hidden.push_back(layerName(state.data.layers[i]));
    state.data = std::move(data);
    normalize(state.data);
    state.isShown.clear();
    for (const Layer& layer : state.data.layers)
        state.isShown.push_back(std::find(hidden.begin(), hidden.end(), layerName(layer)) == hidden.end());
    measureAll(state);
    m_parts->header->setTitle(QString::fromStdString(state.data.title));
    setAccessibleName(QString::fromStdString(state.data.title));
    m_parts->canvas->rebuild();
    m_parts->canvas->setScales(state.data.x.logScale ? AxisScale::Log : AxisScale::Linear,
                               state.data.y.logScale ? AxisScale::Log : AxisScale::Linear);
    m_parts->header->setLogChecked(state.data.y.logScale);
    m_parts->legend->rebuild();
    m_parts->model->rebuild();
    m_parts->showRightPage();
    updateTexts();
}

const ChartData& ChartView::data() const { return m_parts->state.data; }

void ChartView::setEmptyText(const QString& text) { m_parts->empty->setText(text); }

void ChartView::setXScale(AxisScale scale) {
    if (scale == xScale())
        return;
    m_parts->state.data.x.logScale = scale == AxisScale::Log;
    m_parts->canvas->setScales(scale, yScale());
}

void ChartView::setYScale(AxisScale scale) {
    m_parts->header->setLogChecked(scale == AxisScale::Log);
    if (scale == yScale())
        return;
    m_parts->state.data.y.logScale = scale == AxisScale::Log;
    m_parts->canvas->setScales(xScale(), scale);
}

AxisScale ChartView::xScale() const { return m_parts->canvas->xScale(); }

AxisScale ChartView::yScale() const { return m_parts->canvas->yScale(); }

void ChartView::setSmoothing(double weight) {
    LATHE_EXPECT(weight >= 0 && weight < 1);
    if (m_parts->state.smoothing == weight)
        return;
    m_parts->state.smoothing = weight;
    measureAll(m_parts->state);
    m_parts->canvas->refill();
}

double ChartView::smoothing() const { return m_parts->state.smoothing; }

std::vector<std::string> ChartView::seriesNames() const {
    std::vector<std::string> names;
    for (const Layer& layer : data().layers)
        names.push_back(layerName(layer));
    return names;
}

void ChartView::setSeriesVisibility(std::string_view name, SeriesVisibility visibility) {
    const auto layer = m_parts->layerNamed(name);
    if (layer && seriesVisibility(name) != visibility)
        toggleSeries(*layer);
}

SeriesVisibility ChartView::seriesVisibility(std::string_view name) const {
    const auto layer = m_parts->layerNamed(name);
    return layer && m_parts->state.isShown[*layer] ? SeriesVisibility::Shown : SeriesVisibility::Hidden;
}

void ChartView::toggleSeries(std::size_t layer) {
    toggleShown(m_parts->state, layer);
    m_parts->shownChanged();
    updateTexts();
    Q_EMIT seriesVisibilityChanged();
}

void ChartView::soloSeries(std::string_view name) {
    const auto layer = m_parts->layerNamed(name);
    if (!layer)
        return;
    showAlone(m_parts->state, *layer);
    m_parts->shownChanged();
    updateTexts();
    Q_EMIT seriesVisibilityChanged();
}

void ChartView::setMarker(std::optional<double> x, const QString& label) {
    if (m_parts->marker == x && m_parts->markerLabel == label)
        return;
    m_parts->marker = x;
    m_parts->markerLabel = label;
    m_parts->canvas->setMarker(x, label);
}

AxisRange ChartView::xRange() const { return m_parts->canvas->xRange(); }

AxisRange ChartView::yRange() const { return m_parts->canvas->yRange(); }

void ChartView::setXRange(AxisRange range) { m_parts->canvas->setXRange(range); }

void ChartView::resetView() { m_parts->canvas->resetView(); }

bool ChartView::isFollowing() const { return m_parts->canvas->isFollowing(); }

void ChartView::setCursor(std::optional<double> x) { m_parts->canvas->setCursor(x); }

std::optional<double> ChartView::cursor() const { return m_parts->canvas->cursor(); }

QString ChartView::cursorText() const {
    const auto x = cursor();
    return x ? readingText(m_parts->state, *x) : QString();
}

QString ChartView::summary() const {
    const QString marker =
        m_parts->marker ? QLatin1Char(' ') + m_parts->markerLabel + QLatin1Char('.') : QString();
    return summaryText(m_parts->state) + (m_parts->markerLabel.isEmpty() ? QString() : marker);
}

ChartTableModel* ChartView::tableModel() const { return m_parts->model; }

void ChartView::setTableShown(bool isShown) {
    m_parts->isTableShown = isShown;
    m_parts->header->setTableChecked(isShown);
    // A hidden view would still follow every new row, which costs more than drawing it.
    m_parts->table->setModel(isShown ? m_parts->model : nullptr);
    m_parts->table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() * 7 / 4);
    m_parts->showRightPage();
}

bool ChartView::isTableShown() const { return m_parts->isTableShown; }

Status ChartView::saveImage(const QString& path, ChartImageFormat format) const {
    ChartCanvas& canvas = *m_parts->canvas;
    const auto cursorNow = canvas.cursor();
    canvas.setCursor(std::nullopt);
    if (format != ChartImageFormat::Png)
        canvas.applyColors(&lightColors());
    const Status outcome =
        savePlot(*canvas.plot(), path, format, QString::fromStdString(m_parts->state.data.title));
    canvas.applyColors();
    canvas.setCursor(cursorNow);
    return outcome;
}

Status ChartView::saveCsv(const QString& path) const {
    ChartData shown = m_parts->state.data;
    std::size_t position = 0;
    std::erase_if(shown.layers, [&](const Layer&) { return !m_parts->state.isShown[position++]; });
    return saveText(path, toCsv(shown, m_parts->state.smoothing));
}

QCustomPlot* ChartView::plot() const { return m_parts->canvas->plot(); }

std::size_t ChartView::addLine(Lines line) {
    ChartState& state = m_parts->state;
    state.data.layers.emplace_back(std::move(line));
    state.isShown.push_back(true);
    state.facts.emplace_back();
    measure(state, state.facts.size() - 1);
    m_parts->canvas->addPainter();
    m_parts->legend->rebuild();
    m_parts->model->rebuild();
    return state.data.layers.size() - 1;
}

void ChartView::renameLine(std::size_t layer, const std::string& name) {
    std::get<Lines>(m_parts->state.data.layers[layer]).name = name;
    m_parts->canvas->refillLayer(layer);
    m_parts->legend->rebuild();
    m_parts->model->rebuild();
}

void ChartView::putPoint(std::size_t layer, double x, double y) {
    LATHE_EXPECT(std::isfinite(x));
    Lines& lines = std::get<Lines>(m_parts->state.data.layers[layer]);
    if (lines.x.empty() || x > lines.x.back()) {
        lines.x.push_back(x);
        lines.y.push_back(y);
        measureLast(m_parts->state, layer);
        m_parts->canvas->appendTo(layer);
        m_parts->model->putPoint(layer, lines.x.size() - 1);
        return;
    }
    const auto place = std::lower_bound(lines.x.begin(), lines.x.end(), x);
    const auto index = place - lines.x.begin();
    if (*place == x) {
        lines.y[static_cast<std::size_t>(index)] = y;
        m_parts->model->putPoint(layer, static_cast<std::size_t>(index));
    } else {
        lines.x.insert(place, x);
        lines.y.insert(lines.y.begin() + index, y);
        m_parts->model->rebuild();
    }
    measure(m_parts->state, layer);
    m_parts->canvas->refillLayer(layer);
}

void ChartView::setPoints(std::size_t layer, std::vector<double> x, std::vector<double> y) {
    Lines& lines = std::get<Lines>(m_parts->state.data.layers[layer]);
    lines.x = std::move(x);
    lines.y = std::move(y);
    measure(m_parts->state, layer);
    m_parts->canvas->refillLayer(layer);
    m_parts->model->rebuild();
}

void ChartView::dropPointsAfter(std::size_t layer, double x) {
    const Lines& lines = std::get<Lines>(m_parts->state.data.layers[layer]);
    const auto kept = std::upper_bound(lines.x.begin(), lines.x.end(), x) - lines.x.begin();
    setPoints(layer, {lines.x.begin(), lines.x.begin() + kept}, {lines.y.begin(), lines.y.begin() + kept});
}

void ChartView::pointsChanged() {
    m_parts->showRightPage();
    m_parts->canvas->followPoints();
    // Spoken text may lag: a second's worth of points costs one pass over the data, not thirty.
    if (!m_parts->summaryTimer.isActive())
        m_parts->summaryTimer.start();
}

void ChartView::updateTexts() {
    const QString text = summary();
    setAccessibleDescription(text);
    m_parts->canvas->plot()->setAccessibleName(accessibleName());
    m_parts->canvas->plot()->setAccessibleDescription(text);
    m_parts->table->setAccessibleName(tr("Values of %1", "a chart").arg(accessibleName()));
}

void ChartView::copyToClipboard() {
    QGuiApplication::clipboard()->setPixmap(m_parts->canvas->plot()->toPixmap());
}

void ChartView::copySelectedRows() {
    QList<int> rows;
    for (const QModelIndex& index : m_parts->table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    QGuiApplication::clipboard()->setText(m_parts->model->toTsv(rows));
}

bool ChartView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_parts->table && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        copySelectedRows();
        return true;
    }
    if (watched == m_parts->canvas->plot() && event->type() == QEvent::FocusIn)
        updateTexts();
    return QFrame::eventFilter(watched, event);
}

} // namespace lathe
