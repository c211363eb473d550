#include "widgets/charts/chart_canvas.h"

#include "widgets/charts/qcp.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr double kKeyZoom = 0.8;
constexpr int kLongStep = 10;

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
        return false;
    case QEvent::MouseButtonDblClick:
        resetView();
        return true;
    case QEvent::MouseMove:
        if (const auto* mouse = static_cast<QMouseEvent*>(event); mouse->buttons() == Qt::NoButton)
            readAt(mouse->position());
        return false;
    case QEvent::Leave:
        setCursor(std::nullopt);
        Q_EMIT cursorMoved(std::nullopt);
        return false;
    case QEvent::Wheel: {
        const bool isVertical = static_cast<QWheelEvent*>(event)->modifiers().testFlag(Qt::ShiftModifier);
        m_plot->axisRect()->setRangeZoom(isVertical ? Qt::Vertical : Qt::Horizontal);
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
