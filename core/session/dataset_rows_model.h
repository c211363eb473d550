#pragma once

#include "core/data/table.h"

#include <QAbstractTableModel>
#include <QCache>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <vector>

namespace lathe {

/// The rows of a data file, or those a search has found, as a table: first the line of the file, then the
/// file's columns. A row is read when it is looked at, and the last few are kept, so it costs the same
/// whether there are a hundred or some millions.
class DatasetRowsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role {
        WholeTextRole = Qt::UserRole, ///< of a cell; DisplayRole is its first line, cut where it is long
        RowRole                       ///< number of the row in the table, from 0
    };

    explicit DatasetRowsModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    /// Null: no rows.
    void setTable(std::shared_ptr<const Table> table);
    [[nodiscard]] const std::shared_ptr<const Table>& table() const { return m_table; }
    /// From now on the rows are those that appendFound() adds.
    void beginFound();
    void appendFound(const std::vector<std::uint32_t>& rows);
    /// All rows again.
    void showAll();
    [[nodiscard]] bool isFiltered() const { return m_isFiltered; }
    /// The row of the table that a row of the model shows. Contract: row in [0, rowCount()).
    [[nodiscard]] std::size_t tableRow(int row) const;
    /// Where the model shows a row of the table; -1: it does not.
    [[nodiscard]] int modelRow(std::size_t tableRow) const;

    /// How many rows were read from the table since it was set.
    [[nodiscard]] std::size_t rowsRead() const { return m_rowsRead; }

private:
    [[nodiscard]] const Row& row(std::size_t tableRow) const;

    std::shared_ptr<const Table> m_table; ///< shared with the work in the background
    bool m_isFiltered = false;
    std::vector<std::uint32_t> m_found;
    mutable QCache<std::size_t, Row> m_cache;
    mutable std::size_t m_rowsRead = 0;
};

} // namespace lathe
