#include "widgets/pages/length_chart.h"

#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <bit>

namespace lathe {

namespace {

constexpr std::int64_t kLeast = 8; ///< as the recipe's field
constexpr std::int64_t kMost = 1048576;
constexpr std::int64_t kStep = 8;
constexpr int kTicks = 6;
constexpr int kTick = 4;
constexpr double kRoom = 1.06; ///< the axis goes on a little behind the longest row

/// 1, 2 or 5 times a power of ten, so that about kTicks of them make up the span.
std::size_t niceStep(std::size_t span) {
    std::size_t power = 1;
    while (power * 10 * kTicks <= span)
        power *= 10;
    for (const std::size_t factor : {5, 2})
        if (power * factor * kTicks <= span)
            return power * factor;
    return power;
}

} // namespace

LengthChart::LengthChart(QWidget* parent) : QWidget(parent) {
    setObjectName("lengthChart");
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setCursor(Qt::SplitHCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void LengthChart::setBins(const std::vector<TokenLengths::Bin>& bins, std::uint32_t width) {
    m_bins = bins;
    m_width = width;
    update();
}

void LengthChart::setCutOff(std::size_t tokens) {
    m_cutOff = tokens;
    update();
}

QSize LengthChart::sizeHint() const { return {600, 320}; }
QSize LengthChart::minimumSizeHint() const { return {240, 160}; }

QRect LengthChart::plot() const {
    const int line = fontMetrics().height();
    const int left = fontMetrics().horizontalAdvance(QStringLiteral("1,000,000")) + 2 * kTick;
    return rect().adjusted(left, line + 2 * kTick, -2 * line, -2 * line - 2 * kTick);
}

std::size_t LengthChart::span() const {
    const std::size_t longest = m_bins.empty() ? 0 : m_bins.back().from + m_width;
    return std::max<std::size_t>(
        {static_cast<std::size_t>(kRoom * static_cast<double>(std::max(longest, m_cutOff))), 16});
}

int LengthChart::positionOf(std::size_t tokens) const {
    const QRect area = plot();
    return area.left() +
           static_cast<int>(static_cast<double>(tokens) / static_cast<double>(span()) * area.width());
}

std::size_t LengthChart::tokensAt(int x) const {
    const QRect area = plot();
    const double share = static_cast<double>(x - area.left()) / std::max(1, area.width());
    return static_cast<std::size_t>(std::max(0.0, share * static_cast<double>(span())));
}

void LengthChart::move(std::int64_t tokens) {
    const auto wanted = static_cast<std::size_t>(std::clamp(tokens, kLeast, kMost));
    if (wanted == m_cutOff)
        return;
    setCutOff(wanted);
    Q_EMIT cutOffMoved(wanted);
}

void LengthChart::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton)
        move(static_cast<std::int64_t>(tokensAt(event->pos().x())));
}

void LengthChart::mouseMoveEvent(QMouseEvent* event) {
    if ((event->buttons() & Qt::LeftButton) != 0)
        move(static_cast<std::int64_t>(tokensAt(event->pos().x())));
}

void LengthChart::keyPressEvent(QKeyEvent* event) {
    const auto now = static_cast<std::int64_t>(m_cutOff);
    const std::int64_t step = (event->modifiers() & Qt::ShiftModifier) != 0 ? 1 : kStep;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down:
        return move(now - step);
    case Qt::Key_Right:
    case Qt::Key_Up:
        return move(now + step);
    case Qt::Key_PageUp:
        return move(static_cast<std::int64_t>(std::bit_ceil(m_cutOff + 1)));
    case Qt::Key_PageDown:
        return move(static_cast<std::int64_t>(std::bit_floor(std::max<std::size_t>(m_cutOff, 2) - 1)));
    case Qt::Key_Home:
        return move(kLeast);
    case Qt::Key_End:
        return m_bins.empty() ? void() : move(m_bins.back().from + m_width - 1);
    default:
        QWidget::keyPressEvent(event);
    }
}

void LengthChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintAxis(painter);
    paintBars(painter);
    paintCutOff(painter);
    if (hasFocus()) {
        painter.setPen(QPen(themeColors(palette()).accentText, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(rect().adjusted(1, 1, -1, -1), 4, 4);
    }
}

void LengthChart::paintBars(QPainter& painter) const {
    const ThemeColors& colors = themeColors(palette());
    const QRect area = plot();
    std::size_t most = 1;
    for (const TokenLengths::Bin& bin : m_bins)
        most = std::max(most, bin.count);
    painter.setPen(Qt::NoPen);
    for (const TokenLengths::Bin& bin : m_bins) {
        if (bin.count == 0)
            continue;
        const int left = positionOf(bin.from);
        const int right = std::max(left + 2, positionOf(bin.from + m_width) - 1);
        const int height = std::max(
            1, static_cast<int>(static_cast<double>(bin.count) / static_cast<double>(most) * area.height()));
        // Beyond the line the hatching says it without colour.
        painter.setBrush(bin.from >= m_cutOff ? QBrush(colors.warning, Qt::BDiagPattern)
                                              : QBrush(colors.accent));
        painter.drawRect(QRect(left, area.bottom() - height + 1, right - left, height));
    }
}

void LengthChart::paintAxis(QPainter& painter) const {
    const ThemeColors& colors = themeColors(palette());
    const QRect area = plot();
    const int line = fontMetrics().height();
    std::size_t most = 0;
    for (const TokenLengths::Bin& bin : m_bins)
        most = std::max(most, bin.count);
    painter.setPen(colors.border);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    painter.setPen(colors.mutedText);
    painter.drawText(QRect(0, area.top() - line / 2, area.left() - kTick, line),
                     Qt::AlignRight | Qt::AlignVCenter, QLocale().toString(qulonglong{most}));
    painter.drawText(QRect(0, area.bottom() - line / 2, area.left() - kTick, line),
                     Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("0"));
    const std::size_t step = niceStep(span());
    for (std::size_t tokens = 0; tokens <= span(); tokens += step) {
        const int x = positionOf(tokens);
        painter.drawLine(x, area.bottom(), x, area.bottom() + kTick);
        painter.drawText(QRect(x - 5 * line, area.bottom() + kTick, 10 * line, line), Qt::AlignCenter,
                         QLocale().toString(qulonglong{tokens}));
    }
    painter.drawText(QRect(area.left(), area.bottom() + kTick + line, area.width(), line), Qt::AlignCenter,
                     tr("tokens of a row"));
}

void LengthChart::paintCutOff(QPainter& painter) const {
    const ThemeColors& colors = themeColors(palette());
    const QRect area = plot();
    const int x = positionOf(m_cutOff);
    painter.setPen(QPen(colors.warning, 2));
    painter.drawLine(x, area.top() - kTick, x, area.bottom());
    const QString text = QLocale().toString(qulonglong{m_cutOff});
    const int width = fontMetrics().horizontalAdvance(text) + 4 * kTick;
    const int left = std::clamp(x - width / 2, 0, std::max(0, rect().width() - width));
    const QRect flag(left, 0, width, fontMetrics().height() + kTick);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.warning);
    painter.drawRoundedRect(flag, 4, 4);
    painter.setPen(colors.window);
    painter.drawText(flag, Qt::AlignCenter, text);
}

} // namespace lathe
