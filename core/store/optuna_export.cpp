#include "core/store/optuna_export.h"

#include "core/store/optuna_distribution.h"
#include "core/store/optuna_schema.h"
#include "core/store/trial_facts.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// "2026-01-31T12:00:00.000Z" as SQLAlchemy writes a time; empty stays empty.
std::string optunaTime(std::string time) {
    if (const auto mark = time.find('T'); mark != std::string::npos)
        time[mark] = ' ';
    if (time.ends_with('Z'))
        time.pop_back();
    const auto point = time.find('.');
    if (point == std::string::npos)
        return time.empty() ? time : time + ".000000";
    constexpr std::size_t kDigits = 6;
    time.resize(point + 1 + kDigits, '0');
    return time;
}

/// Writes one study into a new file, as study 1.
class OptunaWriter {
public:
    OptunaWriter(sql::Database& database, const StudyContent& content)
        : m_database(database), m_content(content), m_spec(content.study.spec) {}

    Status write() {
        for (const char* statement : optuna::createStatements())
            LATHE_TRY(m_database.execute(statement));
        LATHE_TRY(writeStudy());
        for (std::size_t i = 0; i < m_content.trials.size(); ++i)
            LATHE_TRY(writeTrial(m_content.trials[i], m_content.curves[i]));
        return ok();
    }

private:
    Status writeStudy();
    Status writeTrial(const TrialRecord& trial, const std::vector<MetricPoint>& curve);
    Status writeRow(std::int64_t id, const TrialRecord& trial, std::string_view state);
    Status writeParams(std::int64_t id, const TrialRecord& trial, std::string_view state);
    Status writeCurve(std::int64_t id, const std::vector<MetricPoint>& curve);
    Status writeValues(std::int64_t id, const std::vector<double>& values);
    [[nodiscard]] std::string missingMetric(const TrialRecord& trial) const;
    Status writeAttributes(std::int64_t id, const TrialRecord& trial, const std::string& reason);
    Status attribute(std::int64_t trial, std::string_view key, const Json& value);

    sql::Database& m_database;
    const StudyContent& m_content;
    const StudySpec& m_spec;
};

Status OptunaWriter::writeStudy() {
    LATHE_ASSIGN(auto* study,
                 m_database.statement("INSERT INTO studies (study_id, study_name) VALUES (1, ?)"));
    const std::string name =
        m_spec.name.empty() ? "study " + std::to_string(m_content.study.id.value) : m_spec.name;
    LATHE_TRY(study->bind(1, name).run());
    LATHE_ASSIGN(auto* direction,
                 m_database.statement("INSERT INTO study_directions (direction, study_id, objective) "
                                      "VALUES (?, 1, ?)"));
    Json metrics = Json::array();
    for (const Objective& objective : objectivesOf(m_spec)) {
        direction->bind(1, objective.maximize ? "MAXIMIZE" : "MINIMIZE");
        LATHE_TRY(direction->bind(2, static_cast<std::int64_t>(metrics.size())).run());
        metrics.push_back(objective.metric);
    }
    LATHE_ASSIGN(auto* names,
                 m_database.statement("INSERT INTO study_system_attributes (study_id, \"key\", value_json) "
                                      "VALUES (1, ?, ?)"));
    LATHE_TRY(names->bind(1, optuna::kMetricNames).bind(2, dump(metrics)).run());
    LATHE_ASSIGN(auto* own,
                 m_database.statement("INSERT INTO study_user_attributes (study_id, \"key\", value_json) "
                                      "VALUES (1, ?, ?)"));
    return own->bind(1, optuna::kStudyAttribute).bind(2, toJson(m_spec)).run();
}

Status OptunaWriter::writeTrial(const TrialRecord& trial, const std::vector<MetricPoint>& curve) {
    const std::int64_t id = trial.number + 1;
    const std::vector<double> values = objectiveValues(trial, m_spec);
    const bool hasValue =
        !values.empty() && std::ranges::none_of(values, [](double value) { return std::isnan(value); });
    const bool isValueless = trial.state == TrialState::Complete && !hasValue;
    const std::string_view state = isValueless ? "FAIL" : optuna::stateName(trial.state);
    LATHE_TRY(writeRow(id, trial, state));
    LATHE_TRY(writeParams(id, trial, state));
    LATHE_TRY(writeCurve(id, curve));
    if (hasValue && (state == "COMPLETE" || state == "PRUNED"))
        LATHE_TRY(writeValues(id, values));
    std::string reason = trial.note;
    if (isValueless && reason.empty())
        reason = "it ended without a number as " + missingMetric(trial);
    return writeAttributes(id, trial, reason);
}

Status OptunaWriter::writeRow(std::int64_t id, const TrialRecord& trial, std::string_view state) {
    LATHE_ASSIGN(auto* insert, m_database.statement("INSERT INTO trials (trial_id, number, study_id, state, "
                                                    "datetime_start, datetime_complete) "
                                                    "VALUES (?, ?, 1, ?, NULLIF(?, ''), NULLIF(?, ''))"));
    const bool isWaiting = state == "WAITING";
    const bool isOver = !isWaiting && state != "RUNNING";
    // Optuna wants both times of whatever has ended; a trial that failed before its start has none.
    const std::string start = trial.startedAt.empty() ? trial.createdAt : trial.startedAt;
    const std::string end = trial.endedAt.empty() ? start : trial.endedAt;
    return insert->bind(1, id)
        .bind(2, trial.number)
        .bind(3, state)
        .bind(4, isWaiting ? "" : optunaTime(start))
        .bind(5, isOver ? optunaTime(end) : "")
        .run();
}

Status OptunaWriter::writeParams(std::int64_t id, const TrialRecord& trial, std::string_view state) {
    LATHE_ASSIGN(auto* insert,
                 m_database.statement("INSERT INTO trial_params (trial_id, param_name, param_value, "
                                      "distribution_json) VALUES (?, ?, ?, ?)"));
    Json fixed = Json::object();
    for (const SearchDimension& dimension : m_spec.space) {
        const ParamValue* value = searchedValue(m_spec, trial, dimension);
        if (value == nullptr)
            continue;
        LATHE_ASSIGN(const optuna::Param param, optuna::toParam(dimension, *value));
        LATHE_TRY(insert->bind(1, id)
                      .bind(2, dimension.key)
                      .bind(3, param.value)
                      .bind(4, param.distribution)
                      .run());
        std::visit([&](const auto& v) { fixed[dimension.key] = v; }, *value);
    }
    if (state != "WAITING")
        return ok();
    // What study.enqueue_trial writes: a worker that takes the trial tries these values.
    LATHE_ASSIGN(auto* system,
                 m_database.statement("INSERT INTO trial_system_attributes (trial_id, \"key\", value_json) "
                                      "VALUES (?, 'fixed_params', ?)"));
    return system->bind(1, id).bind(2, dump(fixed)).run();
}

Status OptunaWriter::writeCurve(std::int64_t id, const std::vector<MetricPoint>& curve) {
    LATHE_ASSIGN(auto* insert,
                 m_database.statement("INSERT INTO trial_intermediate_values (trial_id, step, "
                                      "intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)"));
    for (const MetricPoint& point : curve) {
        insert->bind(1, id).bind(2, point.step);
        optuna::bindValue(*insert, 3, point.value);
        LATHE_TRY(insert->run());
    }
    return ok();
}

/// The first objective that is not there, or not a number.
std::string OptunaWriter::missingMetric(const TrialRecord& trial) const {
    for (const Objective& objective : objectivesOf(m_spec))
        if (const auto value = objectiveOf(trial, objective); !value || std::isnan(*value))
            return objective.metric;
    return m_spec.objective.metric;
}

Status OptunaWriter::writeValues(std::int64_t id, const std::vector<double>& values) {
    LATHE_ASSIGN(auto* insert,
                 m_database.statement("INSERT INTO trial_values (trial_id, objective, value, value_type) "
                                      "VALUES (?, ?, ?, ?)"));
    for (std::size_t place = 0; place < values.size(); ++place) {
        insert->bind(1, id).bind(2, static_cast<std::int64_t>(place));
        optuna::bindValue(*insert, 3, values[place]);
        LATHE_TRY(insert->run());
    }
    return ok();
}

Status OptunaWriter::attribute(std::int64_t trial, std::string_view key, const Json& value) {
    LATHE_ASSIGN(auto* insert,
                 m_database.statement("INSERT INTO trial_user_attributes (trial_id, \"key\", value_json) "
                                      "VALUES (?, ?, ?)"));
    return insert->bind(1, trial).bind(2, key).bind(3, dump(value)).run();
}

Status OptunaWriter::writeAttributes(std::int64_t id, const TrialRecord& trial, const std::string& reason) {
    LATHE_TRY(attribute(id, optuna::kStateAttribute, toString(trial.state)));
    LATHE_TRY(attribute(id, optuna::kSeedAttribute, trial.seed));
    LATHE_TRY(attribute(id, optuna::kRecipeAttribute, Json::parse(toJson(trial.values))));
    LATHE_TRY(attribute(id, optuna::kStepsAttribute, trial.steps));
    LATHE_TRY(attribute(id, optuna::kSecondsAttribute, trial.seconds));
    if (!reason.empty())
        LATHE_TRY(attribute(id, optuna::kReasonAttribute, reason));
    for (const auto& [name, value] : trial.lastValues)
        if (std::isfinite(value)) // JSON has no other numbers
            LATHE_TRY(attribute(id, "last_" + name, value));
    return ok();
}

Status fill(const fs::path& path, const StudyContent& content) {
    LATHE_ASSIGN(sql::Database database, sql::Database::open(path, sql::Access::Create));
    // Nobody can see the file yet: one sync when it is whole does for all.
    LATHE_TRY(database.execute("PRAGMA synchronous = OFF"));
    LATHE_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database));
    LATHE_TRY(OptunaWriter(database, content).write());
    return transaction.commit();
}

Status syncAndRename(const fs::path& temporary, const fs::path& target) {
    const int file = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    const bool isOnDisk = file >= 0 && ::fsync(file) == 0;
    const std::string reason = std::strerror(errno);
    if (file >= 0)
        ::close(file);
    if (!isOnDisk)
        return ioError(target.string(), "cannot be written to disk: " + reason);
    std::error_code problem;
    fs::rename(temporary, target, problem);
    return problem ? ioError(target.string(), "cannot be replaced: " + problem.message()) : ok();
}

} // namespace

Status writeOptunaFile(const StudyContent& content, const fs::path& target, Existing existing) {
    LATHE_EXPECT(content.curves.size() == content.trials.size());
    LATHE_TRY(checkExportTarget(target, existing));
    fs::path temporary = target;
    temporary += ".part" + std::to_string(::getpid());
    std::error_code problem;
    fs::remove(temporary, problem);
    Status status = fill(temporary, content);
    if (status.has_value())
        status = syncAndRename(temporary, target);
    if (status.has_value())
        return ok();
    fs::remove(temporary, problem);
    Error error = status.error();
    if (!error.where.empty())
        error.where = target.string();
    return error;
}

} // namespace lathe
