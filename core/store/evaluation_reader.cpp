#include "core/store/evaluation_reader.h"

#include "core/store/row_loop.h"
#include "core/store/sqlite.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<EvaluationState, std::string_view>, 6> kStates{{
    {EvaluationState::Waiting, "waiting"},
    {EvaluationState::Running, "running"},
    {EvaluationState::Complete, "complete"},
    {EvaluationState::Stopped, "stopped"},
    {EvaluationState::Failed, "failed"},
    {EvaluationState::Interrupted, "interrupted"},
}};

/// JSON has null where a number is none.
double numberOf(const Json& value) {
    return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::vector<EvaluationFigure> figuresFrom(const std::string& text) {
    std::vector<EvaluationFigure> figures;
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_array())
        return figures;
    for (const Json& one : json) {
        EvaluationFigure figure{one.value("name", ""),
                                one.value("label", ""),
                                numberOf(one.value("value", Json())),
                                {},
                                {},
                                one.value("higher_is_better", true),
                                one.value("count", std::int64_t{0})};
        if (one.contains("low") && one.contains("high")) {
            figure.low = numberOf(one["low"]);
            figure.high = numberOf(one["high"]);
        }
        figures.push_back(std::move(figure));
    }
    return figures;
}

std::optional<bool> verdictIn(const sql::Statement& row, int column) {
    if (row.isNull(column) || row.integer(column) < 0)
        return std::nullopt;
    return row.integer(column) != 0;
}

/// Columns: row, is_correct, line, verdict, problem, extracted, expected, answer, prompt.
PredictionRecord predictionFrom(const sql::Statement& row) {
    return {row.integer(0), row.integer(2),    row.text(8), row.text(6), row.text(7),
            row.text(5),    verdictIn(row, 1), row.text(4), row.text(3)};
}

/// A pattern of LIKE with \ before its wildcards.
std::string containing(const std::string& text) {
    std::string pattern = "%";
    for (const char sign : text) {
        if (sign == '%' || sign == '_' || sign == '\\')
            pattern += '\\';
        pattern += sign;
    }
    return pattern + "%";
}

Result<EvaluationRecord> evaluationFrom(const std::filesystem::path& database, const sql::Statement& row) {
    EvaluationRecord record;
    record.id = EvaluationId{row.integer(0)};
    record.name = row.text(1);
    record.spec = row.text(2);
    record.trial = TrialId{row.integer(3)};
    const auto state = evaluationStateFrom(row.text(4));
    if (!state)
        return Error{Error::Kind::Database, database.string(),
                     "holds a state of an evaluation \"" + row.text(4) + "\" this Lathe cannot read"};
    record.state = *state;
    record.note = row.text(5);
    record.dataHash = row.text(6);
    record.rowsTotal = row.integer(7);
    record.rowsDone = row.integer(8);
    record.seconds = row.real(9);
    record.figures = figuresFrom(row.text(10));
    record.createdAt = row.text(11);
    record.endedAt = row.text(12);
    record.rowsRight = row.integer(13);
    record.rowsWrong = row.integer(14);
    record.rowsFailed = row.integer(15);
    return record;
}

Result<std::vector<EvaluationRecord>> read(sql::Database& database, EvaluationId only) {
    LATHE_ASSIGN(
        auto* select,
        database.statement(
            "SELECT id, name, spec, trial, state, note, data_hash, rows_total, rows_done, seconds, figures, "
            "created_at, ended_at, "
            "(SELECT COUNT(*) FROM prediction WHERE evaluation = evaluation.id AND is_correct = 1), "
            "(SELECT COUNT(*) FROM prediction WHERE evaluation = evaluation.id AND is_correct = 0), "
            "(SELECT COUNT(*) FROM prediction WHERE evaluation = evaluation.id AND is_correct = -1) "
            "FROM evaluation WHERE CASE WHEN ?1 = 0 THEN deleted_at IS NULL ELSE id = ?1 END "
            "ORDER BY id DESC"));
    select->bind(1, only.value);
    std::vector<EvaluationRecord> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) -> Status {
        LATHE_ASSIGN(EvaluationRecord record, evaluationFrom(database.path(), row));
        found.push_back(std::move(record));
        return ok();
    }));
    return found;
}

} // namespace

std::string_view toString(EvaluationState state) {
    return std::ranges::find(kStates, state, &std::pair<EvaluationState, std::string_view>::first)->second;
}

std::optional<EvaluationState> evaluationStateFrom(std::string_view name) {
    const auto found =
        std::ranges::find(kStates, name, &std::pair<EvaluationState, std::string_view>::second);
    return found == kStates.end() ? std::nullopt : std::optional(found->first);
}

Result<std::vector<EvaluationRecord>> EvaluationReader::all() const { return read(m_database, {}); }

Result<EvaluationRecord> EvaluationReader::one(EvaluationId id) const {
    std::vector<EvaluationRecord> found;
    if (id.isValid()) {
        LATHE_ASSIGN(found, read(m_database, id));
    }
    if (found.empty())
        return inputError("evaluation " + std::to_string(id.value), "is not in this project");
    return std::move(found.front());
}

Result<std::vector<std::int64_t>> EvaluationReader::rows(EvaluationId id,
                                                         const PredictionFilter& filter) const {
    using Verdict = PredictionFilter::Verdict;
    // Change: 1 gained, 2 lost, 3 both right, 4 both wrong, 5 another answer.
    LATHE_ASSIGN(auto* select,
                 m_database.statement(
                     "SELECT p.row FROM prediction p LEFT JOIN prediction o "
                     "ON o.evaluation = ?4 AND o.row = p.row "
                     "WHERE p.evaluation = ?1 AND (?2 IS NULL OR p.is_correct = ?2) "
                     "AND CASE ?5 WHEN 0 THEN 1 WHEN 1 THEN p.is_correct = 1 AND o.is_correct = 0 "
                     "WHEN 2 THEN p.is_correct = 0 AND o.is_correct = 1 WHEN 3 THEN p.is_correct = 1 AND "
                     "o.is_correct = 1 "
                     "WHEN 4 THEN p.is_correct = 0 AND o.is_correct = 0 ELSE o.answer <> p.answer END "
                     "AND (?3 = '' OR p.prompt LIKE ?3 ESCAPE '\\' OR p.answer LIKE ?3 ESCAPE '\\' "
                     "OR p.expected LIKE ?3 ESCAPE '\\') ORDER BY p.row"));
    select->bind(1, id.value);
    if (filter.verdict == Verdict::Any)
        select->bindNull(2);
    else
        select->bind(2, std::int64_t{filter.verdict == Verdict::Right   ? 1
                                     : filter.verdict == Verdict::Wrong ? 0
                                                                        : -1});
    select->bind(3, filter.text.empty() ? std::string() : containing(filter.text))
        .bind(4, filter.other.value)
        .bind(5, filter.other.isValid() ? static_cast<std::int64_t>(filter.change) : 0);
    std::vector<std::int64_t> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back(row.integer(0));
        return ok();
    }));
    return found;
}

Result<std::vector<PredictionRecord>>
EvaluationReader::predictions(EvaluationId id, std::span<const std::int64_t> rows) const {
    LATHE_ASSIGN(auto* select,
                 m_database.statement("SELECT row, is_correct, line, verdict, problem, extracted, expected, "
                                      "answer, prompt FROM prediction WHERE evaluation = ? AND row = ?"));
    std::vector<PredictionRecord> found;
    for (const std::int64_t number : rows) {
        select->bind(1, id.value).bind(2, number);
        LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
            found.push_back(predictionFrom(row));
            return ok();
        }));
    }
    return found;
}

Result<std::vector<PredictionRecord>> EvaluationReader::following(EvaluationId id, std::int64_t after,
                                                                  std::int64_t limit) const {
    LATHE_ASSIGN(auto* select,
                 m_database.statement("SELECT row, is_correct, line, verdict, problem, extracted, expected, "
                                      "answer, prompt FROM prediction WHERE evaluation = ? AND row > ? "
                                      "ORDER BY row LIMIT ?"));
    select->bind(1, id.value).bind(2, after).bind(3, limit);
    std::vector<PredictionRecord> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back(predictionFrom(row));
        return ok();
    }));
    return found;
}

Result<std::vector<PredictionPair>> EvaluationReader::pairs(EvaluationId first, EvaluationId second) const {
    LATHE_ASSIGN(auto* select,
                 m_database.statement("SELECT a.row, a.is_correct, b.is_correct, a.verdict, b.verdict "
                                      "FROM prediction a JOIN prediction b "
                                      "ON b.evaluation = ? AND b.row = a.row "
                                      "WHERE a.evaluation = ? ORDER BY a.row"));
    select->bind(1, second.value).bind(2, first.value);
    std::vector<PredictionPair> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({row.integer(0), verdictIn(row, 1), verdictIn(row, 2), row.text(3), row.text(4)});
        return ok();
    }));
    return found;
}

} // namespace lathe
