#pragma once

#include "core/base/result.h"
#include "core/store/evaluation_record.h"

#include <span>

namespace lathe {

namespace sql {
class Database;
}

/// Writes evaluations through a StudyWriter's connection, and so on its thread; lives no longer than that.
class EvaluationWriter {
public:
    explicit EvaluationWriter(sql::Database& database) : m_database(database) {}

    [[nodiscard]] Result<EvaluationId> create(const NewEvaluation& evaluation);
    /// It runs from now on, on data of this hash and so many rows.
    [[nodiscard]] Status begin(EvaluationId id, std::int64_t rowsTotal, const std::string& dataHash);
    /// One transaction, all or nothing. A row that is there already is replaced. `seconds`: of work in all.
    [[nodiscard]] Status add(EvaluationId id, std::span<const PredictionRecord> rows, double seconds);
    [[nodiscard]] Status setFigures(EvaluationId id, std::span<const EvaluationFigure> figures);
    [[nodiscard]] Status setState(EvaluationId id, EvaluationState state, const std::string& note = {});
    [[nodiscard]] Status rename(EvaluationId id, const std::string& name);
    [[nodiscard]] Status remove(EvaluationId id); ///< marks it as deleted; nothing is erased
    /// Evaluations that a process that is gone left running become Interrupted.
    [[nodiscard]] Status markInterrupted();

private:
    sql::Database& m_database;
};

} // namespace lathe
