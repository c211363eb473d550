#include "widgets/charts/simplex_map.h"

#include "widgets/charts/series_style.h"
#include "widgets/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

constexpr int kPad = 8;
constexpr double kMark = 5;
constexpr double kFaintest = 0.94;
const double kHeight = std::sqrt(3.0) / 2; ///< of a triangle as wide as 1

QString number(double value) { return QLocale().toString(value, 'g', 4); }

bool isInside(const Barycentric& alpha) {
    constexpr double kRounding = 1e-9;
    return std::ranges::all_of(alpha, [](double a) { return a >= -kRounding; });
}

} // namespace

SimplexMap::SimplexMap(LossOn lossOn, QWidget* parent) : QWidget(parent), m_data(lossOn) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void SimplexMap::setLoss(const SimplexLoss& loss, LossRange range) {
    auto field = TriangleField::make(loss, m_data);
    LATHE_EXPECT(field.has_value());
    m_loss = loss;
    m_field = std::move(*field);
    m_range = range;
    m_image = {};
    describe();
    update();
}

QSize SimplexMap::sizeHint() const { return {320, 320}; }
QSize SimplexMap::minimumSizeHint() const { return {220, 220}; }

/// As wide as it fits, its top corner below a line of text and its base above two.
QRectF SimplexMap::triangle() const {
    const double line = fontMetrics().height();
    const QRectF room = QRectF(rect()).adjusted(2 * kPad, 2 * line + kPad, -2 * kPad, -2 * line - kPad);
    const double side = std::max(1.0, std::min(room.width(), room.height() / kHeight));
    return {room.center().x() - side / 2, room.top(), side, side * kHeight};
}

QPointF SimplexMap::placeOf(const Barycentric& alpha) const {
    const QRectF area = triangle();
    const PlanePoint place = toPlane(alpha);
    return {area.left() + place.x * area.width(), area.bottom() - place.y * area.width()};
}

std::optional<Barycentric> SimplexMap::alphaAt(const QPointF& point) const {
    const QRectF area = triangle();
    const Barycentric alpha =
        toBarycentric({(point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.width()});
    return isInside(alpha) ? std::optional(alpha) : std::nullopt;
}

QColor SimplexMap::shade(double share, const QPalette& palette) {
    const ThemeColors& colors = themeColors(palette);
    return faint(colors.accentText, colors.surface, kFaintest * std::clamp(share, 0.0, 1.0));
}

Barycentric SimplexMap::lowest() const {
    const auto lossOf = [this](const SimplexPoint& point) {
        const double loss = m_data == LossOn::Training ? point.train : point.validation;
        return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
    };
    const auto best = std::ranges::min_element(m_loss.grid, {}, lossOf);
    return {best->alpha[0], best->alpha[1], best->alpha[2]};
}

QString SimplexMap::pointText(const Barycentric& alpha) const {
    if (!m_field)
        return {};
    const auto share = [](double a) {
        return QLocale().toString(100 * std::clamp(a, 0.0, 1.0), 'f', 0) + QLocale().percent();
    };
    const QString rows = m_data == LossOn::Training ? tr("training") : tr("validation");
    return tr("Vertex 1 %1, 2 %2, 3 %3: %4 loss %5", "shares of a mixture, then data and loss")
        .arg(share(alpha[0]), share(alpha[1]), share(alpha[2]), rows, number(m_field->at(alpha)));
}

void SimplexMap::choose(const Barycentric& alpha) {
    m_current = alpha;
    describe();
    update();
}

void SimplexMap::describe() {
    const QString text = pointText(m_current);
    setAccessibleDescription(text);
    Q_EMIT pointChosen(text);
}

/// Moves one part of the mixture from a vertex to another, where it has so much.
void SimplexMap::step(std::size_t from, std::size_t to) {
    if (!m_field)
        return;
    const double n = static_cast<double>(m_field->divisions());
    Barycentric next = m_current;
    const double part = std::min(1 / n, next[from]);
    next[from] -= part;
    next[to] += part;
    choose(next);
}

void SimplexMap::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
        return step(1, 0);
    case Qt::Key_Right:
        return step(0, 1);
    case Qt::Key_Up:
        return step(m_current[0] >= m_current[1] ? 0 : 1, 2);
    case Qt::Key_Down:
        return step(2, m_current[0] >= m_current[1] ? 1 : 0);
    case Qt::Key_Home:
        if (m_field)
            choose(lowest());
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void SimplexMap::mousePressEvent(QMouseEvent* event) {
    if (const auto alpha = alphaAt(event->position()); alpha && event->button() == Qt::LeftButton)
        choose(*alpha);
}

void SimplexMap::mouseMoveEvent(QMouseEvent* event) {
    if (const auto alpha = alphaAt(event->position()); alpha && (event->buttons() & Qt::LeftButton) != 0)
        choose(*alpha);
}

bool SimplexMap::event(QEvent* event) {
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        update();
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto alpha = alphaAt(QPointF(help->pos()));
    if (alpha && m_field)
        QToolTip::showText(help->globalPos(), pointText(*alpha), this);
    else
        QToolTip::hideText();
    return true;
}

void SimplexMap::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_image = {};
}

void SimplexMap::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_image = {};
}

/// A pixel for each device pixel, so that no scaling blurs what is linear.
void SimplexMap::drawImage() {
    const QRectF area = triangle();
    const double ratio = devicePixelRatioF();
    const QSize size = (area.size() * ratio).toSize().expandedTo({1, 1});
    m_image = QImage(size, QImage::Format_ARGB32_Premultiplied);
    m_image.fill(Qt::transparent);
    const double span = m_range.high - m_range.low;
    for (int y = 0; y < size.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(y));
        const double up = (size.height() - 0.5 - y) / size.width();
        for (int x = 0; x < size.width(); ++x) {
            const Barycentric alpha = toBarycentric({(x + 0.5) / size.width(), up});
            if (!isInside(alpha))
                continue;
            const double value = m_field->at(alpha);
            if (std::isfinite(value))
                line[x] = shade(span > 0 ? (value - m_range.low) / span : 0, palette()).rgb();
        }
    }
    m_image.setDevicePixelRatio(ratio);
}

void SimplexMap::paintEvent(QPaintEvent*) {
    if (!m_field)
        return;
    if (m_image.isNull())
        drawImage();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.drawImage(triangle().topLeft(), m_image);
    QPainterPath border;
    border.addPolygon(QPolygonF{{placeOf({1, 0, 0}), placeOf({0, 1, 0}), placeOf({0, 0, 1})}});
    border.closeSubpath();
    painter.setPen(QPen(themeColors(palette()).mutedText, hasFocus() ? 2.4 : 1.2));
    painter.drawPath(border);
    paintMarks(painter);
    paintLabels(painter);
}

/// A ring at the midpoint, a diamond at the lowest point of the grid, a cross where the user is.
void SimplexMap::paintMarks(QPainter& painter) const {
    const ThemeColors& colors = themeColors(palette());
    const QPointF middle = placeOf({1.0 / 3, 1.0 / 3, 1.0 / 3});
    const QPointF best = placeOf(lowest());
    const QPointF here = placeOf(m_current);
    painter.setPen(QPen(colors.surface, 4)); // a halo, so that marks stand out from any shade
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(middle, kMark, kMark);
    painter.setPen(QPen(colors.text, 1.6));
    painter.drawEllipse(middle, kMark, kMark);
    painter.setBrush(colors.warning);
    painter.setPen(QPen(colors.surface, 1.6));
    painter.drawPolygon(QPolygonF{{best + QPointF(0, -kMark - 1), best + QPointF(kMark + 1, 0),
                                   best + QPointF(0, kMark + 1), best + QPointF(-kMark - 1, 0)}});
    if (!hasFocus())
        return;
    for (const QPen& pen : {QPen(colors.surface, 4), QPen(colors.text, 1.8)}) {
        painter.setPen(pen);
        painter.drawLine(here - QPointF(2 * kMark, 0), here + QPointF(2 * kMark, 0));
        painter.drawLine(here - QPointF(0, 2 * kMark), here + QPointF(0, 2 * kMark));
    }
}

void SimplexMap::paintLabels(QPainter& painter) const {
    const ThemeColors& colors = themeColors(palette());
    const double line = fontMetrics().height();
    const std::array<QPointF, 3> corners{placeOf({1, 0, 0}), placeOf({0, 1, 0}), placeOf({0, 0, 1})};
    for (std::size_t i = 0; i < corners.size(); ++i) {
        Barycentric alpha{};
        alpha[i] = 1;
        const QString text =
            tr("Vertex %1: %2", "its number and loss").arg(i + 1).arg(number(m_field->at(alpha)));
        const double width = fontMetrics().horizontalAdvance(text) + kPad;
        double left = i == 0   ? corners[i].x() - kPad
                      : i == 1 ? corners[i].x() + kPad - width
                               : corners[i].x() - width / 2;
        left = std::clamp(left, 0.0, std::max(0.0, this->width() - width));
        const double top = i == 2 ? corners[i].y() - line - kPad / 2.0 : corners[i].y() + kPad / 2.0;
        painter.setPen(colors.text);
        painter.drawText(QRectF(left, top, width, line), Qt::AlignCenter, text);
    }
    painter.setPen(colors.mutedText);
    painter.drawText(QRectF(0, 0, width(), line), Qt::AlignLeft | Qt::AlignTop,
                     m_data == LossOn::Training ? tr("Training loss") : tr("Validation loss"));
}

void SimplexMap::retranslate() {
    setAccessibleName(m_data == LossOn::Training ? tr("Training loss over the simplex")
                                                 : tr("Validation loss over the simplex"));
    describe();
    update();
}

} // namespace lathe
