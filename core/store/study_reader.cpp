#include "core/store/study_reader.h"

#include "core/store/row_loop.h"
#include "core/store/schema.h"
#include "core/store/sqlite.h"
#include "core/store/stored_path.h"
#include "core/store/trial_facts.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// Several queries that see one state of the database, whatever the writer does meanwhile. Nests: a savepoint
/// outside of a transaction begins one.
class Snapshot {
public:
    static Result<Snapshot> begin(sql::Database& database) {
        LATHE_TRY(database.execute("SAVEPOINT snapshot"));
        return Snapshot(&database);
    }
    Snapshot(Snapshot&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
    Snapshot& operator=(Snapshot&&) = delete;
    ~Snapshot() {
        if (m_database != nullptr) [[maybe_unused]]
            const Status ended = m_database->execute("RELEASE snapshot"); // nothing was written
    }

private:
    explicit Snapshot(sql::Database* database) : m_database(database) {}
    sql::Database* m_database;
};

Error unreadable(const fs::path& database, const std::string& what) {
    return {Error::Kind::Database, database.string(), "holds " + what + " this Lathe cannot read"};
}

Result<TrialState> stateOf(const fs::path& database, const std::string& text) {
    if (const auto state = trialStateFrom(text))
        return *state;
    return unreadable(database, "a trial state \"" + text + "\"");
}

LogLine::Level levelFrom(const std::string& text) {
    return text == "info"      ? LogLine::Level::Info
           : text == "warning" ? LogLine::Level::Warning
                               : LogLine::Level::Error;
}

Result<StudyRecord> studyFrom(const sql::Statement& row) {
    StudyRecord study;
    study.id = StudyId{row.integer(0)};
    LATHE_ASSIGN(study.spec, studySpecFromJson(row.text(2)));
    study.spec.name = row.text(1);
    study.createdAt = row.text(3);
    study.samplerState = row.text(4);
    study.trialsDone = row.integer(5);
    study.confirms = StudyId{row.isNull(6) ? 0 : row.integer(6)};
    return study;
}

Result<TrialRecord> trialFrom(const fs::path& database, const sql::Statement& row) {
    TrialRecord trial;
    trial.id = TrialId{row.integer(0)};
    trial.study = StudyId{row.integer(1)};
    trial.number = row.integer(2);
    LATHE_ASSIGN(trial.values, paramValuesFromJson(row.text(3)));
    trial.seed = std::bit_cast<std::uint64_t>(row.integer(4));
    LATHE_ASSIGN(trial.state, stateOf(database, row.text(5)));
    trial.note = row.text(6);
    trial.steps = row.integer(7);
    trial.seconds = row.real(8);
    trial.createdAt = row.text(9);
    trial.startedAt = row.text(10);
    trial.endedAt = row.text(11);
    trial.adapterFolder = fromStoredPath(database, row.text(12));
    trial.isProtected = row.integer(13) != 0;
    trial.origin = TrialId{row.isNull(14) ? 0 : row.integer(14)};
    trial.place = row.integer(15);
    return trial;
}

} // namespace

struct StudyReader::Content {
    sql::Database database;

    Result<std::vector<StudyRecord>> studies(StudyId only);
    Result<std::vector<TrialRecord>> trials(StudyId study, TrialId only);
    Status addSummaries(std::vector<TrialRecord>& trials, StudyId study, TrialId only);
};

StudyReader::StudyReader(std::unique_ptr<Content> content) : m_content(std::move(content)) {}
StudyReader::StudyReader(StudyReader&&) noexcept = default;
StudyReader& StudyReader::operator=(StudyReader&&) noexcept = default;
StudyReader::~StudyReader() = default;

Result<StudyReader> StudyReader::open(const fs::path& database) {
    LATHE_ASSIGN(const sql::FileState state, sql::inspectFile(database));
    if (!state.exists)
        return Error{Error::Kind::Database, database.string(),
                     "does not exist; choose a project folder that has been used before"};
    if (state.version < sql::latestVersion(sql::migrations()))
        LATHE_TRY(StudyWriter::open(database)); // migrates, and closes at once
    LATHE_ASSIGN(sql::Database connection, sql::Database::open(database, sql::Access::Read));
    return StudyReader(std::make_unique<Content>(Content{std::move(connection)}));
}

Result<std::vector<StudyRecord>> StudyReader::Content::studies(StudyId only) {
    LATHE_ASSIGN(sql::Statement * select,
                 database.statement(
                     "SELECT id, name, spec, created_at, sampler_state, (SELECT COUNT(*) FROM trial "
                     "WHERE trial.study = study.id AND trial.state IN ('complete', 'pruned', "
                     "'failed', 'cancelled')), confirms FROM study WHERE CASE WHEN ?1 = 0 THEN deleted_at "
                     "IS NULL ELSE id = ?1 END ORDER BY id DESC"));
    select->bind(1, only.value);
    std::vector<StudyRecord> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) -> Status {
        LATHE_ASSIGN(StudyRecord study, studyFrom(row));
        found.push_back(std::move(study));
        return ok();
    }));
    return found;
}

Result<std::vector<TrialRecord>> StudyReader::Content::trials(StudyId study, TrialId only) {
    LATHE_ASSIGN(const Snapshot snapshot, Snapshot::begin(database));
    LATHE_ASSIGN(auto* select,
                 database.statement("SELECT id, study, number, recipe, seed, state, note, steps, seconds, "
                                    "created_at, started_at, ended_at, adapter_folder, is_protected, origin, "
                                    "place FROM trial WHERE CASE "
                                    "WHEN ?2 != 0 THEN id = ?2 WHEN ?1 != 0 THEN study = ?1 ELSE study IN "
                                    "(SELECT id FROM study WHERE deleted_at IS NULL) END ORDER BY id"));
    select->bind(1, study.value).bind(2, only.value);
    std::vector<TrialRecord> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) -> Status {
        LATHE_ASSIGN(TrialRecord trial, trialFrom(database.path(), row));
        found.push_back(std::move(trial));
        return ok();
    }));
    LATHE_TRY(addSummaries(found, study, only));
    return found;
}

Status StudyReader::Content::addSummaries(std::vector<TrialRecord>& trials, StudyId study, TrialId only) {
    std::unordered_map<std::int64_t, TrialRecord*> byId;
    for (TrialRecord& trial : trials)
        byId.emplace(trial.id.value, &trial);
    LATHE_ASSIGN(
        sql::Statement * select,
        database.statement("SELECT metric_summary.trial, metric_name.name, last_step, last_value, "
                           "last_seconds, best_step, best_value FROM metric_summary JOIN metric_name "
                           "ON metric_name.id = metric_summary.name WHERE CASE WHEN ?2 != 0 THEN "
                           "metric_summary.trial = ?2 WHEN ?1 != 0 THEN metric_summary.trial IN "
                           "(SELECT id FROM trial WHERE study = ?1) ELSE 1 END"));
    select->bind(1, study.value).bind(2, only.value);
    return sql::forEachRow(*select, [&](const sql::Statement& row) {
        const auto found = byId.find(row.integer(0));
        if (found == byId.end())
            return ok();
        TrialRecord& trial = *found->second;
        const std::string name = row.text(1);
        trial.lastValues[name] = row.real(3);
        if (!row.isNull(5))
            trial.bestValues[name] = row.real(6);
        // A trial that did not end well has no totals of its own: its last point tells how far it came.
        trial.steps = std::max(trial.steps, row.integer(2));
        if (!row.isNull(4))
            trial.seconds = std::max(trial.seconds, row.real(4));
        return ok();
    });
}

Result<std::vector<StudyRecord>> StudyReader::studies() const { return m_content->studies({}); }

Result<StudyRecord> StudyReader::study(StudyId id) const {
    if (id.isValid()) {
        LATHE_ASSIGN(std::vector<StudyRecord> found, m_content->studies(id));
        if (!found.empty())
            return std::move(found.front());
    }
    return inputError("study " + std::to_string(id.value), "is not in this project");
}

Result<std::vector<TrialRecord>> StudyReader::trials(StudyId study) const {
    if (!study.isValid())
        return std::vector<TrialRecord>();
    LATHE_ASSIGN(std::vector<TrialRecord> found, m_content->trials(study, {}));
    std::ranges::stable_sort(found, {}, &TrialRecord::number);
    return found;
}

Result<std::vector<TrialRecord>> StudyReader::allTrials() const {
    LATHE_ASSIGN(std::vector<TrialRecord> found, m_content->trials({}, {}));
    std::ranges::reverse(found);
    return found;
}

Result<TrialRecord> StudyReader::trial(TrialId id) const {
    if (id.isValid()) {
        LATHE_ASSIGN(std::vector<TrialRecord> found, m_content->trials({}, id));
        if (!found.empty())
            return std::move(found.front());
    }
    return inputError("trial " + std::to_string(id.value), "is not in this project");
}

Result<std::vector<MetricPoint>> StudyReader::points(TrialId trial) const {
    LATHE_ASSIGN(
        sql::Statement * select,
        m_content->database.statement("SELECT metric_name.name, step, value, seconds FROM metric JOIN "
                                      "metric_name ON metric_name.id = metric.name WHERE trial = ? "
                                      "ORDER BY metric_name.name, step"));
    select->bind(1, trial.value);
    std::vector<MetricPoint> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({trial, row.text(0), row.integer(1), row.real(2), row.real(3)});
        return ok();
    }));
    return found;
}

Result<std::vector<MetricPoint>> StudyReader::points(StudyId study, const std::string& metric) const {
    LATHE_ASSIGN(
        sql::Statement * select,
        m_content->database.statement(
            "SELECT trial, step, value, seconds FROM metric WHERE trial IN (SELECT id FROM trial WHERE "
            "study = ?) AND name = (SELECT id FROM metric_name WHERE name = ?) ORDER BY trial, step"));
    select->bind(1, study.value).bind(2, metric);
    std::vector<MetricPoint> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({TrialId{row.integer(0)}, metric, row.integer(1), row.real(2), row.real(3)});
        return ok();
    }));
    return found;
}

Result<StudyContent> StudyReader::content(StudyId id) const {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(const Snapshot snapshot, Snapshot::begin(database));
    StudyContent content;
    LATHE_ASSIGN(content.study, study(id));
    LATHE_ASSIGN(content.trials, trials(id));
    LATHE_ASSIGN(auto* select,
                 database.statement("SELECT step, value, seconds FROM metric WHERE trial = ? AND name = "
                                    "(SELECT id FROM metric_name WHERE name = ?) ORDER BY step"));
    const std::string metric = seriesOf(content.study.spec.objective);
    for (const TrialRecord& trial : content.trials) {
        select->bind(1, trial.id.value).bind(2, metric);
        std::vector<MetricPoint>& curve = content.curves.emplace_back();
        LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
            curve.push_back({trial.id, metric, row.integer(0), row.real(1), row.real(2)});
            return ok();
        }));
    }
    return content;
}

Result<std::vector<SampleText>> StudyReader::samples(TrialId trial) const {
    LATHE_ASSIGN(
        sql::Statement * select,
        m_content->database.statement("SELECT step, prompt, text, expected FROM sample WHERE trial = ? "
                                      "ORDER BY step, id"));
    select->bind(1, trial.value);
    std::vector<SampleText> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({trial, row.integer(0), row.text(1), row.text(2), row.text(3)});
        return ok();
    }));
    return found;
}

Result<std::vector<LogLine>> StudyReader::log(TrialId trial) const {
    LATHE_ASSIGN(auto* select,
                 m_content->database.statement("SELECT level, text FROM log WHERE trial IS ? ORDER BY id"));
    if (trial.isValid())
        select->bind(1, trial.value);
    std::vector<LogLine> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({trial, levelFrom(row.text(0)), row.text(1)});
        return ok();
    }));
    return found;
}

Result<std::vector<LogLine>> StudyReader::studyLog(StudyId study) const {
    LATHE_ASSIGN(auto* select,
                 m_content->database.statement("SELECT level, text, trial FROM log WHERE trial IN (SELECT id "
                                               "FROM trial WHERE study = ?) ORDER BY id"));
    select->bind(1, study.value);
    std::vector<LogLine> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({TrialId{row.integer(2)}, levelFrom(row.text(0)), row.text(1)});
        return ok();
    }));
    return found;
}

Result<std::vector<StateChange>> StudyReader::stateChanges(TrialId trial) const {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(
        sql::Statement * select,
        database.statement("SELECT state, note, time FROM state_change WHERE trial = ? ORDER BY id"));
    select->bind(1, trial.value);
    std::vector<StateChange> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) -> Status {
        LATHE_ASSIGN(const TrialState state, stateOf(database.path(), row.text(0)));
        found.push_back({state, row.text(1), row.text(2)});
        return ok();
    }));
    return found;
}

Result<std::vector<Artifact>> StudyReader::artifacts(TrialId trial) const {
    LATHE_ASSIGN(auto* select,
                 m_content->database.statement("SELECT path, bytes, sha256 FROM artifact WHERE trial = ? "
                                               "ORDER BY path"));
    select->bind(1, trial.value);
    std::vector<Artifact> found;
    LATHE_TRY(sql::forEachRow(*select, [&](const sql::Statement& row) {
        found.push_back({row.text(0), row.integer(1), row.text(2)});
        return ok();
    }));
    return found;
}

EvaluationReader StudyReader::evaluations() const { return EvaluationReader(m_content->database); }

Status StudyReader::checkIntegrity() const {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(auto* check, database.statement("PRAGMA integrity_check(1)"));
    LATHE_ASSIGN(const bool hasRow, check->step());
    const std::string finding = hasRow ? check->text(0) : "no answer";
    check->reset();
    if (finding != "ok")
        return Error{Error::Kind::Database, database.path().string(),
                     "is damaged (" + finding + "); restore it from a copy"};
    return ok();
}

} // namespace lathe
