#include "core/store/evaluation_writer.h"

#include "core/store/event_writer.h"
#include "core/store/sqlite.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kWrong = 0;
constexpr std::int64_t kRight = 1;
constexpr std::int64_t kFailed = -1;

/// Not-a-number, which JSON lacks, becomes null.
std::string toJson(std::span<const EvaluationFigure> figures) {
    Json json = Json::array();
    for (const EvaluationFigure& figure : figures) {
        Json one{{"name", figure.name},
                 {"label", figure.label},
                 {"value", figure.value},
                 {"higher_is_better", figure.isHigherBetter},
                 {"count", figure.count}};
        if (figure.low && figure.high) {
            one["low"] = *figure.low;
            one["high"] = *figure.high;
        }
        json.push_back(std::move(one));
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status requireChange(const sql::Database& database, EvaluationId id) {
    if (database.changes() == 0)
        return inputError("evaluation " + std::to_string(id.value), "is not in this project");
    return ok();
}

Status insert(sql::Database& database, EvaluationId id, const PredictionRecord& row) {
    LATHE_ASSIGN(
        auto* statement,
        database.statement("INSERT INTO prediction (evaluation, row, is_correct, line, verdict, problem, "
                           "extracted, expected, answer, prompt) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    statement->bind(1, id.value).bind(2, row.row);
    if (!row.problem.empty())
        statement->bind(3, kFailed);
    else if (row.isCorrect)
        statement->bind(3, *row.isCorrect ? kRight : kWrong);
    else
        statement->bindNull(3);
    return statement->bind(4, row.line)
        .bind(5, row.verdict)
        .bind(6, row.problem)
        .bind(7, row.extracted)
        .bind(8, row.expected)
        .bind(9, row.answer)
        .bind(10, row.prompt)
        .run();
}

} // namespace

Result<EvaluationId> EvaluationWriter::create(const NewEvaluation& evaluation) {
    LATHE_ASSIGN(auto* statement,
                 m_database.statement("INSERT INTO evaluation (name, spec, trial, state, created_at) "
                                      "VALUES (?, ?, ?, ?, ?)"));
    statement->bind(1, evaluation.name).bind(2, evaluation.spec);
    if (evaluation.trial.isValid())
        statement->bind(3, evaluation.trial.value);
    else
        statement->bindNull(3);
    LATHE_TRY(statement->bind(4, toString(EvaluationState::Waiting)).bind(5, sql::utcNow()).run());
    return EvaluationId{m_database.lastRowId()};
}

Status EvaluationWriter::begin(EvaluationId id, std::int64_t rowsTotal, const std::string& dataHash) {
    LATHE_ASSIGN(auto* update,
                 m_database.statement("UPDATE evaluation SET state = ?, note = '', rows_total = ?, "
                                      "data_hash = ?, ended_at = NULL WHERE id = ?"));
    LATHE_TRY(update->bind(1, toString(EvaluationState::Running))
                  .bind(2, rowsTotal)
                  .bind(3, dataHash)
                  .bind(4, id.value)
                  .run());
    return requireChange(m_database, id);
}

Status EvaluationWriter::add(EvaluationId id, std::span<const PredictionRecord> rows, double seconds) {
    LATHE_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(m_database));
    std::int64_t fresh = 0;
    for (const PredictionRecord& row : rows) {
        LATHE_ASSIGN(auto* remove,
                     m_database.statement("DELETE FROM prediction WHERE evaluation = ? AND row = ?"));
        LATHE_TRY(remove->bind(1, id.value).bind(2, row.row).run());
        fresh += 1 - m_database.changes();
        LATHE_TRY(insert(m_database, id, row));
    }
    LATHE_ASSIGN(auto* update,
                 m_database.statement("UPDATE evaluation SET rows_done = rows_done + ?, seconds = ? "
                                      "WHERE id = ?"));
    LATHE_TRY(update->bind(1, fresh).bind(2, seconds).bind(3, id.value).run());
    LATHE_TRY(requireChange(m_database, id));
    return transaction.commit();
}

Status EvaluationWriter::setFigures(EvaluationId id, std::span<const EvaluationFigure> figures) {
    LATHE_ASSIGN(auto* update, m_database.statement("UPDATE evaluation SET figures = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, toJson(figures)).bind(2, id.value).run());
    return requireChange(m_database, id);
}

Status EvaluationWriter::setState(EvaluationId id, EvaluationState state, const std::string& note) {
    const bool hasEnded = state != EvaluationState::Running && state != EvaluationState::Waiting;
    LATHE_ASSIGN(auto* update, m_database.statement(
                                   "UPDATE evaluation SET state = ?, note = ?, ended_at = ? WHERE id = ?"));
    update->bind(1, toString(state)).bind(2, note);
    if (hasEnded)
        update->bind(3, sql::utcNow());
    else
        update->bindNull(3);
    LATHE_TRY(update->bind(4, id.value).run());
    return requireChange(m_database, id);
}

Status EvaluationWriter::rename(EvaluationId id, const std::string& name) {
    LATHE_ASSIGN(auto* update, m_database.statement("UPDATE evaluation SET name = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, name).bind(2, id.value).run());
    return requireChange(m_database, id);
}

Status EvaluationWriter::remove(EvaluationId id) {
    LATHE_ASSIGN(auto* update, m_database.statement("UPDATE evaluation SET deleted_at = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, sql::utcNow()).bind(2, id.value).run());
    return requireChange(m_database, id);
}

Status EvaluationWriter::markInterrupted() {
    LATHE_ASSIGN(auto* update, m_database.statement("UPDATE evaluation SET state = ?, note = ?, ended_at = ? "
                                                    "WHERE state IN (?, ?)"));
    return update->bind(1, toString(EvaluationState::Interrupted))
        .bind(2, "the program ended before it was done")
        .bind(3, sql::utcNow())
        .bind(4, toString(EvaluationState::Running))
        .bind(5, toString(EvaluationState::Waiting))
        .run();
}

} // namespace lathe
