#pragma once

#include "core/base/result.h"
#include "core/store/evaluation_record.h"

#include <filesystem>
#include <functional>
#include <span>

namespace lathe {

namespace sql {
class Database;
}

/// Reads evaluations through a StudyReader's connection, and so on its thread; lives no longer than that.
/// Rows of an evaluation can be read while it runs.
class EvaluationReader {
public:
    explicit EvaluationReader(sql::Database& database) : m_database(database) {}

    [[nodiscard]] Result<std::vector<EvaluationRecord>> all() const; ///< newest first, deleted ones left out
    [[nodiscard]] Result<EvaluationRecord> one(EvaluationId id) const;
    /// The rows that pass, in their order: their numbers alone, so that a table of very many can be paged.
    [[nodiscard]] Result<std::vector<std::int64_t>> rows(EvaluationId id,
                                                         const PredictionFilter& filter) const;
    /// These rows, in this order; unknown ones are left out.
    [[nodiscard]] Result<std::vector<PredictionRecord>> predictions(EvaluationId id,
                                                                    std::span<const std::int64_t> rows) const;
    /// The next rows behind `after` (-1: from the first), at most `limit`.
    [[nodiscard]] Result<std::vector<PredictionRecord>> following(EvaluationId id, std::int64_t after,
                                                                  std::int64_t limit) const;
    /// The rows that both evaluations have done, in their order.
    [[nodiscard]] Result<std::vector<PredictionPair>> pairs(EvaluationId first, EvaluationId second) const;

private:
    sql::Database& m_database;
};

/// Writes every row as JSON lines (.jsonl) or CSV (whatever else the name ends in), a page at a time. Io
/// error as writeFileAtomically().
[[nodiscard]] Status exportPredictions(const EvaluationReader& reader, EvaluationId id,
                                       const std::filesystem::path& target);

} // namespace lathe
