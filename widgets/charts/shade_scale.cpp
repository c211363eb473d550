#include "widgets/charts/shade_scale.h"

#include "widgets/charts/simplex_map.h"
#include "widgets/theme/theme.h"

#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr int kBarWidth = 14;
constexpr int kBarHeight = 160;
constexpr int kPad = 6;

/// Two digits of what the ends differ by, so that a narrow range does not read as one value.
QString valueText(double value, LossRange range) {
    const double span = range.high - range.low;
    const int decimals = span > 0 ? std::clamp(1 - static_cast<int>(std::floor(std::log10(span))), 0, 8) : 3;
    return QLocale().toString(value, 'f', decimals);
}
} // namespace

ShadeScale::ShadeScale(QWidget* parent) : QWidget(parent) {
    setObjectName("shadeScale");
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

void ShadeScale::setRange(LossRange range) {
    m_range = range;
    setAccessibleName(tr("Shades from %1 (strong) to %2 (faint)")
                          .arg(valueText(range.low, range), valueText(range.high, range)));
    updateGeometry();
    update();
}

QSize ShadeScale::sizeHint() const {
    return {kBarWidth + kPad + fontMetrics().horizontalAdvance(QStringLiteral("0.00000")), kBarHeight};
}

void ShadeScale::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const int line = fontMetrics().height();
    const int height = std::min(kBarHeight, this->height() - line);
    const QRect bar(0, (this->height() - height) / 2, kBarWidth, height);
    for (int y = 0; y < bar.height(); ++y) {
        painter.setPen(SimplexMap::shade(1 - static_cast<double>(y) / bar.height(), palette()));
        painter.drawLine(bar.left(), bar.top() + y, bar.right(), bar.top() + y);
    }
    const ThemeColors& colors = themeColors(palette());
    painter.setPen(colors.border);
    painter.drawRect(bar);
    painter.setPen(colors.mutedText);
    const auto write = [&](double value, int y) {
        painter.drawText(QRect(bar.right() + kPad, y - line / 2, width() - bar.right() - kPad, line),
                         Qt::AlignLeft | Qt::AlignVCenter, valueText(value, m_range));
    };
    write(m_range.high, bar.top());
    write((m_range.high + m_range.low) / 2, bar.center().y());
    write(m_range.low, bar.bottom());
}

} // namespace lathe
