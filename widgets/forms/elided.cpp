#include "widgets/forms/elided.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QScreen>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QStylePainter>

#include <algorithm>

namespace lathe {

namespace {
constexpr int kFewestLetters = 6;
constexpr int kTextMargin = 2; // the style's own, on both sides together
constexpr int kListFrame = 16; // the list's border, its padding and that of an item
} // namespace

ElidedLabel::ElidedLabel(Qt::TextElideMode mode, QWidget* parent) : QLabel(parent), m_mode(mode) {
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
}

QSize ElidedLabel::minimumSizeHint() const {
    return {kFewestLetters * fontMetrics().averageCharWidth(), QLabel::minimumSizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawFrame(&painter);
    const QRect area = contentsRect().adjusted(std::max(0, indent()), 0, 0, 0);
    const QString shown = fontMetrics().elidedText(text(), m_mode, area.width());
    style()->drawItemText(&painter, area, static_cast<int>(alignment()) | Qt::TextSingleLine, palette(),
                          isEnabled(), shown, foregroundRole());
}

void ElidedComboBox::showPopup() {
    const int bar = style()->pixelMetric(QStyle::PM_ScrollBarExtent);
    const int widest = screen()->availableSize().width() / 2;
    view()->setMinimumWidth(std::min(widest, view()->sizeHintForColumn(0) + bar + kListFrame));
    QComboBox::showPopup();
}

void ElidedComboBox::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const QRect field =
        style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
    option.currentText =
        fontMetrics().elidedText(option.currentText, Qt::ElideRight, field.width() - kTextMargin);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

} // namespace lathe
