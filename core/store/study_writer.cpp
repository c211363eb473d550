#include "core/store/study_writer.h"

#include "core/store/event_writer.h"
#include "core/store/schema.h"
#include "core/store/sqlite.h"
#include "core/store/stored_path.h"
#include "core/store/writer_lock.h"

#include <array>
#include <bit>

namespace lathe {

namespace fs = std::filesystem;

namespace {

Result<sql::Database> openConnection(const fs::path& path) {
    LATHE_ASSIGN(sql::Database database, sql::Database::open(path, sql::Access::Write));
    // A version committed to the log but not yet to the header may still be refused below.
    database.keepLogOnClose(true);
    LATHE_TRY(sql::migrate(database, sql::migrations()));
    database.keepLogOnClose(false);
    LATHE_TRY(database.execute("PRAGMA journal_mode = WAL"));
    LATHE_TRY(database.execute("PRAGMA synchronous = NORMAL"));
    // Brings what an ended process or a migration left in the log into the file, and the version into its
    // header.
    LATHE_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    return database;
}

/// After an UPDATE by id.
Status requireChange(const sql::Database& database, const char* kind, std::int64_t id) {
    if (database.changes() == 0)
        return inputError(std::string(kind) + " " + std::to_string(id), "is not in this project");
    return ok();
}

Result<StudySpec> readSpec(sql::Database& database, StudyId study) {
    LATHE_ASSIGN(auto* find, database.statement("SELECT spec FROM study WHERE id = ?"));
    LATHE_ASSIGN(const bool isThere, find->bind(1, study.value).step());
    const std::string json = isThere ? find->text(0) : std::string();
    find->reset();
    if (!isThere)
        return inputError("study " + std::to_string(study.value), "is not in this project");
    return studySpecFromJson(json);
}

} // namespace

struct StudyWriter::Content {
    Content(WriterLock taken, sql::Database opened)
        : lock(std::move(taken)), database(std::move(opened)), events(database) {}

    WriterLock lock; // first: given back after the connection has closed
    sql::Database database;
    sql::EventWriter events;
};

StudyWriter::StudyWriter(std::unique_ptr<Content> content) : m_content(std::move(content)) {}
StudyWriter::StudyWriter(StudyWriter&&) noexcept = default;
StudyWriter& StudyWriter::operator=(StudyWriter&&) noexcept = default;
StudyWriter::~StudyWriter() = default;

Result<StudyWriter> StudyWriter::open(const fs::path& database) {
    LATHE_TRY(sql::inspectFile(database)); // before the lock: a refused folder is left as it is
    LATHE_ASSIGN(WriterLock lock, WriterLock::take(database));
    LATHE_ASSIGN(const sql::FileState state, sql::inspectFile(database));
    if (!state.exists)
        LATHE_TRY(sql::createFile(database));
    LATHE_ASSIGN(sql::Database connection, openConnection(database));
    return StudyWriter(std::make_unique<Content>(std::move(lock), std::move(connection)));
}

Result<StudyId> StudyWriter::createStudy(const StudySpec& spec) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(auto* insert,
                 database.statement("INSERT INTO study (name, spec, created_at) VALUES (?, ?, ?)"));
    LATHE_TRY(insert->bind(1, spec.name).bind(2, toJson(spec)).bind(3, sql::utcNow()).run());
    return StudyId{database.lastRowId()};
}

Result<TrialId> StudyWriter::createTrial(const NewTrial& trial) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(auto* insert,
                 database.statement("INSERT INTO trial (study, number, recipe, seed, state, created_at, "
                                    "origin) VALUES (?, ?, ?, ?, ?, ?, NULLIF(?, 0))"));
    LATHE_TRY(insert->bind(1, trial.study.value)
                  .bind(2, trial.number)
                  .bind(3, toJson(trial.values))
                  .bind(4, std::bit_cast<std::int64_t>(trial.seed))
                  .bind(5, toString(TrialState::Queued))
                  .bind(6, sql::utcNow())
                  .bind(7, trial.origin.value)
                  .run());
    return TrialId{database.lastRowId()};
}

Result<std::int64_t> StudyWriter::nextNumber(StudyId study) {
    LATHE_ASSIGN(auto* find, m_content->database.statement("SELECT COALESCE(MAX(number) + 1, 0) FROM trial "
                                                           "WHERE study = ?"));
    LATHE_ASSIGN([[maybe_unused]] const bool isThere, find->bind(1, study.value).step());
    const std::int64_t number = find->integer(0);
    find->reset();
    return number;
}

Result<StudyId> StudyWriter::createConfirmation(const StudySpec& spec, StudyId confirmed,
                                                std::span<const NewTrial> trials) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database));
    LATHE_ASSIGN(const StudyId study, createStudy(spec));
    LATHE_ASSIGN(auto* link, database.statement("UPDATE study SET confirms = NULLIF(?, 0) WHERE id = ?"));
    LATHE_TRY(link->bind(1, confirmed.value).bind(2, study.value).run());
    for (NewTrial trial : trials) {
        trial.study = study;
        LATHE_TRY(createTrial(trial));
    }
    LATHE_TRY(transaction.commit());
    return study;
}

Status StudyWriter::setBudget(StudyId study, const StudyBudget& budget) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(const StudySpec spec, readSpec(database, study));
    LATHE_ASSIGN(auto* update, database.statement("UPDATE study SET spec = ? WHERE id = ?"));
    return update->bind(1, toJson(withBudget(spec, budget))).bind(2, study.value).run();
}

Status StudyWriter::changeSpace(StudyId study, const StudySpec& changed) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(StudySpec spec, readSpec(database, study));
    spec.space = changed.space;
    spec.derived = changed.derived;
    spec.forbidden = changed.forbidden;
    spec.constraints = changed.constraints;
    spec.earlierSpaces = changed.earlierSpaces;
    LATHE_ASSIGN(auto* update,
                 database.statement("UPDATE study SET spec = ?, sampler_state = '' WHERE id = ?"));
    return update->bind(1, toJson(spec)).bind(2, study.value).run();
}

Status StudyWriter::setQueue(StudyId study, std::span<const TrialId> order) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database));
    LATHE_ASSIGN(auto* clear,
                 database.statement("UPDATE trial SET place = 0 WHERE study = ? AND place != 0"));
    LATHE_TRY(clear->bind(1, study.value).run());
    LATHE_ASSIGN(auto* set, database.statement("UPDATE trial SET place = ? WHERE id = ? AND study = ?"));
    std::int64_t place = 0;
    for (const TrialId trial : order)
        LATHE_TRY(set->bind(1, ++place).bind(2, trial.value).bind(3, study.value).run());
    return transaction.commit();
}

Status StudyWriter::setRecipe(TrialId trial, const ParamValues& values) {
    LATHE_ASSIGN(auto* update, m_content->database.statement("UPDATE trial SET recipe = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, toJson(values)).bind(2, trial.value).run());
    return requireChange(m_content->database, "trial", trial.value);
}

Status StudyWriter::protectTrial(TrialId trial) {
    LATHE_ASSIGN(auto* update,
                 m_content->database.statement("UPDATE trial SET is_protected = 1 WHERE id = ?"));
    LATHE_TRY(update->bind(1, trial.value).run());
    return requireChange(m_content->database, "trial", trial.value);
}

Status StudyWriter::unprotectTrial(TrialId trial) {
    LATHE_ASSIGN(auto* update,
                 m_content->database.statement("UPDATE trial SET is_protected = 0 WHERE id = ?"));
    LATHE_TRY(update->bind(1, trial.value).run());
    return requireChange(m_content->database, "trial", trial.value);
}

Status StudyWriter::append(std::span<const Event> events) { return m_content->events.append(events); }

Status StudyWriter::finishTrial(TrialId trial, std::int64_t steps, double seconds,
                                const fs::path& adapterFolder) {
    LATHE_ASSIGN(auto* update,
                 m_content->database.statement("UPDATE trial SET steps = ?, seconds = ?, adapter_folder = ? "
                                               "WHERE id = ?"));
    LATHE_TRY(update->bind(1, steps)
                  .bind(2, seconds)
                  .bind(3, toStoredPath(m_content->database.path(), adapterFolder))
                  .bind(4, trial.value)
                  .run());
    return requireChange(m_content->database, "trial", trial.value);
}

Status StudyWriter::setArtifacts(TrialId trial, std::span<const Artifact> artifacts) {
    sql::Database& database = m_content->database;
    LATHE_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database));
    LATHE_ASSIGN(auto* clear, database.statement("DELETE FROM artifact WHERE trial = ?"));
    LATHE_TRY(clear->bind(1, trial.value).run());
    LATHE_ASSIGN(auto* insert,
                 database.statement("INSERT INTO artifact (trial, path, bytes, sha256) VALUES (?, ?, ?, ?)"));
    for (const Artifact& artifact : artifacts)
        LATHE_TRY(insert->bind(1, trial.value)
                      .bind(2, artifact.path)
                      .bind(3, artifact.bytes)
                      .bind(4, artifact.sha256)
                      .run());
    return transaction.commit();
}

Status StudyWriter::saveSamplerState(StudyId study, std::string_view state) {
    LATHE_ASSIGN(auto* update,
                 m_content->database.statement("UPDATE study SET sampler_state = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, state).bind(2, study.value).run());
    return requireChange(m_content->database, "study", study.value);
}

Status StudyWriter::rewindTrial(TrialId trial, std::int64_t step) {
    const std::array<Event, 1> events{TrialRewind{trial, step}};
    return append(events);
}

Status StudyWriter::markInterrupted() {
    LATHE_ASSIGN(auto* find, m_content->database.statement(
                                 "SELECT id FROM trial WHERE state IN (?, ?, ?, ?, ?) ORDER BY id"));
    find->bind(1, toString(TrialState::Preparing))
        .bind(2, toString(TrialState::Running))
        .bind(3, toString(TrialState::Paused))
        .bind(4, toString(TrialState::Finishing))
        .bind(5, toString(TrialState::Queued));
    std::vector<Event> changes;
    for (;;) {
        LATHE_ASSIGN(const bool hasRow, find->step());
        if (!hasRow)
            break;
        changes.emplace_back(TrialChange{TrialId{find->integer(0)}, TrialState::Interrupted,
                                         "the program ended before it was done"});
    }
    find->reset();
    LATHE_TRY(evaluations().markInterrupted());
    return changes.empty() ? ok() : append(changes);
}

EvaluationWriter StudyWriter::evaluations() { return EvaluationWriter(m_content->database); }

Status StudyWriter::rename(StudyId study, const std::string& name) {
    LATHE_ASSIGN(auto* update, m_content->database.statement("UPDATE study SET name = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, name).bind(2, study.value).run());
    return requireChange(m_content->database, "study", study.value);
}

Status StudyWriter::remove(StudyId study) {
    LATHE_ASSIGN(auto* update, m_content->database.statement("UPDATE study SET deleted_at = ? WHERE id = ?"));
    LATHE_TRY(update->bind(1, sql::utcNow()).bind(2, study.value).run());
    return requireChange(m_content->database, "study", study.value);
}

Status StudyWriter::restore(StudyId study) {
    LATHE_ASSIGN(auto* update,
                 m_content->database.statement("UPDATE study SET deleted_at = NULL WHERE id = ?"));
    LATHE_TRY(update->bind(1, study.value).run());
    return requireChange(m_content->database, "study", study.value);
}

} // namespace lathe
