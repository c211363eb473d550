#include "widgets/charts/chart_canvas.h"

#include "widgets/charts/qcp.h"

#include <QKeyEvent>
#include <QLineF>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lathe {

namespace {

constexpr double kKeyZoom = 0.8;
constexpr int kLongStep = 10;
constexpr double kStill = 4;  ///< pixels that a click may move
constexpr double kReach = 14; ///< pixels within which a click means a point

double distanceToPiece(const QPointF& from, const QPointF& a, const QPointF& b) {
    const QPointF way = b - a;
    const double length = QPointF::dotProduct(way, way);
    const double share = length > 0 ? std::clamp(QPointF::dotProduct(from - a, way) / length, 0.0, 1.0) : 0;
    const QPointF gap = from - (a + share * way);
    return std::hypot(gap.x(), gap.y());
}

} // namespace

bool ChartCanvas::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_plot)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        return mousePressed(mouse->position(), mouse->button(), mouse->modifiers());
    }
    case QEvent::MouseButtonRelease:
        // The rectangle sets x, then y; a y fitted to the new x between the two would read the rectangle
        // wrongly.
        if (m_plot->selectionRect()->isActive())
            m_isFittingY = false;
        if (const auto pressed = std::exchange(m_pressedAt, std::nullopt))
            pickAt(*pressed);
        return false;
    case QEvent::MouseButtonDblClick:
        resetView();
        return true;
    case QEvent::MouseMove:
        if (const auto* mouse = static_cast<QMouseEvent*>(event); mouse->buttons() == Qt::NoButton)
            readAt(mouse->position());
        else if (m_pressedAt && (mouse->position() - *m_pressedAt).manhattanLength() > kStill)
            m_pressedAt.reset();
        return false;
    case QEvent::Leave:
        setCursor(std::nullopt);
        Q_EMIT cursorMoved(std::nullopt);
        return false;
    case QEvent::Wheel: {
        const Qt::KeyboardModifiers modifiers = static_cast<QWheelEvent*>(event)->modifiers();
        if (!m_plot->hasFocus() && !modifiers.testFlag(Qt::ControlModifier)) {
            event->ignore(); // the page that the chart is on scrolls
            return true;
        }
        m_plot->axisRect()->setRangeZoom(modifiers.testFlag(Qt::ShiftModifier) ? Qt::Vertical
                                                                               : Qt::Horizontal);
        return false;
    }
    case QEvent::KeyPress: {
        const auto* key = static_cast<QKeyEvent*>(event);
        return keyPressed(key->key(), key->modifiers());
    }
    case QEvent::FocusIn:
    case QEvent::FocusOut:
        update();
        return false;
    default:
        return false;
    }
}

bool ChartCanvas::mousePressed(const QPointF& position, Qt::MouseButton button,
                               Qt::KeyboardModifiers modifiers) {
    const bool isInside = m_plot->axisRect()->rect().contains(position.toPoint());
    const bool isRectangle =
        button == Qt::RightButton || (button == Qt::LeftButton && modifiers.testFlag(Qt::ShiftModifier));
    m_pressedAt.reset();
    if (isInside && button == Qt::LeftButton && modifiers == Qt::NoModifier)
        m_pressedAt = position;
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal | Qt::Vertical);
    m_plot->setSelectionRectMode(isInside && isRectangle ? QCP::srmZoom : QCP::srmNone);
    return false;
}

bool ChartCanvas::keyPressed(int key, Qt::KeyboardModifiers modifiers) {
    const int steps = modifiers.testFlag(Qt::ShiftModifier) ? kLongStep : 1;
    switch (key) {
    case Qt::Key_Left:
        moveCursor(-steps);
        return true;
    case Qt::Key_Right:
        moveCursor(steps);
        return true;
    case Qt::Key_Home:
        resetView();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomX(kKeyZoom);
        return true;
    case Qt::Key_Minus:
        zoomX(1 / kKeyZoom);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return pickAtCursor();
    case Qt::Key_Escape:
        if (!m_cursor)
            return false;
        setCursor(std::nullopt);
        Q_EMIT cursorMoved(std::nullopt);
        return true;
    default:
        return false;
    }
}

/// The nearest point of what is shown; of a line the nearer end of its nearest piece.
void ChartCanvas::pickAt(const QPointF& position) {
    double nearest = kReach;
    std::optional<Reading> found;
    for (std::size_t layer = 0; layer < m_state.data.layers.size(); ++layer) {
        const auto points = pointsOf(m_state.data.layers[layer]);
        if (!points || !m_state.isShown[layer])
            continue;
        const bool isLine = std::holds_alternative<Lines>(m_state.data.layers[layer]);
        std::optional<QPointF> before;
        for (std::size_t i = 0; i < points->x.size(); ++i) {
            const QPointF here(m_plot->xAxis->coordToPixel(points->x[i]),
                               m_plot->yAxis->coordToPixel(points->y[i]));
            const double distance = distanceToPiece(position, isLine && before ? *before : here, here);
            const bool isFirstEnd =
                isLine && before && QLineF(position, *before).length() < QLineF(position, here).length();
            const std::size_t place = isFirstEnd ? i - 1 : i;
            if (distance < nearest || (distance == nearest && !found)) {
                nearest = distance;
                found = Reading{layer, points->x[place], points->y[place], {}};
            }
            before = std::isfinite(points->y[i]) ? std::optional(here) : std::nullopt;
        }
    }
    if (found)
        Q_EMIT pointPicked(found->layer, found->x, found->y);
}

bool ChartCanvas::pickAtCursor() {
    const auto found = m_cursor ? readings(m_state, *m_cursor) : std::vector<Reading>{};
    const auto at =
        std::ranges::find_if(found, [this](const Reading& reading) { return reading.x == *m_cursor; });
    if (at == found.end())
        return false;
    Q_EMIT pointPicked(at->layer, at->x, at->y);
    return true;
}

/// To the next x of any shown series; the first press starts at the right end, where the news is.
void ChartCanvas::moveCursor(int steps) {
    std::vector<double> xs;
    for (std::size_t i = 0; i < m_state.data.layers.size(); ++i)
        if (const auto points = pointsOf(m_state.data.layers[i]); points && m_state.isShown[i])
            for (std::size_t p = 0; p < points->x.size(); ++p)
                if (std::isfinite(points->y[p]))
                    xs.push_back(points->x[p]);
    std::sort(xs.begin(), xs.end());
    xs.erase(std::unique(xs.begin(), xs.end()), xs.end());
    if (xs.empty())
        return;
    auto place = static_cast<std::ptrdiff_t>(xs.size()) - 1;
    if (m_cursor) {
        const auto here = std::lower_bound(xs.begin(), xs.end(), *m_cursor) - xs.begin();
        place = std::clamp<std::ptrdiff_t>(here + steps, 0, place);
    }
    const double x = xs[static_cast<std::size_t>(place)];
    setCursor(x);
    if (!m_plot->xAxis->range().contains(x)) {
        const double shift = x - m_plot->xAxis->range().center();
        setXRange({m_plot->xAxis->range().lower + shift, m_plot->xAxis->range().upper + shift});
        Q_EMIT xRangeChanged(xRange());
    }
    Q_EMIT cursorMoved(m_cursor);
}

void ChartCanvas::zoomX(double factor) {
    m_plot->xAxis->scaleRange(factor, m_cursor.value_or(m_plot->xAxis->range().center()));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ChartCanvas::readAt(const QPointF& position) {
    const bool isInside = m_plot->axisRect()->rect().contains(position.toPoint());
    setCursor(isInside ? std::optional(m_plot->xAxis->pixelToCoord(position.x())) : std::nullopt);
    Q_EMIT cursorMoved(m_cursor);
}

void ChartCanvas::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
        event->type() == QEvent::StyleChange)
        applyColors();
}

void ChartCanvas::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    chooseTickCounts();
}

void ChartCanvas::paintEvent(QPaintEvent*) {
    if (!m_plot->hasFocus())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(themeColors(palette()).accentText, 1.6));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
}

} // namespace lathe
