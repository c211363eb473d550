#pragma once

#include "core/session/dataset_parts.h"

#include <QAbstractTableModel>

namespace lathe {

/// How many rows of each label are in each part of a split; the last row is all of them.
class SplitTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Label, Train, Dev, Test, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setSplit(DatasetSplit split);
    [[nodiscard]] const DatasetSplit& split() const { return m_split; }

private:
    [[nodiscard]] const QVector<qint64>& part(int column) const;

    DatasetSplit m_split;
};

} // namespace lathe
