#pragma once

#include "core/data/table.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// Rows that were left out or cut, by reason. Numbers in a reason do not make it another one.
class RowReasons {
public:
    void add(const std::string& reason, std::size_t count = 1);
    [[nodiscard]] std::size_t total() const;
    [[nodiscard]] bool empty() const { return m_counts.empty(); }
    /// The commonest first.
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> byCount() const;
    /// "12 × the column "output" is empty, 3 × …"; the first few, and how many more.
    [[nodiscard]] std::string inWords() const;

private:
    struct Reason {
        std::string text; ///< as it was given first
        std::size_t count = 0;
    };
    std::map<std::string, Reason> m_counts; // by the reason without its numbers
};

/// What became of one file of a run.
struct FileRecord {
    std::string role; ///< "training", "evaluation", "test"
    std::string path;
    std::string sha256;
    std::string format;        ///< how it was read: "JSON Lines, UTF-8"
    std::size_t rows = 0;      ///< in the file
    std::size_t used = 0;      ///< rows = used + dropped + leftOut
    std::size_t leftOut = 0;   ///< by fixes that were asked for
    std::size_t truncated = 0; ///< of those used
    RowReasons dropped;
    RowReasons cut;                       ///< what the truncated ones lost; may be empty
    std::vector<DroppedRow> firstDropped; ///< at most kListedRows

    static constexpr std::size_t kListedRows = 1000;
};

/// The rows of one part of the data.
struct PartRecord {
    std::string name; ///< "train", "eval", "test"
    std::string file; ///< its role
    std::size_t examples = 0;
    std::string rowsHash;               ///< SHA-256 over the row numbers
    std::vector<std::size_t> rows = {}; ///< from 0; empty where there are more than kListedRows, or all
    static constexpr std::size_t kListedRows = 20'000;
};

/// What a run has read: enough to name exactly its data, and to count every row that was not used.
struct DataRecord {
    std::vector<FileRecord> files;
    std::map<std::string, std::string> reading; ///< task, template, columns, lengths: the recipe's fields
    std::map<std::string, std::string> split;   ///< its kind, options, seed and hash
    std::vector<PartRecord> parts;
    std::vector<std::string> fixes;
    std::vector<std::string> warnings; ///< "3,271 of 4,076 evaluation rows also occur in the training data"
};

inline constexpr const char* kDataRecordFile = "data_record.json";

[[nodiscard]] std::string toJson(const DataRecord& record);
/// Input error if it is no data record.
[[nodiscard]] Result<DataRecord> dataRecordFrom(const std::string& json);
/// Of a trial's folder; nothing where there is none, as before this was recorded, or where it is broken.
[[nodiscard]] std::optional<DataRecord> readDataRecord(const std::filesystem::path& trialFolder);
/// How a file was read: "csv, utf-8, delimiter ;, header".
[[nodiscard]] std::string formatInWords(const DetectedFormat& format);
/// Whether both name the same files, rows and reading.
[[nodiscard]] bool isSameData(const DataRecord& a, const DataRecord& b);
/// A few lines for people; the lines have no indentation.
[[nodiscard]] std::vector<std::string> inWords(const DataRecord& record);

/// Input error if no row of the file was used, or if the share that was dropped is above `maxBad`: names the
/// counts, the commonest reasons and the field that allows more.
[[nodiscard]] Status checkBadRows(const FileRecord& file, double maxBad);

} // namespace lathe
