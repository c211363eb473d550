#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

/// Private to core/store: the thinnest layer over SQLite that frees what it takes and answers Results.
namespace lathe::sql {

/// A compiled statement. Parameters and columns count as in SQLite: parameters from 1, columns from 0.
class Statement {
public:
    Statement(sqlite3_stmt* compiled, std::string where) : m_compiled(compiled), m_where(std::move(where)) {}

    Statement& bind(int parameter, std::int64_t value);
    /// NaN is stored as NULL: SQLite has no NaN. See real().
    Statement& bind(int parameter, double value);
    Statement& bind(int parameter, std::string_view text);
    Statement& bindNull(int parameter);

    /// True: a row is there; false: no more. Reports the first failed bind too.
    [[nodiscard]] Result<bool> step();
    /// For statements without rows: steps to the end and makes it ready for the next use.
    [[nodiscard]] Status run();
    void reset();

    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    /// NULL reads as NaN.
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string text(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    void keepProblem(int code);

    std::unique_ptr<sqlite3_stmt, Finalize> m_compiled;
    std::string m_where;
    int m_problem = SQLITE_OK;
};

enum class Access { Read, Write, Create };

/// The first bytes of a file, at most `count`, without locks. Through SQLite's own file handles: POSIX drops
/// all locks a process holds on a file as soon as it closes any descriptor of it, so reading a database that
/// is open here by other means would take the writer's locks away, and another program could then delete its
/// log.
[[nodiscard]] Result<std::string> readFileStart(const std::filesystem::path& path, std::size_t count);

/// One connection; belongs to the thread that made it.
class Database {
public:
    /// Write does not create the file. Waits up to five seconds for locks of other connections.
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path, Access access);

    /// Compiled at the first use, kept, and handed out without values. Valid as long as the connection; only
    /// one use of the same text at a time. `text` must be a literal.
    [[nodiscard]] Result<Statement*> statement(std::string_view text);
    /// One statement whose rows do not matter.
    [[nodiscard]] Status execute(std::string_view text);
    [[nodiscard]] Result<std::int64_t> integer(std::string_view text);
    /// See readFileStart().
    [[nodiscard]] Result<std::string> fileStart(std::size_t count) const;
    [[nodiscard]] std::int64_t lastRowId() const { return sqlite3_last_insert_rowid(m_connection.get()); }
    [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(m_connection.get()); }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    /// While on, closing leaves the main file's bytes as they are, whatever the log beside it holds.
    void keepLogOnClose(bool isOn);

private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    };
    Database(sqlite3* connection, std::filesystem::path path)
        : m_connection(connection), m_path(std::move(path)) {}
    [[nodiscard]] Result<Statement> compile(std::string_view text);

    std::unique_ptr<sqlite3, Close> m_connection;
    std::filesystem::path m_path;
    std::unordered_map<std::string_view, Statement> m_statements; // dies before the connection
};

/// Undone by the destructor unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    [[nodiscard]] Status commit();

private:
    explicit Transaction(Database* database) : m_database(database) {}
    Database* m_database;
};

} // namespace lathe::sql
