#include "core/data/table_builder.h"

#include "core/data/row_store.h"
#include "core/data/table_facts.h"

#include <cstring>
#include <limits>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostColumns = 10'000;
constexpr std::size_t kMostNotes = 1'000;

/// Stands at the end of an index: places of rows, then the facts, then this.
struct IndexEnd {
    std::uint64_t rows = 0;
    std::uint64_t factsSize = 0;
    char magic[8] = {'L', 'T', 'H', 'R', 'O', 'W', 'S', '1'};
};

std::string_view bytesOf(const auto& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

/// Opens the files of an entry. Whatever is wrong with them, they can be made again.
Result<Table> openEntry(const fs::path& folder, const CacheKey& key, const fs::path& source) {
    const fs::path file = folder / key.indexName();
    LATHE_ASSIGN(auto index, MappedFile::open(file));
    const std::string_view content = index->content();
    IndexEnd end;
    if (content.size() < sizeof end)
        return ioError(file.string(), "is damaged");
    std::memcpy(&end, content.data() + content.size() - sizeof end, sizeof end);
    const std::size_t body = content.size() - sizeof end;
    if (bytesOf(end.magic) != bytesOf(IndexEnd().magic) || end.factsSize > body ||
        end.rows != (body - end.factsSize) / sizeof(RowPlace))
        return ioError(file.string(), "is damaged");
    const std::span places(reinterpret_cast<const RowPlace*>(content.data()), end.rows);
    LATHE_ASSIGN(TableFacts facts, readFacts(content.substr(body - end.factsSize, end.factsSize)));
    const RowReader* reader = readerNamed(facts.table.format.reader.value);
    if (reader == nullptr || facts.table.sha256 != key.sha256)
        return ioError(file.string(), "is damaged");
    LATHE_ASSIGN(OpenFile text,
                 OpenFile::forReading(facts.isTextInSource ? source : folder / key.textName()));
    if (text.size() != facts.textSize)
        return ioError(file.string(), "does not fit its rows");
    facts.table.source = source;
    auto decoder = reader->decoder(facts.table.format, facts.table.columns);
    facts.table.setStore(
        std::make_shared<RowStore>(std::move(text), std::move(index), places, std::move(decoder)),
        facts.unlistedDropped);
    return std::move(facts.table);
}

} // namespace

Result<std::unique_ptr<TableBuilder>> TableBuilder::inFolder(const fs::path& folder, TextPlace place) {
    auto builder = std::make_unique<TableBuilder>();
    builder->m_folder = folder;
    auto index = CacheFileWriter::create(folder);
    if (!index)
        return ioError(index.error().where, "large data files need this folder for their index, but it " +
                                                index.error().message +
                                                "; choose another with XDG_CACHE_HOME");
    builder->m_indexFile = std::move(*index);
    if (place == TextPlace::Cache) {
        LATHE_ASSIGN(builder->m_textFile, CacheFileWriter::create(folder));
    }
    return builder;
}

void TableBuilder::addColumn(const std::string& name) {
    if (m_knownColumns.size() >= kMostColumns) {
        if (!m_knownColumns.contains(name))
            note("there are more than 10,000 different columns; the others are not listed", 0);
        return;
    }
    if (m_knownColumns.insert(name).second)
        m_columns.push_back(name);
}

Status TableBuilder::keep(std::uint64_t offset, std::size_t size, std::size_t line) {
    if (line > std::numeric_limits<std::uint32_t>::max())
        return inputError("", "the file has more than 4,294,967,295 lines; split it");
    const RowPlace place{offset, static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(line)};
    ++m_rows;
    if (m_indexFile)
        return m_indexFile->append(bytesOf(place));
    m_places.push_back(place);
    return ok();
}

Status TableBuilder::keepWritten(std::string_view row, std::size_t line) {
    const std::uint64_t offset = m_textFile ? m_textFile->size() : m_text.size();
    LATHE_TRY(addText(row));
    return keep(offset, row.size(), line);
}

Status TableBuilder::addText(std::string_view text) {
    if (m_textFile)
        return m_textFile->append(text);
    m_text += text;
    return ok();
}

void TableBuilder::drop(std::size_t line, std::string reason) {
    DroppedRow row{line, std::move(reason)};
    if (m_onDropped)
        m_onDropped(row);
    if (m_dropped.size() < Table::kListedDropped)
        m_dropped.push_back(std::move(row));
    else
        ++m_unlisted;
}

void TableBuilder::note(std::string text, std::size_t line) {
    if (const auto known = m_noteByText.find(text); known != m_noteByText.end()) {
        ++m_notes[known->second].count;
    } else if (m_notes.size() < kMostNotes) {
        m_noteByText.emplace(text, m_notes.size());
        m_notes.push_back({std::move(text), 1, line});
    }
}

void TableBuilder::moveFindings(Table& table) {
    table.columns = std::move(m_columns);
    table.dropped = std::move(m_dropped);
    table.notes = std::move(m_notes);
}

void TableBuilder::finishInMemory(Table& table, const RowReader& reader) {
    moveFindings(table);
    m_places.shrink_to_fit();
    table.setStore(std::make_shared<RowStore>(std::move(m_text), std::move(m_places),
                                              reader.decoder(table.format, table.columns)),
                   m_unlisted);
}

Status TableBuilder::finishInFolder(Table& table, const RowReader&, const CacheKey& key,
                                    const std::stop_token& stop) {
    moveFindings(table);
    const TableFacts facts{table, m_unlisted, !m_textFile, m_textFile ? m_textFile->size() : key.fileSize};
    const std::string written = writeFacts(facts);
    const IndexEnd end{m_rows, written.size()};
    LATHE_TRY(m_indexFile->append(written));
    LATHE_TRY(m_indexFile->append(bytesOf(end)));
    if (m_textFile)
        LATHE_TRY(m_textFile->commit(key.textName(), stop));
    LATHE_TRY(m_indexFile->commit(key.indexName(), stop));
    LATHE_ASSIGN(table, openEntry(m_folder, key, table.source));
    return ok();
}

std::optional<Table> tableOfCache(const fs::path& folder, const CacheKey& key, const fs::path& source) {
    auto table = openEntry(folder, key, source);
    if (!table)
        return std::nullopt;
    std::error_code failed; // a folder that cannot be written only makes the entry look old
    for (const std::string& name : {key.indexName(), key.textName()})
        fs::last_write_time(folder / name, fs::file_time_type::clock::now(), failed);
    return std::move(*table);
}

} // namespace lathe
