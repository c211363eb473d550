#pragma once

#include "core/base/registry.h"
#include "core/data/table.h"
#include "core/data/token_lengths.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

/// Which columns of a row a model reads, and as what. Empty names: there is none.
struct RowFields {
    std::vector<std::string> prompt; ///< instruction and input; or the text, and the second one
    std::string answer;
    std::string label;
    std::string conversation; ///< a JSON list of turns: {"role", "content"} or {"from", "value"}
};

/// A table with the columns that are read of it.
struct CheckedTable {
    const Table* table = nullptr;
    RowFields fields = {};
    std::string name = {};                               ///< for sentences; empty: the file's name
    std::optional<std::vector<std::size_t>> chosen = {}; ///< the rows looked at, ascending; none: all

    [[nodiscard]] std::size_t size() const { return chosen ? chosen->size() : table->size(); }
    [[nodiscard]] std::size_t rowAt(std::size_t place) const { return chosen ? chosen->at(place) : place; }
    [[nodiscard]] std::string label() const {
        return name.empty() ? table->source.filename().string() : name;
    }
};

/// What is checked.
struct QualityInput {
    CheckedTable data;
    std::vector<CheckedTable> evaluation = {}; ///< what must not share rows with the data
    const TokenLengths* lengths = nullptr;     ///< none: lengths are not checked
    std::size_t maxLength = 0;                 ///< tokens
};

enum class QualitySeverity {
    Note,    ///< worth knowing
    Warning, ///< makes a result worse or less certain
    Problem  ///< makes a result wrong
};

/// A row as a person finds it again.
struct QualityExample {
    std::size_t row = 0;        ///< of the table
    std::string excerpt;        ///< at most kExcerptBytes of it, UTF-8
    std::string belongsTo = {}; ///< the other half: "row 12", "test.json, row 3"; empty: there is none
};
inline constexpr std::size_t kExcerptBytes = 160;
inline constexpr std::size_t kQualityExamples = 20;

/// What a check has found. Texts are in English; `label` and `advice` are fixed and can be translated, by
/// numbers and ids a window says the rest in its own words.
struct QualityFinding {
    std::string id;    ///< "duplicates"
    std::string label; ///< "Repeated rows"
    QualitySeverity severity = QualitySeverity::Note;
    std::size_t count = 0; ///< rows concerned
    double share = 0;      ///< of the rows looked at; with `overlap` of the evaluation rows
    std::string message;   ///< one sentence with the numbers
    std::string advice;    ///< what to do
    std::vector<QualityExample> examples;
    std::vector<std::size_t> rows;     ///< all rows concerned, ascending
    std::string fix;                   ///< "remove_duplicates"; empty: none can be made by leaving rows out
    std::vector<std::size_t> leaveOut; ///< the rows that the fix leaves out, ascending
    std::vector<std::pair<std::string, std::size_t>>
        parts; ///< `overlap`: rows found of each evaluation table
};

/// A row as the checks read it.
struct CheckedRow {
    std::size_t index = 0;
    std::vector<std::string> promptParts;
    std::string prompt; ///< the parts, joined by line breaks
    std::string answer;
    std::string label;
    std::string conversation;
    std::vector<std::string> missing; ///< columns that are empty or not there
};
[[nodiscard]] CheckedRow checkedRow(const Row& row, const RowFields& fields, std::size_t index);
/// A row in one line, for people.
[[nodiscard]] std::string excerptOf(const CheckedRow& row);

/// Looks at each row once, in ascending order, then says what it has found. Its memory may grow with the
/// number of rows by some bytes each, never with their texts. Used on one thread, for one table.
class QualityCheck {
public:
    QualityCheck() = default;
    QualityCheck(const QualityCheck&) = delete;
    QualityCheck& operator=(const QualityCheck&) = delete;
    virtual ~QualityCheck() = default;

    /// Reads what has to be known before the rows. Cancelled if asked to stop.
    [[nodiscard]] virtual Status begin(const QualityInput& input, const std::stop_token& stop);
    virtual void see(const CheckedRow& row) = 0;
    /// Cancelled if asked to stop.
    [[nodiscard]] virtual Result<std::vector<QualityFinding>> finish(const QualityInput& input,
                                                                     const std::stop_token& stop) = 0;
};

/// The checks there are: "empty_fields", "duplicates", "near_duplicates", "overlap", "conflicting_labels",
/// "label_balance", "lengths", "encoding", "turn_order", "answer_in_prompt".
void addBuiltinQualityChecks(Registry<QualityCheck>& registry);
[[nodiscard]] const Registry<QualityCheck>& qualityChecks();

/// Rows looked at, of all.
using QualityProgress = std::function<void(std::size_t done, std::size_t total)>;

/// What the checks find, problems first. `ids`: which checks; empty: all. Blocks; any thread. Input error for
/// an unknown id; Cancelled.
[[nodiscard]] Result<std::vector<QualityFinding>> checkQuality(const QualityInput& input,
                                                               std::span<const std::string> ids = {},
                                                               const QualityProgress& progress = {},
                                                               const std::stop_token& stop = {});

/// The rows that remain after fixes ("remove_duplicates", "drop_empty" …), ascending: what a version of the
/// data keeps besides the file's hash. Input error for an unknown fix; Cancelled.
[[nodiscard]] Result<std::vector<std::size_t>> rowsAfterFixes(const QualityInput& input,
                                                              std::span<const std::string> fixes,
                                                              const std::stop_token& stop = {});
/// Ids of the fixes there are.
[[nodiscard]] std::vector<std::string> qualityFixes();

/// Writes rows of a table as JSON lines. Io error.
[[nodiscard]] Status exportRows(const Table& table, std::span<const std::size_t> rows,
                                const std::filesystem::path& file);

} // namespace lathe
