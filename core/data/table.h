#pragma once

#include "core/base/result.h"
#include "core/data/import_format.h"
#include "core/data/row.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

class RowStore;

/// What was read from a data file, and what was not. Rows that came from a file are decoded when they are
/// asked for, and those of a large file stay on disk: a copy of a table is cheap. Reading rows is allowed
/// from several threads at once.
class Table {
public:
    std::filesystem::path source;
    std::vector<std::string> columns; ///< in order of first appearance
    std::vector<DroppedRow> dropped;  ///< at most kListedDropped of those that the file's reader dropped
    std::vector<ImportNote> notes;
    std::string sha256; ///< of the file's bytes
    DetectedFormat format;

    static constexpr std::size_t kListedDropped = 200'000;

    [[nodiscard]] std::size_t size() const;
    /// Contract: index < size().
    [[nodiscard]] Row row(std::size_t index) const;
    /// Where the row begins in the file, from 1; in Parquet and JSON columns the row's number.
    [[nodiscard]] std::size_t line(std::size_t index) const;
    /// Listed or not.
    [[nodiscard]] std::size_t droppedCount() const { return dropped.size() + m_unlistedDropped; }
    /// False once the file with the rows was changed in place, so that rows may come back empty or garbled.
    [[nodiscard]] bool isSourceUnchanged() const;

    /// Behind the rows that are there.
    void add(Row row, std::size_t line) {
        m_rows.push_back(std::move(row));
        m_lines.push_back(line);
    }
    /// For whoever reads a file: the rows, and how many were dropped beyond those in `dropped`.
    void setStore(std::shared_ptr<const RowStore> store, std::size_t unlistedDropped);

private:
    std::shared_ptr<const RowStore> m_store; // shared by the copies of a table
    std::size_t m_unlistedDropped = 0;
    std::vector<Row> m_rows; // those that were added
    std::vector<std::size_t> m_lines;
};

/// Reads a data file: JSON Lines, JSON (a list of objects, alone or in an object; or an object of columns),
/// CSV, TSV, plain text, Parquet, each but the last also as .gz. Format, encoding, delimiter, quotes and
/// header are guessed where `options` does not give them; Table::format tells. A row that is broken, ragged,
/// empty or not in the encoding is dropped with its line and the reason: rows in the file = size() +
/// droppedCount(). Blank lines at the end are no rows. Files beyond options.memoryLimit stay on disk, with an
/// index in the cache folder that is used again for the same content and options; memory does not grow with
/// the file. `progress` is called by this thread; `stop` is answered within milliseconds by an error of the
/// kind Cancelled. Input error: missing or empty file, unknown ending (the known ones are listed), a list
/// that does not close, broken compression or Parquet. Io error: the file or the cache folder cannot be read
/// or written.
[[nodiscard]] Result<Table> importTable(const std::filesystem::path& file, const ImportOptions& options,
                                        const ImportProgress& progress = {},
                                        const std::stop_token& stop = {});

/// The same with all guessed; a file without a usable row is an input error that tells the first reason.
[[nodiscard]] Result<Table> readTable(const std::filesystem::path& file);

/// ".jsonl, .ndjson, .json, … and .parquet": the endings of data files, for messages and file dialogs.
[[nodiscard]] std::string knownDataEndings();

} // namespace lathe
