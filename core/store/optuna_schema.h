#pragma once

#include "core/base/event.h"
#include "core/store/sqlite.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Private to core/store: the tables of Optuna's RDB storage as Optuna 3.2 to 5.0 create them in SQLite
/// (optuna/storages/_rdb/models.py, MIT licence; github.com/optuna/optuna).
namespace lathe::optuna {

/// One statement each: all tables, indices, and the row of version_info.
[[nodiscard]] std::span<const char* const> createStatements();

/// Opens an Optuna file for reading, and begins a transaction that lasts as long as the connection. Input
/// error: no such file, not an SQLite file, without Optuna's tables, or of a version whose tables differ.
[[nodiscard]] Result<sql::Database> openFile(const std::filesystem::path& path);

/// What a number is stored as: SQLite has neither NaN nor, in Optuna's use, infinities.
[[nodiscard]] std::string_view valueType(double value);
/// Binds `value` and its type to two parameters.
void bindValue(sql::Statement& statement, int parameter, double value);
/// The inverse, of two columns; nothing if they contradict each other.
[[nodiscard]] std::optional<double> valueOf(const sql::Statement& row, int column);

/// Optuna's name for a state. Cancelled is FAIL there; what waits for another start is WAITING.
[[nodiscard]] std::string_view stateName(TrialState state);
/// Ours for Optuna's. Nothing if there is none of the name.
[[nodiscard]] std::optional<TrialState> stateFrom(std::string_view name);

// Attributes that only we write. Any of them may be missing.
inline constexpr std::string_view kStudyAttribute = "lathe_study"; ///< the StudySpec as JSON
inline constexpr std::string_view kStateAttribute = "lathe_state"; ///< one of ours, where FAIL is two
inline constexpr std::string_view kSeedAttribute = "seed";
inline constexpr std::string_view kRecipeAttribute = "recipe";
inline constexpr std::string_view kReasonAttribute = "reason";
inline constexpr std::string_view kStepsAttribute = "steps";
inline constexpr std::string_view kSecondsAttribute = "seconds";
/// A list of names, of Optuna's own.
inline constexpr std::string_view kMetricNames = "study:metric_names";

} // namespace lathe::optuna
