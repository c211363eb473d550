#pragma once

#include <QStyledItemDelegate>

namespace lathe {

/// Draws a cell of a table as a horizontal bar, so that rows are a chart and its figures at once.
class BarDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    /// `lengthRole`: double, 1 fills the cell. `mutedRole`: bool, in the colour of what does not matter.
    BarDelegate(int lengthRole, int mutedRole, QObject* parent);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

private:
    int m_lengthRole;
    int m_mutedRole;
};

} // namespace lathe
