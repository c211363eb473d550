#include "core/session/dataset_rows_model.h"

#include "core/base/contract.h"
#include "core/session/text.h"

#include <algorithm>
#include <limits>

namespace lathe {

namespace {

/// More than a screen shows, so that painting it again reads nothing.
constexpr int kRowsKept = 256;
/// No cell of a screen is wider; a text of megabytes must not be laid out for it.
constexpr std::size_t kShownBytes = 400;

/// The beginning of a text in one line.
QString firstLine(std::string_view text) {
    const bool isCut = text.size() > kShownBytes;
    if (isCut) {
        std::size_t end = kShownBytes;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) // inside of a character
            --end;
        text = text.substr(0, end);
    }
    QString line = toQString(text).simplified();
    return isCut ? line + QChar(0x2026) : line;
}

} // namespace

DatasetRowsModel::DatasetRowsModel(QObject* parent) : QAbstractTableModel(parent), m_cache(kRowsKept) {}

int DatasetRowsModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid() || m_table == nullptr)
        return 0;
    const std::size_t count = m_isFiltered ? m_found.size() : m_table->size();
    return static_cast<int>(std::min<std::size_t>(count, std::numeric_limits<int>::max()));
}

int DatasetRowsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || m_table == nullptr ? 0 : 1 + static_cast<int>(m_table->columns.size());
}

QVariant DatasetRowsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const std::size_t number = tableRow(index.row());
    if (role == RowRole)
        return static_cast<qulonglong>(number);
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() == 0 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != WholeTextRole)
        return {};
    if (index.column() == 0)
        return static_cast<qulonglong>(m_table->line(number));
    const Row& cells = row(number);
    const auto cell = cells.find(m_table->columns[static_cast<std::size_t>(index.column() - 1)]);
    if (cell == cells.end())
        return QString();
    return role == WholeTextRole ? toQString(cell->second) : firstLine(cell->second);
}

QVariant DatasetRowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= columnCount())
        return {};
    return section == 0 ? tr("Line") : toQString(m_table->columns[static_cast<std::size_t>(section - 1)]);
}

void DatasetRowsModel::setTable(std::shared_ptr<const Table> table) {
    beginResetModel();
    m_table = std::move(table);
    m_isFiltered = false;
    m_found.clear();
    m_cache.clear();
    m_rowsRead = 0;
    endResetModel();
}

void DatasetRowsModel::beginFound() {
    beginResetModel();
    m_isFiltered = true;
    m_found.clear();
    endResetModel();
}

void DatasetRowsModel::appendFound(const std::vector<std::uint32_t>& rows) {
    LATHE_EXPECT(m_isFiltered);
    if (rows.empty())
        return;
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
    m_found.insert(m_found.end(), rows.begin(), rows.end());
    endInsertRows();
}

void DatasetRowsModel::showAll() {
    if (!m_isFiltered)
        return;
    beginResetModel();
    m_isFiltered = false;
    m_found.clear();
    endResetModel();
}

std::size_t DatasetRowsModel::tableRow(int row) const {
    LATHE_EXPECT(row >= 0 && row < rowCount());
    const auto place = static_cast<std::size_t>(row);
    return m_isFiltered ? m_found[place] : place;
}

int DatasetRowsModel::modelRow(std::size_t tableRow) const {
    if (m_table == nullptr || tableRow >= m_table->size())
        return -1;
    if (!m_isFiltered)
        return static_cast<int>(tableRow);
    const auto place = std::ranges::lower_bound(m_found, tableRow);
    return place == m_found.end() || *place != tableRow ? -1 : static_cast<int>(place - m_found.begin());
}

const Row& DatasetRowsModel::row(std::size_t tableRow) const {
    if (const Row* kept = m_cache.object(tableRow))
        return *kept;
    ++m_rowsRead;
    auto fresh = std::make_unique<Row>(m_table->row(tableRow));
    const Row* kept = fresh.get();
    m_cache.insert(tableRow, fresh.release()); // the cache owns it
    return *kept;
}

} // namespace lathe
