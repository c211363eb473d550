#include "widgets/pages/parallel_view.h"

#include "core/session/text.h"
#include "widgets/charts/series_style.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

constexpr double kGrab = 16;      ///< pixels beside an axis that still belong to it
constexpr double kClick = 0.01;   ///< a drag shorter than this share of the axis is a click
constexpr double kStep = 0.05;    ///< of an axis, for a key
constexpr double kShortest = 0.1; ///< mark that keys make
constexpr double kBrushWidth = 14;
constexpr double kWorst = 0.75; ///< how faint the worst trial's line is
constexpr double kDim = 0.88;

} // namespace

ParallelView::ParallelView(QWidget* parent) : QWidget(parent) {
    setObjectName("parallelView");
    setFocusPolicy(Qt::StrongFocus);
    describe();
}

QSize ParallelView::minimumSizeHint() const { return {320, 9 * fontMetrics().height()}; }

void ParallelView::setData(ParallelCoordinates data) {
    m_data = std::move(data);
    m_current = std::min(m_current, m_data.axes.empty() ? 0 : m_data.axes.size() - 1);
    describe();
    update();
}

void ParallelView::setChosen(std::optional<std::int64_t> number) {
    m_chosen = number;
    update();
}

std::optional<AxisBrush> ParallelView::brush(std::size_t axis) const {
    const auto found = m_brushes.find(m_data.axes[axis].label);
    return found == m_brushes.end() ? std::nullopt : std::optional(found->second);
}

void ParallelView::setBrush(std::size_t axis, std::optional<AxisBrush> brush) {
    if (brush)
        m_brushes[m_data.axes[axis].label] = *brush;
    else
        m_brushes.erase(m_data.axes[axis].label);
    describe();
    update();
    Q_EMIT marksChanged();
}

void ParallelView::clearBrushes() {
    if (m_brushes.empty())
        return;
    m_brushes.clear();
    describe();
    update();
    Q_EMIT marksChanged();
}

std::set<std::int64_t> ParallelView::marked() const {
    std::set<std::int64_t> numbers;
    for (const ParallelLine& line : m_data.lines)
        if (isMarked(line))
            numbers.insert(line.trial);
    return numbers;
}

bool ParallelView::isMarked(const ParallelLine& line) const {
    for (std::size_t axis = 0; axis < m_data.axes.size(); ++axis) {
        const auto mark = brush(axis);
        if (mark && (!line.places[axis] || !mark->holds(*line.places[axis])))
            return false;
    }
    return true;
}

bool ParallelView::hasTop() const { return !std::ranges::all_of(m_data.lines, &ParallelLine::isTop); }

QRectF ParallelView::frame() const {
    const double text = fontMetrics().height();
    const double side = std::max(40.0, 0.06 * width());
    return QRectF(rect()).adjusted(side, 2 * text, -side, -1.2 * text);
}

QPointF ParallelView::pointOf(std::size_t axis, double place) const {
    const QRectF area = frame();
    const double gaps = std::max(1.0, static_cast<double>(m_data.axes.size()) - 1);
    return {area.left() + area.width() * static_cast<double>(axis) / gaps,
            area.bottom() - place * area.height()};
}

double ParallelView::placeAt(double y) const {
    const QRectF area = frame();
    return std::clamp((area.bottom() - y) / area.height(), 0.0, 1.0);
}

std::optional<std::size_t> ParallelView::axisAt(double x) const {
    for (std::size_t axis = 0; axis < m_data.axes.size(); ++axis)
        if (std::abs(pointOf(axis, 0).x() - x) <= kGrab)
            return axis;
    return std::nullopt;
}

void ParallelView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    drawLines(painter);
    for (std::size_t axis = 0; axis < m_data.axes.size(); ++axis)
        drawAxis(painter, axis);
}

/// What is dim lies behind what is not, and the chosen trial over all.
void ParallelView::drawLines(QPainter& painter) const {
    const ThemeColors& colors = themeColors(palette());
    const bool isTopOnly = hasTop();
    painter.setPen(QPen(faint(colors.text, colors.surface, kDim), 1));
    std::vector<std::size_t> strong;
    for (std::size_t i = 0; i < m_data.lines.size(); ++i) {
        const ParallelLine& line = m_data.lines[i];
        if (isMarked(line) && (!isTopOnly || line.isTop))
            strong.push_back(i);
        else
            drawLine(painter, line);
    }
    const double all = std::max(1.0, static_cast<double>(m_data.lines.size()) - 1);
    for (const std::size_t i : strong) {
        const double worse = 1 - static_cast<double>(i) / all; // they come worst first
        const bool isBest = m_data.lines[i].isBest;
        painter.setPen(
            QPen(faint(colors.accentText, colors.surface, isBest ? 0 : kWorst * worse), isBest ? 2.4 : 1.2));
        drawLine(painter, m_data.lines[i]);
    }
    const auto chosen = std::ranges::find_if(
        m_data.lines, [this](const ParallelLine& line) { return m_chosen == line.trial; });
    if (chosen == m_data.lines.end())
        return;
    painter.setPen(QPen(colors.warning, 2.6, Qt::DashLine)); // not by colour alone
    drawLine(painter, *chosen);
}

void ParallelView::drawLine(QPainter& painter, const ParallelLine& line) const {
    QPolygonF piece;
    const auto flush = [&] {
        if (piece.size() == 1)
            painter.drawEllipse(piece.front(), 2, 2);
        else if (!piece.isEmpty())
            painter.drawPolyline(piece);
        piece.clear();
    };
    for (std::size_t axis = 0; axis < line.places.size(); ++axis) {
        if (line.places[axis])
            piece << pointOf(axis, *line.places[axis]);
        else
            flush(); // the quantity is not in this trial
    }
    flush();
}

void ParallelView::drawAxis(QPainter& painter, std::size_t axis) const {
    const ThemeColors& colors = themeColors(palette());
    const bool isCurrent = hasFocus() && axis == m_current;
    const double line = fontMetrics().height();
    const QPointF low = pointOf(axis, 0);
    const QPointF high = pointOf(axis, 1);
    if (const auto mark = brush(axis)) {
        QRectF box(pointOf(axis, mark->high), pointOf(axis, mark->low));
        box.adjust(-kBrushWidth / 2, 0, kBrushWidth / 2, 0);
        painter.setPen(QPen(colors.accent, 1.4));
        painter.setBrush(faint(colors.accent, colors.surface, 0.7));
        painter.drawRect(box);
        painter.setBrush(Qt::NoBrush);
    }
    painter.setPen(QPen(isCurrent ? colors.accent : colors.mutedText, isCurrent ? 2.4 : 1.2));
    painter.drawLine(low, high);
    const double width = frame().width() / std::max(1.0, static_cast<double>(m_data.axes.size()) - 1);
    const auto write = [&](const QRectF& where, const QString& text, Qt::Alignment alignment) {
        painter.drawText(where, static_cast<int>(alignment),
                         fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(where.width())));
    };
    painter.setPen(isCurrent ? colors.accentText : colors.text);
    const double left = std::max(0.0, high.x() - width / 2);
    const double right = std::min(static_cast<double>(this->width()), high.x() + width / 2);
    Qt::Alignment side = axis == 0 ? Qt::AlignLeft : Qt::AlignHCenter;
    side = m_data.axes[axis].isObjective ? Qt::AlignRight : side;
    write({left, 0, right - left, line * 1.3}, toQString(m_data.axes[axis].label), side | Qt::AlignTop);
    painter.setPen(colors.mutedText);
    for (const AxisTick& tick : m_data.axes[axis].ticks) {
        const QPointF at = pointOf(axis, tick.place);
        painter.drawLine(at, at + QPointF(4, 0));
        write({at.x() + 7, at.y() - line / 2, std::max(24.0, width / 2), line}, toQString(tick.text),
              Qt::AlignLeft | Qt::AlignVCenter);
    }
}

void ParallelView::chooseAxis(std::size_t axis) {
    m_current = axis;
    describe();
    update();
}

void ParallelView::mousePressEvent(QMouseEvent* event) {
    const auto axis = axisAt(event->position().x());
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    if (!axis)
        return pickAt(event->position());
    chooseAxis(*axis);
    m_dragFrom = placeAt(event->position().y());
}

/// In pixels, straight up or down; infinite where the line is not.
double ParallelView::distanceTo(const ParallelLine& line, const QPointF& from) const {
    for (std::size_t axis = 0; axis + 1 < line.places.size(); ++axis) {
        if (!line.places[axis] || !line.places[axis + 1])
            continue;
        const QPointF a = pointOf(axis, *line.places[axis]);
        const QPointF b = pointOf(axis + 1, *line.places[axis + 1]);
        if (from.x() >= a.x() && from.x() <= b.x())
            return std::abs(a.y() + (b.y() - a.y()) * (from.x() - a.x()) / (b.x() - a.x()) - from.y());
    }
    return std::numeric_limits<double>::infinity();
}

void ParallelView::pickAt(const QPointF& position) {
    const auto nearest = std::ranges::min_element(
        m_data.lines, {}, [&](const ParallelLine& line) { return distanceTo(line, position); });
    if (nearest != m_data.lines.end() && distanceTo(*nearest, position) <= kGrab)
        Q_EMIT trialPicked(nearest->trial);
}

void ParallelView::mouseMoveEvent(QMouseEvent* event) {
    if (!m_dragFrom)
        return;
    const double place = placeAt(event->position().y());
    if (std::abs(place - *m_dragFrom) > kClick)
        setBrush(m_current, AxisBrush{std::min(place, *m_dragFrom), std::max(place, *m_dragFrom)});
}

void ParallelView::mouseReleaseEvent(QMouseEvent* event) {
    if (!m_dragFrom)
        return;
    const double from = *std::exchange(m_dragFrom, std::nullopt);
    if (std::abs(placeAt(event->position().y()) - from) <= kClick)
        setBrush(m_current, std::nullopt);
}

void ParallelView::moveBrush(double by) {
    const auto mark = brush(m_current);
    if (!mark)
        return setBrush(m_current, by > 0 ? AxisBrush{0.5, 1} : AxisBrush{0, 0.5});
    const double step = std::clamp(by, -mark->low, 1 - mark->high);
    setBrush(m_current, AxisBrush{mark->low + step, mark->high + step});
}

/// The lower end stays.
void ParallelView::stretchBrush(double by) {
    const AxisBrush mark = brush(m_current).value_or(AxisBrush{0, 0.5});
    setBrush(m_current,
             AxisBrush{mark.low, std::clamp(mark.high + by, std::min(1.0, mark.low + kShortest), 1.0)});
}

void ParallelView::keyPressEvent(QKeyEvent* event) {
    if (m_data.axes.empty())
        return QWidget::keyPressEvent(event);
    const bool isShift = event->modifiers().testFlag(Qt::ShiftModifier);
    switch (event->key()) {
    case Qt::Key_Left:
        return chooseAxis(m_current == 0 ? 0 : m_current - 1);
    case Qt::Key_Right:
        return chooseAxis(std::min(m_current + 1, m_data.axes.size() - 1));
    case Qt::Key_Up:
        return isShift ? stretchBrush(kStep) : moveBrush(kStep);
    case Qt::Key_Down:
        return isShift ? stretchBrush(-kStep) : moveBrush(-kStep);
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        return setBrush(m_current, std::nullopt);
    case Qt::Key_Escape:
        return clearBrushes();
    default:
        QWidget::keyPressEvent(event);
    }
}

void ParallelView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        describe();
    QWidget::changeEvent(event);
}

/// What a screen reader says; the table of trials has the numbers.
void ParallelView::describe() {
    setAccessibleName(tr("Parallel coordinates"));
    if (m_data.lines.empty())
        return setAccessibleDescription(tr("No complete trial yet."));
    QString text = tr("%n trial(s) over the searched values and the objective.", nullptr,
                      static_cast<int>(m_data.lines.size()));
    text += QLatin1Char(' ') + tr("Axis %1.").arg(toQString(m_data.axes[m_current].label));
    if (!m_brushes.empty())
        text += QLatin1Char(' ') +
                tr("%n trial(s) in the marked ranges.", nullptr, static_cast<int>(marked().size()));
    setAccessibleDescription(text);
}

} // namespace lathe
