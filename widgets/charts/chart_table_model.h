#pragma once

#include "widgets/charts/chart_state.h"

#include <QAbstractTableModel>

#include <cstdint>
#include <utility>
#include <vector>

namespace lathe {

/// The numbers of a chart as a table: a row per x in ascending order, a column per shown series (two for a
/// band); bars and heat maps as a row per value. An empty cell has no point; "nan" and "inf" are values.
class ChartTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { NumberRole = Qt::UserRole }; ///< the exact double

    /// `state` must live longer.
    explicit ChartTableModel(const ChartState& state, QObject* parent = nullptr);

    void rebuild(); ///< layers, visibility or order of points have changed
    /// Point `index` of layer `layer` is new, at the end of its layer, or has a new value.
    void putPoint(std::size_t layer, std::size_t index);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// Rows as text with tabs between the cells, with the header, for the clipboard.
    [[nodiscard]] QString toTsv(const QList<int>& rows) const;

private:
    using RowKey = std::pair<double, int>; ///< x, and which of several points of one series at this x
    struct Column {
        std::size_t layer = 0;
        int part = 0;                     ///< of a Band: 0 low, 1 high
        std::vector<std::int32_t> points; ///< per row: index of the point in its layer, or -1
    };
    [[nodiscard]] std::optional<double> valueAt(const Column& column, std::size_t row) const;
    [[nodiscard]] QVariant firstColumn(std::size_t row, int role) const;
    void addColumns(std::size_t layer);
    void fillRows();

    const ChartState& m_state;
    std::vector<RowKey> m_rows;
    std::vector<QString> m_labels; ///< of bars and heat maps, in place of m_rows
    std::vector<Column> m_columns;
};

} // namespace lathe
