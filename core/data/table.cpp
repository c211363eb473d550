#include "core/data/table.h"

#include "core/data/row_store.h"

namespace lathe {

std::size_t Table::size() const { return (m_store ? m_store->size() : 0) + m_rows.size(); }

Row Table::row(std::size_t index) const {
    const std::size_t stored = m_store ? m_store->size() : 0;
    return index < stored ? m_store->row(index) : m_rows.at(index - stored);
}

std::size_t Table::line(std::size_t index) const {
    const std::size_t stored = m_store ? m_store->size() : 0;
    return index < stored ? m_store->line(index) : m_lines.at(index - stored);
}

bool Table::isSourceUnchanged() const { return !m_store || m_store->isUnchanged(); }

void Table::setStore(std::shared_ptr<const RowStore> store, std::size_t unlistedDropped) {
    m_store = std::move(store);
    m_unlistedDropped = unlistedDropped;
}

Result<Table> readTable(const std::filesystem::path& file) {
    LATHE_ASSIGN(Table table, importTable(file, {}));
    if (table.size() == 0)
        return inputError(file.string(), table.dropped.empty()
                                             ? "has no row; a data file needs at least one"
                                             : "has no usable row; the first problem is in line " +
                                                   std::to_string(table.dropped.front().line) + ": " +
                                                   table.dropped.front().reason);
    return table;
}

} // namespace lathe
