#include "widgets/charts/bar_delegate.h"

#include "widgets/theme/theme.h"

#include <QPainter>

namespace lathe {

namespace {
constexpr double kThickness = 0.5; ///< of the row
constexpr double kRounding = 3;
constexpr int kRoom = 8; ///< left and right
constexpr double kShortest = 2;
} // namespace

BarDelegate::BarDelegate(int lengthRole, int mutedRole, QObject* parent)
    : QStyledItemDelegate(parent), m_lengthRole(lengthRole), m_mutedRole(mutedRole) {}

void BarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const {
    QStyledItemDelegate::paint(painter, option, index); // ground and selection
    const double length = index.data(m_lengthRole).toDouble();
    if (length <= 0)
        return;
    const ThemeColors& colors = themeColors(option.palette);
    const QRectF room = QRectF(option.rect).adjusted(kRoom, 0, -kRoom, 0);
    const double height = room.height() * kThickness;
    QRectF bar(room.left(), room.center().y() - height / 2, std::max(kShortest, room.width() * length),
               height);
    if (option.direction == Qt::RightToLeft)
        bar.moveRight(room.right());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    painter->setBrush(isSelected                         ? option.palette.color(QPalette::HighlightedText)
                      : index.data(m_mutedRole).toBool() ? colors.mutedText
                                                         : colors.accent);
    painter->drawRoundedRect(bar, kRounding, kRounding);
    painter->restore();
}

} // namespace lathe
