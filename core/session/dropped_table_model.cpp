#include "core/session/dropped_table_model.h"

#include "core/session/text.h"

namespace lathe {

int DroppedTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DroppedTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant DroppedTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() == Line ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const DroppedRow& row = m_rows[static_cast<std::size_t>(index.row())];
    return index.column() == Line ? QVariant(static_cast<qulonglong>(row.line))
                                  : QVariant(toQString(row.reason));
}

QVariant DroppedTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Line ? tr("Line") : tr("Why it was left out");
}

void DroppedTableModel::setRows(std::vector<DroppedRow> rows) {
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

std::string droppedCsv(std::span<const DroppedRow> rows) {
    std::string csv = "line,reason\r\n";
    for (const DroppedRow& row : rows) {
        csv += std::to_string(row.line) + ",\"";
        for (const char sign : row.reason)
            csv += sign == '"' ? std::string("\"\"") : std::string(1, sign);
        csv += "\"\r\n";
    }
    return csv;
}

} // namespace lathe
