#include "core/store/sqlite.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe::sql {

namespace {

/// Long enough for another process's checkpoint of a large log on a slow disk.
constexpr int kBusyTimeoutMs = 5000;

Error problem(const std::string& where, int code, const char* detail) {
    const auto databaseError = [&where](std::string message) {
        return Error{Error::Kind::Database, where, std::move(message)};
    };
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return databaseError("cannot be written: the disk is full; free some space");
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return databaseError("cannot be written: it is read-only; choose another project folder");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return databaseError("is locked by another program; close that program and try again");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return databaseError(std::string("is damaged (") + detail + "); restore it from a copy");
    case SQLITE_CANTOPEN:
        return databaseError(std::string("cannot be opened (") + detail + ")");
    default:
        return databaseError(std::string("did not take the request (") + detail + ")");
    }
}

} // namespace

Statement& Statement::bind(int parameter, std::int64_t value) {
    keepProblem(sqlite3_bind_int64(m_compiled.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, double value) {
    keepProblem(sqlite3_bind_double(m_compiled.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    // A view without data would be bound as NULL instead of the empty text.
    const char* data = text.data() == nullptr ? "" : text.data();
    keepProblem(
        sqlite3_bind_text64(m_compiled.get(), parameter, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bindNull(int parameter) {
    keepProblem(sqlite3_bind_null(m_compiled.get(), parameter));
    return *this;
}

void Statement::keepProblem(int code) {
    if (m_problem == SQLITE_OK)
        m_problem = code;
}

Result<bool> Statement::step() {
    if (m_problem != SQLITE_OK)
        return problem(m_where, m_problem, sqlite3_errstr(m_problem));
    const int code = sqlite3_step(m_compiled.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    const Error error = problem(m_where, code, sqlite3_errmsg(sqlite3_db_handle(m_compiled.get())));
    reset();
    return error;
}

Status Statement::run() {
    for (;;) {
        LATHE_ASSIGN(const bool hasRow, step());
        if (!hasRow)
            break;
    }
    reset();
    return ok();
}

void Statement::reset() {
    sqlite3_reset(m_compiled.get());
    sqlite3_clear_bindings(m_compiled.get());
    m_problem = SQLITE_OK;
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(m_compiled.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_compiled.get(), column); }

double Statement::real(int column) const {
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN()
                          : sqlite3_column_double(m_compiled.get(), column);
}

std::string Statement::text(int column) const {
    const unsigned char* data = sqlite3_column_text(m_compiled.get(), column);
    const int size = sqlite3_column_bytes(m_compiled.get(), column);
    return data == nullptr ? std::string()
                           : std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
}

Result<std::string> readFileStart(const std::filesystem::path& path, std::size_t count) {
    LATHE_ASSIGN(const Database database, Database::open(path, Access::Read));
    return database.fileStart(count);
}

Result<std::string> Database::fileStart(std::size_t count) const {
    sqlite3_file* file = nullptr;
    sqlite3_int64 size = 0;
    int code = sqlite3_file_control(m_connection.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = file->pMethods->xFileSize(file, &size);
    std::string bytes(std::min(count, static_cast<std::size_t>(size)), '\0');
    if (code == SQLITE_OK && !bytes.empty())
        code = file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), 0);
    if (code != SQLITE_OK)
        return problem(m_path.string(), code, sqlite3_errstr(code));
    return bytes;
}

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE; // one thread a connection: no mutex needed
    switch (access) {
    case Access::Read:
        flags |= SQLITE_OPEN_READONLY;
        break;
    case Access::Write:
        flags |= SQLITE_OPEN_READWRITE;
        break;
    case Access::Create:
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        break;
    }
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
    Database database(connection, path);
    if (code != SQLITE_OK)
        return problem(path.string(), code,
                       connection == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(connection));
    sqlite3_busy_timeout(connection, kBusyTimeoutMs);
    LATHE_TRY(database.execute("PRAGMA foreign_keys = ON"));
    return database;
}

Result<Statement> Database::compile(std::string_view text) {
    sqlite3_stmt* compiled = nullptr;
    const int code = sqlite3_prepare_v3(m_connection.get(), text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &compiled, nullptr);
    if (code != SQLITE_OK)
        return problem(m_path.string(), code, sqlite3_errmsg(m_connection.get()));
    return Statement(compiled, m_path.string());
}

Result<Statement*> Database::statement(std::string_view text) {
    auto known = m_statements.find(text);
    if (known == m_statements.end()) {
        LATHE_ASSIGN(Statement compiled, compile(text));
        known = m_statements.emplace(text, std::move(compiled)).first;
    }
    known->second.reset();
    return &known->second;
}

Status Database::execute(std::string_view text) {
    LATHE_ASSIGN(Statement compiled, compile(text));
    return compiled.run();
}

Result<std::int64_t> Database::integer(std::string_view text) {
    LATHE_ASSIGN(Statement compiled, compile(text));
    LATHE_ASSIGN(const bool hasRow, compiled.step());
    LATHE_EXPECT(hasRow);
    return compiled.integer(0);
}

void Database::keepLogOnClose(bool isOn) {
    sqlite3_db_config(m_connection.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isOn ? 1 : 0, nullptr);
}

Result<Transaction> Transaction::begin(Database& database) {
    // Immediate: a lock that cannot be had is told here, not in the middle of the work.
    LATHE_TRY(database.execute("BEGIN IMMEDIATE"));
    return Transaction(&database);
}

Transaction::~Transaction() {
    if (m_database == nullptr)
        return;
    // SQLite has rolled back by itself after some errors (disk full); then this answers an error that says
    // so.
    [[maybe_unused]] const Status undone = m_database->execute("ROLLBACK");
}

Status Transaction::commit() {
    LATHE_TRY(m_database->execute("COMMIT"));
    m_database = nullptr;
    return ok();
}

} // namespace lathe::sql
