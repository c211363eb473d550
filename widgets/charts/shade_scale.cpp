#include "widgets/charts/shade_scale.h"

#include "widgets/charts/simplex_map.h"
#include "widgets/theme/theme.h"

#include <QLocale>
#include <QPainter>

namespace lathe {

namespace {
constexpr int kBarWidth = 14;
constexpr int kBarHeight = 160;
constexpr int kPad = 6;
} // namespace

ShadeScale::ShadeScale(QWidget* parent) : QWidget(parent) {
    setObjectName("shadeScale");
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

void ShadeScale::setRange(LossRange range) {
    m_range = range;
    setAccessibleName(
        tr("Shades from %1 (strong) to %2 (faint)")
            .arg(QLocale().toString(range.low, 'g', 3), QLocale().toString(range.high, 'g', 3)));
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
                         Qt::AlignLeft | Qt::AlignVCenter, QLocale().toString(value, 'g', 3));
    };
    write(m_range.high, bar.top());
    write((m_range.high + m_range.low) / 2, bar.center().y());
    write(m_range.low, bar.bottom());
}

} // namespace lathe
