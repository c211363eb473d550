#pragma once

#include "core/data/table.h"

#include <QAbstractTableModel>

#include <span>
#include <string>
#include <vector>

namespace lathe {

/// Rows of a file that were left out, with why.
class DroppedTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Line, Reason, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setRows(std::vector<DroppedRow> rows);
    [[nodiscard]] const std::vector<DroppedRow>& rows() const { return m_rows; }

private:
    std::vector<DroppedRow> m_rows;
};

/// CSV (RFC 4180) of rows that were left out: line, reason.
[[nodiscard]] std::string droppedCsv(std::span<const DroppedRow> rows);

} // namespace lathe
