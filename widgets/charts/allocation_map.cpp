#include "widgets/charts/allocation_map.h"

#include "core/session/text.h"
#include "widgets/charts/series_style.h"
#include "widgets/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

constexpr int kGap = 2;          ///< between cells
constexpr int kShortcutGap = 14; ///< before the first shortcut
constexpr int kPad = 6;
constexpr int kLeastCell = 15;
constexpr int kMostCell = 44;
constexpr int kUsualWidth = 64;
constexpr double kFaintestOn = 0.5; ///< who is on is dark, however low its score
constexpr double kFaintestOff = 0.97;
constexpr double kDarkestOff = 0.78;

QString number(double value) { return QLocale().toString(value, 'g', 2); }

} // namespace

AllocationMap::AllocationMap(QWidget* parent) : QWidget(parent) {
    setObjectName("allocationMap");
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void AllocationMap::setHistory(const AllocationHistory& history) {
    m_history = history;
    m_grid = allocationGrid(history);
    m_frequency = onFrequency(history);
    m_row = std::min(m_row, std::max<std::size_t>(1, m_grid.layers.size()) - 1);
    m_column = std::min(m_column, std::max<std::size_t>(1, m_grid.columns.size()) - 1);
    updateGeometry();
    setReallocation(history.reallocations.empty() ? 0 : history.reallocations.size() - 1);
}

void AllocationMap::setReallocation(std::size_t index) {
    LATHE_EXPECT(m_history.reallocations.empty() || index < m_history.reallocations.size());
    m_index = index;
    m_low = std::numeric_limits<double>::infinity();
    m_high = -m_low;
    if (!m_history.reallocations.empty())
        for (const double score : m_history.reallocations[index].scores)
            if (std::isfinite(score)) {
                m_low = std::min(m_low, score);
                m_high = std::max(m_high, score);
            }
    describe();
    update();
}

void AllocationMap::setShows(Shows shows) {
    m_shows = shows;
    describe();
    update();
}

bool AllocationMap::isOn(std::size_t module) const {
    return !m_history.reallocations.empty() && m_history.reallocations[m_index].isOn[module];
}

/// From 0 to 1: how dark the cell is among its like; nothing: there is no score.
std::optional<double> AllocationMap::strength(std::size_t module) const {
    if (m_shows == Shows::Frequency)
        return m_frequency[module];
    const double score = m_history.reallocations[m_index].scores[module];
    if (!std::isfinite(score))
        return std::nullopt;
    return m_high > m_low ? (score - m_low) / (m_high - m_low) : 1;
}

QString AllocationMap::cellText(std::size_t row, std::size_t column) const {
    if (row >= m_grid.layers.size() || column >= m_grid.columns.size() || m_history.reallocations.empty())
        return {};
    const auto module = m_grid.at(row, column);
    const QString place = tr("%1 of layer %2", "kind of module")
                              .arg(toQString(m_grid.columns[column].kind))
                              .arg(m_grid.layers[row]);
    if (!module)
        return tr("%1: there is no such module").arg(place);
    const double score = m_history.reallocations[m_index].scores[*module];
    QString state = isOn(*module) ? tr("on", "a module") : tr("off", "a module");
    if (const std::int64_t rank = m_history.modules[*module].rank; rank > 0)
        state += tr(", rank %1").arg(rank);
    const QString scored =
        std::isfinite(score) ? tr("score %1").arg(QLocale().toString(score, 'g', 4)) : tr("no score");
    const auto times =
        std::llround(m_frequency[*module] * static_cast<double>(m_history.reallocations.size()));
    return tr("%1: %2, %3; on in %4 of %5 allocations")
        .arg(place, state, scored)
        .arg(times)
        .arg(m_history.reallocations.size());
}

void AllocationMap::describe() {
    const QString cell = cellText(m_row, m_column);
    setAccessibleDescription(cell);
    Q_EMIT cellChosen(cell);
}

int AllocationMap::widestKind() const {
    int widest = 0;
    for (const AllocationGrid::Column& column : m_grid.columns)
        widest = std::max(widest, fontMetrics().horizontalAdvance(toQString(column.kind)));
    return widest;
}

/// Names lie where they fit above their columns, and stand where they do not.
bool AllocationMap::areLabelsUpright() const {
    const QRect cell = m_grid.columns.empty() ? QRect() : cellRect(0, 0);
    return widestKind() + kPad > cell.width();
}

int AllocationMap::labelsHeight() const {
    const int columns = std::max(1, static_cast<int>(m_grid.columns.size()));
    const bool isUpright = widestKind() + kPad > (width() - 4 * fontMetrics().height()) / columns - kGap;
    return (isUpright ? widestKind() : fontMetrics().height()) + kPad;
}

QRect AllocationMap::area() const {
    const int left = fontMetrics().horizontalAdvance(tr("Layer")) + 2 * kPad;
    return rect().adjusted(left, labelsHeight(), -kPad, -kPad);
}

QRect AllocationMap::cellRect(std::size_t row, std::size_t column) const {
    const QRect all = area();
    const bool hasBoth = std::ranges::any_of(m_grid.columns, &AllocationGrid::Column::isShortcut) &&
                         !std::ranges::all_of(m_grid.columns, &AllocationGrid::Column::isShortcut);
    const int gap = hasBoth ? kShortcutGap : 0;
    const int width = (all.width() - gap) / std::max(1, static_cast<int>(m_grid.columns.size()));
    const int height =
        std::clamp(all.height() / std::max(1, static_cast<int>(m_grid.layers.size())), kLeastCell, kMostCell);
    const int shift = m_grid.columns[column].isShortcut ? gap : 0;
    return {all.left() + static_cast<int>(column) * width + shift, all.top() + static_cast<int>(row) * height,
            width - kGap, height - kGap};
}

QSize AllocationMap::minimumSizeHint() const {
    const int rows = std::max(1, static_cast<int>(m_grid.layers.size()));
    const int columns = std::max(1, static_cast<int>(m_grid.columns.size()));
    return {columns * 26 + 80, rows * kLeastCell + labelsHeight() + 2 * kPad};
}

QSize AllocationMap::sizeHint() const {
    const int rows = std::max(1, static_cast<int>(m_grid.layers.size()));
    const int columns = std::max(1, static_cast<int>(m_grid.columns.size()));
    return {columns * kUsualWidth + 80, rows * 22 + labelsHeight() + 2 * kPad};
}

std::optional<AllocationMap::Place> AllocationMap::placeAt(QPoint point) const {
    for (std::size_t row = 0; row < m_grid.layers.size(); ++row)
        for (std::size_t column = 0; column < m_grid.columns.size(); ++column)
            if (cellRect(row, column).contains(point))
                return Place{row, column};
    return std::nullopt;
}

void AllocationMap::choose(std::size_t row, std::size_t column) {
    m_row = row;
    m_column = column;
    describe();
    update();
}

bool AllocationMap::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto place = placeAt(help->pos());
    if (place)
        QToolTip::showText(help->globalPos(), cellText(place->row, place->column), this,
                           cellRect(place->row, place->column));
    else
        QToolTip::hideText();
    return true;
}

void AllocationMap::mousePressEvent(QMouseEvent* event) {
    if (const auto place = placeAt(event->pos()); place && event->button() == Qt::LeftButton)
        choose(place->row, place->column);
}

void AllocationMap::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
        return choose(m_row, m_column - (m_column > 0 ? 1 : 0));
    case Qt::Key_Right:
        return choose(m_row, m_column + (m_column + 1 < m_grid.columns.size() ? 1 : 0));
    case Qt::Key_Up:
        return choose(m_row - (m_row > 0 ? 1 : 0), m_column);
    case Qt::Key_Down:
        return choose(m_row + (m_row + 1 < m_grid.layers.size() ? 1 : 0), m_column);
    case Qt::Key_PageUp:
        Q_EMIT stepWanted(1);
        return;
    case Qt::Key_PageDown:
        Q_EMIT stepWanted(-1);
        return;
    case Qt::Key_Home:
        Q_EMIT stepWanted(std::numeric_limits<int>::min());
        return;
    case Qt::Key_End:
        Q_EMIT stepWanted(std::numeric_limits<int>::max());
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void AllocationMap::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void AllocationMap::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void AllocationMap::paintEvent(QPaintEvent*) {
    if (m_history.reallocations.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintLabels(painter);
    for (std::size_t row = 0; row < m_grid.layers.size(); ++row)
        for (std::size_t column = 0; column < m_grid.columns.size(); ++column)
            paintCell(painter, row, column);
    if (!hasFocus() || m_grid.modules.empty())
        return;
    painter.setPen(QPen(themeColors(palette()).text, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(cellRect(m_row, m_column)).adjusted(0, 0, 0, 0), 3, 3);
}

void AllocationMap::paintLabels(QPainter& painter) const {
    painter.setPen(themeColors(palette()).mutedText);
    const QRect all = area();
    const int line = fontMetrics().height();
    const bool isUpright = areLabelsUpright();
    for (std::size_t column = 0; column < m_grid.columns.size(); ++column) {
        const QRect cell = cellRect(0, column);
        const QString kind = toQString(m_grid.columns[column].kind);
        painter.save();
        if (isUpright) {
            painter.translate(cell.center().x() - line / 2.0, all.top() - kPad / 2.0);
            painter.rotate(-90);
            painter.drawText(QRect(0, 0, all.top(), line), Qt::AlignLeft | Qt::AlignVCenter, kind);
        } else {
            painter.drawText(QRect(cell.left(), 0, cell.width(), all.top() - kPad / 2),
                             Qt::AlignHCenter | Qt::AlignBottom, kind);
        }
        painter.restore();
    }
    painter.drawText(QRect(0, 0, all.left() - kPad, all.top() - kPad / 2), Qt::AlignRight | Qt::AlignBottom,
                     tr("Layer"));
    for (std::size_t row = 0; row < m_grid.layers.size(); ++row) {
        const QRect cell = cellRect(row, 0);
        painter.drawText(QRect(0, cell.top(), all.left() - kPad, cell.height()),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(m_grid.layers[row]));
    }
}

/// Who is on has the accent and a dot, so that neither colour nor shade alone tells it.
void AllocationMap::paintCell(QPainter& painter, std::size_t row, std::size_t column) const {
    const ThemeColors& colors = themeColors(palette());
    const QRect cell = cellRect(row, column);
    const auto module = m_grid.at(row, column);
    painter.setPen(Qt::NoPen);
    if (!module) {
        painter.setBrush(QBrush(colors.grid, Qt::BDiagPattern));
        painter.drawRoundedRect(cell, 3, 3);
        return;
    }
    const double share = strength(*module).value_or(0);
    const bool isStrong = m_shows == Shows::Frequency ? share > 0.5 : isOn(*module);
    QColor fill;
    if (m_shows == Shows::Frequency)
        fill = faint(colors.accent, colors.surface, kFaintestOff * (1 - share));
    else if (isStrong)
        fill = faint(colors.accent, colors.surface, kFaintestOn * (1 - share));
    else
        fill = faint(colors.text, colors.surface, kFaintestOff - (kFaintestOff - kDarkestOff) * share);
    painter.setBrush(fill);
    painter.drawRoundedRect(cell, 3, 3);
    const QColor ink =
        contrast(colors.onAccent, fill) > contrast(colors.text, fill) ? colors.onAccent : colors.text;
    paintNumber(painter, cell, *module, ink);
}

void AllocationMap::paintNumber(QPainter& painter, const QRect& cell, std::size_t module,
                                const QColor& color) const {
    const bool isFrequency = m_shows == Shows::Frequency;
    const auto share = strength(module);
    QString text;
    if (isFrequency)
        text = QLocale().toString(std::lround(100 * *share)) + QLocale().percent();
    else if (share)
        text = number(m_history.reallocations[m_index].scores[module]);
    const bool hasDot = !isFrequency && isOn(module);
    const int dot = std::min(5, cell.height() / 3);
    // All cells have their numbers or none has, so the widest that may come decides.
    const QString widest = isFrequency ? QStringLiteral("100 %") : QStringLiteral("0.00");
    const int needed =
        fontMetrics().horizontalAdvance(widest) + 2 * kPad + (isFrequency ? 0 : 2 * dot + kPad);
    const bool fits = needed <= cell.width() && fontMetrics().height() <= cell.height() + 2;
    painter.setBrush(color);
    if (hasDot) {
        const int x = fits ? cell.left() + kPad : cell.center().x() - dot / 2;
        painter.drawEllipse(QRect(x, cell.center().y() - dot / 2, dot, dot));
    }
    if (!fits || fontMetrics().horizontalAdvance(text) > cell.width() - 2 * kPad)
        return;
    painter.setPen(color);
    painter.drawText(cell.adjusted(hasDot ? dot + kPad : 0, 0, 0, 0), Qt::AlignCenter, text);
}

void AllocationMap::retranslate() {
    setAccessibleName(tr("Allocation by layer and kind of module"));
    describe();
    update();
}

} // namespace lathe
