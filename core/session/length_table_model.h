#pragma once

#include "core/data/token_lengths.h"

#include <QAbstractTableModel>

namespace lathe {

/// A histogram of lengths as a table: from, to, rows.
class LengthTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { From, To, Rows, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setBins(std::vector<TokenLengths::Bin> bins);
    [[nodiscard]] const std::vector<TokenLengths::Bin>& bins() const { return m_bins; }
    /// Tokens that a bin spans; 1 where there is no bin.
    [[nodiscard]] std::uint32_t width() const;

private:
    std::vector<TokenLengths::Bin> m_bins;
};

} // namespace lathe
