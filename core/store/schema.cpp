#include "core/store/schema.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace lathe::sql {

namespace {

namespace fs = std::filesystem;

// Offsets in the 100-byte header, sqlite.org/fileformat.html section 1.3.
constexpr std::size_t kHeaderSize = 100;
constexpr std::size_t kUserVersionOffset = 60;
constexpr std::size_t kApplicationIdOffset = 68;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};

std::int64_t bigEndian(std::string_view header, std::size_t offset) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(header[offset + i]);
    return value;
}

Error laterVersion(const fs::path& path, std::int64_t found, std::int64_t known) {
    return {Error::Kind::Database, path.string(),
            "has schema version " + std::to_string(found) + ", this Lathe knows versions up to " +
                std::to_string(known) + "; open it with a newer Lathe"};
}

Error foreign(const fs::path& path, const char* what) {
    return {Error::Kind::Database, path.string(),
            std::string("is ") + what + ", not a Lathe database; choose another project folder"};
}

/// Version 1: studies, their trials, and everything a trial reports.
/// metric.value and metric.seconds: NULL is NaN, which SQLite cannot hold; they have no declared type,
/// because a REAL column stores whole numbers as integers and so loses the sign of -0.0. trial.seed: the 64
/// bits, signed. Times are ISO 8601, UTC. trial.adapter_folder is relative to the database's folder where it
/// lies inside.
Migration versionOne() {
    return {1,
            {"CREATE TABLE study (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
             "spec TEXT NOT NULL, created_at TEXT NOT NULL, sampler_state TEXT NOT NULL DEFAULT '', "
             "deleted_at TEXT)",
             "CREATE TABLE trial (id INTEGER PRIMARY KEY AUTOINCREMENT, "
             "study INTEGER NOT NULL REFERENCES study (id), number INTEGER NOT NULL, "
             "recipe TEXT NOT NULL, seed INTEGER NOT NULL, state TEXT NOT NULL, "
             "note TEXT NOT NULL DEFAULT '', steps INTEGER NOT NULL DEFAULT 0, "
             "seconds REAL NOT NULL DEFAULT 0, created_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, "
             "adapter_folder TEXT NOT NULL DEFAULT '', UNIQUE (study, number))",
             "CREATE TABLE metric_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
             "CREATE TABLE metric (trial INTEGER NOT NULL REFERENCES trial (id), "
             "name INTEGER NOT NULL REFERENCES metric_name (id), step INTEGER NOT NULL, value, "
             "seconds, PRIMARY KEY (trial, name, step)) WITHOUT ROWID",
             "CREATE TABLE metric_summary (trial INTEGER NOT NULL REFERENCES trial (id), "
             "name INTEGER NOT NULL REFERENCES metric_name (id), count INTEGER NOT NULL, "
             "last_step INTEGER NOT NULL, last_value, last_seconds, best_step INTEGER, "
             "best_value, PRIMARY KEY (trial, name)) WITHOUT ROWID",
             "CREATE TABLE state_change (id INTEGER PRIMARY KEY, "
             "trial INTEGER NOT NULL REFERENCES trial (id), state TEXT NOT NULL, note TEXT NOT NULL, "
             "time TEXT NOT NULL)",
             "CREATE INDEX state_change_by_trial ON state_change (trial)",
             "CREATE TABLE log (id INTEGER PRIMARY KEY, trial INTEGER REFERENCES trial (id), "
             "level TEXT NOT NULL, text TEXT NOT NULL, time TEXT NOT NULL)",
             "CREATE INDEX log_by_trial ON log (trial)",
             "CREATE TABLE sample (id INTEGER PRIMARY KEY, trial INTEGER NOT NULL REFERENCES trial (id), "
             "step INTEGER NOT NULL, prompt TEXT NOT NULL, text TEXT NOT NULL, expected TEXT NOT NULL, "
             "UNIQUE (trial, step, prompt))"}};
}

/// Version 2: the files a trial left, so that an adapter that was changed later can be told from the
/// original.
Migration versionTwo() {
    return {2,
            {"CREATE TABLE artifact (trial INTEGER NOT NULL REFERENCES trial (id), path TEXT NOT NULL, "
             "bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (trial, path)) WITHOUT ROWID"}};
}

/// Version 3: evaluations of models on data files, and what they made of each row.
/// evaluation.figures and prediction.verdict: JSON. prediction.is_correct: 1 right, 0 wrong, NULL neither; -1
/// the row could not be asked (`problem` says why). It stands before the texts, so that looking at it alone
/// reads no overflow pages.
Migration versionThree() {
    return {3,
            {"CREATE TABLE evaluation (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
             "spec TEXT NOT NULL, trial INTEGER REFERENCES trial (id), state TEXT NOT NULL, "
             "note TEXT NOT NULL DEFAULT '', data_hash TEXT NOT NULL DEFAULT '', "
             "rows_total INTEGER NOT NULL DEFAULT 0, rows_done INTEGER NOT NULL DEFAULT 0, "
             "seconds REAL NOT NULL DEFAULT 0, figures TEXT NOT NULL DEFAULT '[]', created_at TEXT NOT NULL, "
             "ended_at TEXT, deleted_at TEXT)",
             "CREATE TABLE prediction (evaluation INTEGER NOT NULL REFERENCES evaluation (id), "
             "row INTEGER NOT NULL, is_correct INTEGER, line INTEGER NOT NULL, verdict TEXT NOT NULL, "
             "problem TEXT NOT NULL, extracted TEXT NOT NULL, expected TEXT NOT NULL, answer TEXT NOT NULL, "
             "prompt TEXT NOT NULL, UNIQUE (evaluation, row))",
             "CREATE INDEX prediction_by_correctness ON prediction (evaluation, is_correct, row)"}};
}

/// Version 4: trials that no pruner may end.
Migration versionFour() {
    return {4, {"ALTER TABLE trial ADD COLUMN is_protected INTEGER NOT NULL DEFAULT 0"}};
}

/// Version 5: studies that repeat another one's finalists, trials made after another one, and the queue.
/// trial.place: 1, 2, … in the queue of what is still to run; 0: behind those, by number.
Migration versionFive() {
    return {5,
            {"ALTER TABLE study ADD COLUMN confirms INTEGER REFERENCES study (id)",
             "ALTER TABLE trial ADD COLUMN origin INTEGER REFERENCES trial (id)",
             "ALTER TABLE trial ADD COLUMN place INTEGER NOT NULL DEFAULT 0"}};
}

Status applyOne(Database& database, const Migration& migration) {
    LATHE_ASSIGN(Transaction transaction, Transaction::begin(database));
    for (const char* statement : migration.statements)
        LATHE_TRY(database.execute(statement));
    // A pragma takes no parameters; the number is ours.
    LATHE_TRY(database.execute("PRAGMA user_version = " + std::to_string(migration.version)));
    return transaction.commit();
}

Status fillNewFile(const fs::path& path) {
    LATHE_ASSIGN(Database database, Database::open(path, Access::Create));
    // Nobody can see the file yet: one sync when it is whole does for all.
    LATHE_TRY(database.execute("PRAGMA synchronous = OFF"));
    LATHE_TRY(database.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
    LATHE_TRY(migrate(database, migrations()));
    // Kept in the file's header from here on. Closing the connection folds the log into the file.
    return database.execute("PRAGMA journal_mode = WAL");
}

Status syncFile(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool isOnDisk = file >= 0 && ::fsync(file) == 0;
    const std::string reason = std::strerror(errno);
    if (file >= 0)
        ::close(file);
    return isOnDisk ? ok() : ioError(path.string(), "cannot be written to disk: " + reason);
}

} // namespace

std::span<const Migration> migrations() {
    static const std::vector<Migration> kMigrations{versionOne(), versionTwo(), versionThree(),
                                                    versionFour(), versionFive()};
    return kMigrations;
}

std::int64_t latestVersion(std::span<const Migration> list) { return list.empty() ? 0 : list.back().version; }

Result<FileState> inspectFile(const fs::path& path) {
    std::error_code problem;
    if (!fs::exists(path, problem) && !problem)
        return FileState{};
    if (fs::is_directory(path, problem))
        return foreign(path, "a folder");
    const auto read = readFileStart(path, kHeaderSize);
    if (!read.has_value())
        return Error{Error::Kind::Database, path.string(), "cannot be read; check its permissions"};
    const std::string& header = read.value();
    if (header.empty())
        return FileState{};
    if (header.size() < kHeaderSize || !header.starts_with(kMagic))
        return foreign(path, "not an SQLite file");
    if (bigEndian(header, kApplicationIdOffset) != kApplicationId)
        return foreign(path, "a database of another program");
    const std::int64_t version = bigEndian(header, kUserVersionOffset);
    if (version > latestVersion(migrations()))
        return laterVersion(path, version, latestVersion(migrations()));
    return FileState{true, version};
}

Status createFile(const fs::path& path) {
    fs::path temporary = path;
    temporary += ".new" + std::to_string(::getpid());
    std::error_code problem;
    fs::remove(temporary, problem);
    Status status = fillNewFile(temporary);
    if (status.has_value())
        status = syncFile(temporary);
    if (status.has_value()) {
        fs::rename(temporary, path, problem);
        if (problem)
            status = Error{Error::Kind::Database, path.string(), "cannot be created: " + problem.message()};
    }
    if (status.has_value())
        return ok();
    fs::remove(temporary, problem);
    Error error = status.error();
    error.where = path.string();
    return error;
}

Status migrate(Database& database, std::span<const Migration> list) {
    LATHE_ASSIGN(const std::int64_t found, database.integer("PRAGMA user_version"));
    if (found > latestVersion(list))
        return laterVersion(database.path(), found, latestVersion(list));
    for (const Migration& migration : list)
        if (migration.version > found)
            LATHE_TRY(applyOne(database, migration));
    return ok();
}

} // namespace lathe::sql
