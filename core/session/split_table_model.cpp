#include "core/session/split_table_model.h"

#include <numeric>

namespace lathe {

const QVector<qint64>& SplitTableModel::part(int column) const {
    return column == Train ? m_split.train : column == Dev ? m_split.dev : m_split.test;
}

int SplitTableModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid() || m_split.labels.isEmpty())
        return 0;
    return static_cast<int>(m_split.labels.size() == 1 ? 1 : m_split.labels.size() + 1);
}

int SplitTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant SplitTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() == Label ? Qt::AlignLeft : Qt::AlignRight) |
                                Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const bool isSum = index.row() == m_split.labels.size() || m_split.labels.size() == 1;
    if (index.column() == Label)
        return isSum ? tr("All rows") : m_split.labels[index.row()];
    const QVector<qint64>& rows = part(index.column());
    return isSum ? std::accumulate(rows.begin(), rows.end(), qint64{0}) : rows[index.row()];
}

QVariant SplitTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Label:
        return tr("Label");
    case Train:
        return tr("Training");
    case Dev:
        return tr("Evaluation");
    case Test:
        return tr("Test");
    default:
        return {};
    }
}

void SplitTableModel::setSplit(DatasetSplit split) {
    beginResetModel();
    m_split = std::move(split);
    endResetModel();
}

} // namespace lathe
