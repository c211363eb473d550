#include "core/store/optuna_schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace lathe::optuna {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::int64_t kTablesRead = 10;

constexpr std::array kCreate{
    "CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, "
    "PRIMARY KEY (study_id))",
    "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name)",
    "CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, "
    "library_version VARCHAR(256), PRIMARY KEY (version_info_id), CHECK (version_info_id=1))",
    "CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL, direction VARCHAR(8) NOT NULL, "
    "study_id INTEGER NOT NULL, objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id), "
    "UNIQUE (study_id, objective), FOREIGN KEY(study_id) REFERENCES studies (study_id))",
    "CREATE TABLE study_user_attributes (study_user_attribute_id INTEGER NOT NULL, study_id INTEGER, "
    "\"key\" VARCHAR(512), value_json TEXT, PRIMARY KEY (study_user_attribute_id), "
    "UNIQUE (study_id, \"key\"), FOREIGN KEY(study_id) REFERENCES studies (study_id))",
    "CREATE TABLE study_system_attributes (study_system_attribute_id INTEGER NOT NULL, study_id INTEGER, "
    "\"key\" VARCHAR(512), value_json TEXT, PRIMARY KEY (study_system_attribute_id), "
    "UNIQUE (study_id, \"key\"), FOREIGN KEY(study_id) REFERENCES studies (study_id))",
    "CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, "
    "state VARCHAR(8) NOT NULL, datetime_start DATETIME, datetime_complete DATETIME, "
    "PRIMARY KEY (trial_id), FOREIGN KEY(study_id) REFERENCES studies (study_id))",
    "CREATE INDEX ix_trials_study_id ON trials (study_id)",
    "CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER NOT NULL, trial_id INTEGER, "
    "\"key\" VARCHAR(512), value_json TEXT, PRIMARY KEY (trial_user_attribute_id), "
    "UNIQUE (trial_id, \"key\"), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE trial_system_attributes (trial_system_attribute_id INTEGER NOT NULL, trial_id INTEGER, "
    "\"key\" VARCHAR(512), value_json TEXT, PRIMARY KEY (trial_system_attribute_id), "
    "UNIQUE (trial_id, \"key\"), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), "
    "param_value FLOAT, distribution_json TEXT, PRIMARY KEY (param_id), UNIQUE (trial_id, param_name), "
    "FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, "
    "objective INTEGER NOT NULL, value FLOAT, value_type VARCHAR(7) NOT NULL, "
    "PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective), "
    "FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL, "
    "trial_id INTEGER NOT NULL, step INTEGER NOT NULL, intermediate_value FLOAT, "
    "intermediate_value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_intermediate_value_id), "
    "UNIQUE (trial_id, step), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, "
    "heartbeat DATETIME NOT NULL, PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id), "
    "FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    // Optuna opens a file whose schema_version is its own (12 since 3.0); the other two are for its upgrades.
    "INSERT INTO version_info (version_info_id, schema_version, library_version) VALUES (1, 12, '5.0.0')",
    "INSERT INTO alembic_version (version_num) VALUES ('v3.2.0.a')",
};

/// Revisions since the one that holds infinities and NaN; the last only widened columns.
constexpr std::array<std::string_view, 2> kReadable{"v3.0.0.d", "v3.2.0.a"};

struct StatePair {
    std::string_view name;
    TrialState state;
};
constexpr std::array<StatePair, 5> kStates{{{"COMPLETE", TrialState::Complete},
                                            {"PRUNED", TrialState::Pruned},
                                            {"FAIL", TrialState::Failed},
                                            {"RUNNING", TrialState::Running},
                                            {"WAITING", TrialState::Queued}}};

Status checkIsSqlite(const fs::path& path) {
    std::error_code problem;
    if (!fs::exists(path, problem))
        return inputError(path.string(), "does not exist");
    if (fs::is_directory(path, problem))
        return inputError(path.string(), "is a folder; an Optuna SQLite file is needed");
    LATHE_ASSIGN(const std::string start, sql::readFileStart(path, kMagic.size()));
    if (start != kMagic)
        return inputError(path.string(), "is not an SQLite file; copy a study that is kept otherwise (a "
                                         "journal, a server) into one with optuna.copy_study");
    return ok();
}

Status checkTables(sql::Database& database) {
    LATHE_ASSIGN(
        const std::int64_t count,
        database.integer("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('studies', "
                         "'study_directions', 'study_user_attributes', 'study_system_attributes', 'trials', "
                         "'trial_params', 'trial_values', 'trial_intermediate_values', "
                         "'trial_user_attributes', 'alembic_version')"));
    if (count != kTablesRead)
        return inputError(database.path().string(), "is not an Optuna file: it has " + std::to_string(count) +
                                                        " of the " + std::to_string(kTablesRead) +
                                                        " tables that are read");
    LATHE_ASSIGN(auto* select, database.statement("SELECT version_num FROM alembic_version"));
    LATHE_ASSIGN(const bool hasRow, select->step());
    const std::string revision = hasRow ? select->text(0) : "";
    select->reset();
    if (std::ranges::find(kReadable, revision) == kReadable.end())
        return inputError(database.path().string(),
                          "has Optuna's table revision \"" + revision +
                              "\"; v3.0.0.d and v3.2.0.a are read, those of Optuna 3 to 5 (older files: "
                              "optuna storage upgrade)");
    return ok();
}

} // namespace

std::span<const char* const> createStatements() { return kCreate; }

Result<sql::Database> openFile(const fs::path& path) {
    LATHE_TRY(checkIsSqlite(path));
    LATHE_ASSIGN(sql::Database database, sql::Database::open(path, sql::Access::Read));
    LATHE_TRY(database.execute("BEGIN")); // one state of a file that Optuna may be writing to
    LATHE_TRY(checkTables(database));
    return database;
}

std::string_view valueType(double value) {
    if (std::isnan(value))
        return "NAN";
    if (std::isinf(value))
        return value > 0 ? "INF_POS" : "INF_NEG";
    return "FINITE";
}

void bindValue(sql::Statement& statement, int parameter, double value) {
    if (std::isfinite(value))
        statement.bind(parameter, value);
    else
        statement.bindNull(parameter);
    statement.bind(parameter + 1, valueType(value));
}

std::optional<double> valueOf(const sql::Statement& row, int column) {
    const std::string type = row.text(column + 1);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (type == "FINITE" && !row.isNull(column))
        return row.real(column);
    if (type == "INF_POS")
        return kInfinity;
    if (type == "INF_NEG")
        return -kInfinity;
    return type == "NAN" ? std::optional(std::numeric_limits<double>::quiet_NaN()) : std::nullopt;
}

std::string_view stateName(TrialState state) {
    switch (state) {
    case TrialState::Complete:
        return "COMPLETE";
    case TrialState::Pruned:
        return "PRUNED";
    case TrialState::Failed:
    case TrialState::Cancelled:
        return "FAIL";
    case TrialState::Queued:
    case TrialState::Interrupted:
        return "WAITING";
    default:
        return "RUNNING";
    }
}

std::optional<TrialState> stateFrom(std::string_view name) {
    const auto found = std::ranges::find(kStates, name, &StatePair::name);
    return found == kStates.end() ? std::nullopt : std::optional(found->state);
}

} // namespace lathe::optuna
