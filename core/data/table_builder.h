#pragma once

#include "core/data/cache_file.h"
#include "core/data/dataset_cache.h"
#include "core/data/row_reader.h"
#include "core/data/table.h"

#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

/// Collects what a reader finds, in memory or in files of the cache, and makes the table of it.
class TableBuilder : public RowSink {
public:
    /// In memory: the text goes there too.
    TableBuilder() = default;
    /// In the cache. Where the rows are not a part of the source's bytes, they get a file of their own.
    enum class TextPlace { Source, Cache };
    [[nodiscard]] static Result<std::unique_ptr<TableBuilder>> inFolder(const std::filesystem::path& folder,
                                                                        TextPlace place);

    void addColumn(const std::string& name) override;
    [[nodiscard]] Status keep(std::uint64_t offset, std::size_t size, std::size_t line) override;
    [[nodiscard]] Status keepWritten(std::string_view row, std::size_t line) override;
    void drop(std::size_t line, std::string reason) override;
    void note(std::string text, std::size_t line) override;
    /// More of the text that the rows of keep() are parts of, where it does not stay in the source.
    [[nodiscard]] Status addText(std::string_view text);

    void setOnDropped(std::function<void(const DroppedRow&)> onDropped) {
        m_onDropped = std::move(onDropped);
    }

    /// `table` has source, sha256 and format; the rest is filled in.
    void finishInMemory(Table& table, const RowReader& reader);
    /// Names the files of the cache and opens them.
    [[nodiscard]] Status finishInFolder(Table& table, const RowReader& reader, const CacheKey& key,
                                        const std::stop_token& stop);

private:
    void moveFindings(Table& table);

    std::filesystem::path m_folder;
    std::unique_ptr<CacheFileWriter> m_indexFile; // null: in memory
    std::unique_ptr<CacheFileWriter> m_textFile;  // null: in memory, or in the source
    std::string m_text;
    std::vector<RowPlace> m_places;
    std::uint64_t m_rows = 0;
    std::vector<std::string> m_columns;
    std::set<std::string, std::less<>> m_knownColumns;
    std::vector<DroppedRow> m_dropped;
    std::size_t m_unlisted = 0;
    std::function<void(const DroppedRow&)> m_onDropped;
    std::vector<ImportNote> m_notes;
    std::map<std::string, std::size_t, std::less<>> m_noteByText;
};

/// The table that an earlier import has left in the cache. Nothing where it did not, or where the files are
/// damaged.
[[nodiscard]] std::optional<Table> tableOfCache(const std::filesystem::path& folder, const CacheKey& key,
                                                const std::filesystem::path& source);

} // namespace lathe
