#include "widgets/forms/places_view.h"

#include "widgets/theme/theme.h"

#include <QAccessible>
#include <QAccessibleEvent>
#include <QFocusEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kGap = 3;
constexpr int kMargin = 6;
constexpr int kMostRowsAtFullHeight = 16;

QString lastPart(const QString& path) { return path.section(QLatin1Char('.'), -1); }

} // namespace

PlacesView::PlacesView(QWidget* parent) : QWidget(parent) {
    setObjectName("placesView");
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Places of the adapter"));
    setMouseTracking(false);
}

void PlacesView::setPlaces(std::vector<AdapterPlace> places) {
    m_places = std::move(places);
    m_rows.clear();
    m_columns.clear();
    for (const AdapterPlace& place : m_places) {
        if (!m_rows.contains(place.layer))
            m_rows.push_back(place.layer);
        if (std::ranges::find(m_columns, place.column) == m_columns.end())
            m_columns.push_back(place.column);
    }
    std::sort(m_rows.begin(), m_rows.end());
    m_labels.clear();
    for (const std::string& column : m_columns)
        m_labels << lastPart(QString::fromStdString(column));
    for (qsizetype i = 0; i < m_labels.size(); ++i) // two of the same name are told by their paths
        if (m_labels.count(m_labels[i]) > 1)
            m_labels[i] = QString::fromStdString(m_columns[static_cast<std::size_t>(i)]);
    m_at = QVector<QVector<int>>(m_rows.size(), QVector<int>(m_labels.size(), -1));
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const auto column = std::ranges::find(m_columns, m_places[i].column) - m_columns.begin();
        m_at[m_rows.indexOf(m_places[i].layer)][column] = static_cast<int>(i);
    }
    m_current.row = std::clamp(m_current.row, -1, std::max(0, static_cast<int>(m_rows.size()) - 1));
    m_current.column = std::clamp(m_current.column, -1, std::max(0, static_cast<int>(m_labels.size()) - 1));
    measure();
}

void PlacesView::measure() {
    const QFontMetrics metrics = fontMetrics();
    const bool isTall = m_rows.size() > kMostRowsAtFullHeight;
    m_cellHeight = isTall ? std::max(14, metrics.height()) : metrics.height() + 8;
    m_headingHeight = metrics.height() + 10;
    m_headingWidth = metrics.horizontalAdvance(tr("Layer %1").arg(888)) + 12;
    m_cellWidth = 0;
    for (const QString& label : m_labels)
        m_cellWidth = std::max(m_cellWidth, metrics.horizontalAdvance(label) + 14);
    m_cellWidth = std::max(m_cellWidth, 44);
    updateGeometry();
    update();
}

QSize PlacesView::sizeHint() const {
    const auto rows = static_cast<int>(m_rows.size());
    const auto columns = static_cast<int>(m_labels.size());
    return {2 * kMargin + m_headingWidth + columns * (m_cellWidth + kGap),
            2 * kMargin + m_headingHeight + rows * (m_cellHeight + kGap)};
}

QRect PlacesView::rectOf(const Cell& cell) const {
    const int left = kMargin + (cell.column < 0 ? 0 : m_headingWidth + cell.column * (m_cellWidth + kGap));
    const int top = kMargin + (cell.row < 0 ? 0 : m_headingHeight + cell.row * (m_cellHeight + kGap));
    return {left, top, cell.column < 0 ? m_headingWidth - kGap : m_cellWidth,
            cell.row < 0 ? m_headingHeight - kGap : m_cellHeight};
}

QRect PlacesView::columnHeading(int column) const { return rectOf({-1, column}); }
QRect PlacesView::rowHeading(int row) const { return rectOf({row, -1}); }

QRect PlacesView::rectOfPlace(const std::string& name) const {
    for (int row = 0; row < m_rows.size(); ++row)
        for (int column = 0; column < m_labels.size(); ++column)
            if (const int place = placeAt({row, column});
                place >= 0 && m_places[static_cast<std::size_t>(place)].name == name)
                return rectOf(Cell{row, column});
    return {};
}

PlacesView::Cell PlacesView::cellAt(const QPoint& point) const {
    const auto along = [](int position, int heading, int size, int count) {
        if (position < kMargin + heading)
            return -1;
        return std::min((position - kMargin - heading) / (size + kGap), count - 1);
    };
    return {along(point.y(), m_headingHeight, m_cellHeight, static_cast<int>(m_rows.size())),
            along(point.x(), m_headingWidth, m_cellWidth, static_cast<int>(m_labels.size()))};
}

int PlacesView::placeAt(const Cell& cell) const {
    return cell.row >= 0 && cell.column >= 0 && cell.row < m_at.size() ? m_at[cell.row][cell.column] : -1;
}

QVector<int> PlacesView::placesIn(const Cell& cell) const {
    QVector<int> found;
    for (int row = 0; row < m_rows.size(); ++row)
        for (int column = 0; column < m_labels.size(); ++column)
            if ((cell.row < 0 || cell.row == row) && (cell.column < 0 || cell.column == column) &&
                m_at[row][column] >= 0)
                found.push_back(m_at[row][column]);
    return found;
}

QString PlacesView::describe(const Cell& cell) const {
    const QVector<int> places = placesIn(cell);
    const auto isOn = [this](int place) { return m_places[static_cast<std::size_t>(place)].isOn; };
    const auto on = std::count_if(places.begin(), places.end(), isOn);
    if (cell.row >= 0 && cell.column >= 0) {
        if (places.isEmpty())
            return tr("none here");
        const QString name = QString::fromStdString(m_places[static_cast<std::size_t>(places[0])].name);
        return on > 0 ? tr("%1: with an adapter").arg(name) : tr("%1: without").arg(name);
    }
    const QString what = cell.row >= 0      ? tr("Layer %1").arg(m_rows[cell.row])
                         : cell.column >= 0 ? m_labels[cell.column]
                                            : tr("All places");
    return tr("%1: %2 of %3 with an adapter").arg(what).arg(on).arg(places.size());
}

void PlacesView::toggle(const Cell& cell) {
    const QVector<int> places = placesIn(cell);
    if (places.isEmpty())
        return;
    const bool isWhole = std::ranges::all_of(
        places, [this](int place) { return m_places[static_cast<std::size_t>(place)].isOn; });
    for (const int place : places)
        m_places[static_cast<std::size_t>(place)].isOn = !isWhole;
    update();
    Q_EMIT edited();
}

void PlacesView::moveTo(Cell cell) {
    cell.row = std::clamp(cell.row, -1, static_cast<int>(m_rows.size()) - 1);
    cell.column = std::clamp(cell.column, -1, static_cast<int>(m_labels.size()) - 1);
    m_current = cell;
    setAccessibleDescription(describe(cell));
    update();
}

void PlacesView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_places.empty())
        return QWidget::mousePressEvent(event);
    const Cell cell = cellAt(event->position().toPoint());
    moveTo(cell);
    toggle(cell);
    const int place = placeAt(cell);
    m_isPainting = place >= 0;
    m_paintsOn = m_isPainting && m_places[static_cast<std::size_t>(place)].isOn;
}

/// Drawn with the button down, the mouse gives every place it crosses the state of the first.
void PlacesView::mouseMoveEvent(QMouseEvent* event) {
    if (!m_isPainting || !(event->buttons() & Qt::LeftButton))
        return QWidget::mouseMoveEvent(event);
    const Cell cell = cellAt(event->position().toPoint());
    const int place = placeAt(cell);
    if (place < 0 || m_places[static_cast<std::size_t>(place)].isOn == m_paintsOn)
        return;
    moveTo(cell);
    toggle(cell);
}

void PlacesView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Up:
        return moveTo({m_current.row - 1, m_current.column});
    case Qt::Key_Down:
        return moveTo({m_current.row + 1, m_current.column});
    case Qt::Key_Left:
        return moveTo({m_current.row, m_current.column - 1});
    case Qt::Key_Right:
        return moveTo({m_current.row, m_current.column + 1});
    case Qt::Key_Home:
        return moveTo({m_current.row, 0});
    case Qt::Key_End:
        return moveTo({m_current.row, static_cast<int>(m_labels.size()) - 1});
    case Qt::Key_Space:
        toggle(m_current);
        return moveTo(m_current);
    default:
        QWidget::keyPressEvent(event);
    }
}

void PlacesView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    moveTo(m_current);
}

void PlacesView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        measure();
    if (event->type() == QEvent::LanguageChange)
        setAccessibleName(tr("Places of the adapter"));
}

bool PlacesView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), describe(cellAt(help->pos())), this);
        return true;
    }
    return QWidget::event(event);
}

/// The window's colours: in a scroll area the widget's own background is transparent, which looks dark.
const ThemeColors& PlacesView::colors() const { return themeColors(window()->palette()); }

void PlacesView::paintHeadings(QPainter& painter) const {
    painter.setPen(colors().mutedText);
    for (int column = 0; column < m_labels.size(); ++column)
        painter.drawText(columnHeading(column), Qt::AlignCenter, m_labels[column]);
    for (int row = 0; row < m_rows.size(); ++row)
        painter.drawText(rowHeading(row), Qt::AlignVCenter | Qt::AlignLeft,
                         m_rows[row] < 0 ? tr("Outside") : tr("Layer %1").arg(m_rows[row]));
    painter.drawText(rectOf(Cell{-1, -1}), Qt::AlignVCenter | Qt::AlignLeft, tr("All"));
}

void PlacesView::paintPlaces(QPainter& painter) const {
    const ThemeColors& shown = colors();
    for (int row = 0; row < m_rows.size(); ++row)
        for (int column = 0; column < m_labels.size(); ++column) {
            const int place = placeAt({row, column});
            if (place < 0)
                continue;
            const bool isOn = m_places[static_cast<std::size_t>(place)].isOn;
            painter.setPen(QPen(isOn ? shown.accent : shown.border, 1));
            painter.setBrush(isOn ? shown.accent : shown.surface);
            painter.drawRoundedRect(QRectF(rectOf(Cell{row, column})).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        }
}

void PlacesView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintHeadings(painter);
    paintPlaces(painter);
    if (!hasFocus() || m_places.empty())
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors().text, 2));
    painter.drawRoundedRect(QRectF(rectOf(m_current)).adjusted(-1, -1, 1, 1), 5, 5);
}

} // namespace lathe
