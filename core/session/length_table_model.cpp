#include "core/session/length_table_model.h"

namespace lathe {

int LengthTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_bins.size());
}

int LengthTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant LengthTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const TokenLengths::Bin& bin = m_bins[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case From:
        return bin.from;
    case To:
        return bin.from + width() - 1;
    case Rows:
        return static_cast<qulonglong>(bin.count);
    default:
        return {};
    }
}

QVariant LengthTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case From:
        return tr("From (tokens)");
    case To:
        return tr("To (tokens)");
    case Rows:
        return tr("Rows");
    default:
        return {};
    }
}

void LengthTableModel::setBins(std::vector<TokenLengths::Bin> bins) {
    beginResetModel();
    m_bins = std::move(bins);
    endResetModel();
}

std::uint32_t LengthTableModel::width() const {
    return m_bins.size() < 2 ? 1 : m_bins[1].from - m_bins[0].from;
}

} // namespace lathe
