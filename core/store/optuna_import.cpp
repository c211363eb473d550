#include "core/store/optuna_import.h"

#include "core/base/text.h"
#include "core/store/optuna_distribution.h"
#include "core/store/optuna_schema.h"
#include "core/store/row_loop.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

/// Reads one study; every message names the trial it is about.
class OptunaReader {
public:
    /// objectives: by their places in the file, at least one.
    OptunaReader(sql::Database& database, std::int64_t study, std::vector<std::size_t> objectives)
        : m_database(database), m_study(study), m_objectives(std::move(objectives)) {}

    Result<OptunaStudy> read(const OptunaStudyInfo& info);

private:
    struct Row {
        HistoryTrial trial;
        std::map<std::int64_t, double> values;  // by objective
        std::map<std::string, Json> attributes; // that Lathe has written
    };

    Status readTrials();
    Status readParams();
    Status readValues();
    Status readCurves();
    Status readAttributes();
    Status readOwnSpec();
    Status addParam(Row& row, const std::string& name, double value, const std::string& json);
    Status settle(Row& row);
    void takeValues(Row& row) const;
    bool ownSpecHolds() const;
    Result<sql::Statement*> select(std::string_view text);
    Error refuse(const Row& row, const std::string& why) const;
    void adoptOwnAttributes(Row& row) const;

    sql::Database& m_database;
    std::int64_t m_study;
    std::vector<std::size_t> m_objectives;
    std::map<std::int64_t, Row> m_rows; // by trial_id
    std::vector<std::string> m_order;   // of the parameters
    std::map<std::string, optuna::Distribution> m_known;
    std::map<std::string, optuna::Distribution> m_parsed; // by name and JSON: most trials have the same
    std::optional<StudySpec> m_ownSpec;
};

/// A statement whose one parameter is the study.
Result<sql::Statement*> OptunaReader::select(std::string_view text) {
    LATHE_ASSIGN(auto* statement, m_database.statement(text));
    statement->bind(1, m_study);
    return statement;
}

Error OptunaReader::refuse(const Row& row, const std::string& why) const {
    return inputError(m_database.path().string(),
                      "cannot be taken: trial " + std::to_string(row.trial.number) + " " + why);
}

Status OptunaReader::readTrials() {
    LATHE_ASSIGN(auto* rows, select("SELECT trial_id, number, state, (julianday(datetime_complete) - "
                                    "julianday(datetime_start)) * 86400 FROM trials WHERE study_id = ? "
                                    "ORDER BY trial_id"));
    std::set<std::int64_t> numbers;
    return sql::forEachRow(*rows, [&](const sql::Statement& row) -> Status {
        Row& read = m_rows[row.integer(0)];
        read.trial.number = row.isNull(1) ? -1 : row.integer(1);
        if (read.trial.number < 0 || !numbers.insert(read.trial.number).second)
            return refuse(read, "has no number of its own");
        const auto state = optuna::stateFrom(row.text(2));
        if (!state)
            return refuse(read, "is in the state \"" + row.text(2) + "\", which Optuna does not have");
        read.trial.state = *state;
        const double seconds = row.real(3);
        read.trial.seconds = seconds > 0 ? seconds : 0;
        return ok();
    });
}

Status OptunaReader::addParam(Row& row, const std::string& name, double value, const std::string& json) {
    const std::string key = name + '\n' + json;
    auto parsed = m_parsed.find(key);
    if (parsed == m_parsed.end()) {
        LATHE_ASSIGN(optuna::Distribution distribution, optuna::distributionFrom(name, json));
        parsed = m_parsed.emplace(key, std::move(distribution)).first;
        const auto [known, isNew] = m_known.emplace(name, parsed->second);
        if (isNew)
            m_order.push_back(name);
        else
            LATHE_TRY(optuna::widen(name, known->second, parsed->second));
    }
    LATHE_ASSIGN(ParamValue typed, optuna::valueFrom(name, parsed->second, value));
    row.trial.values.set(name, std::move(typed));
    return ok();
}

Status OptunaReader::readParams() {
    LATHE_ASSIGN(auto* rows,
                 select("SELECT trial_params.trial_id, param_name, param_value, distribution_json FROM "
                        "trial_params JOIN trials ON trials.trial_id = trial_params.trial_id WHERE "
                        "study_id = ? ORDER BY param_id"));
    return sql::forEachRow(*rows, [&](const sql::Statement& row) -> Status {
        Row& read = m_rows.at(row.integer(0));
        if (row.isNull(2))
            return refuse(read, "has no value of " + row.text(1));
        const Status added = addParam(read, row.text(1), row.real(2), row.text(3));
        return added.has_value() ? ok() : refuse(read, "does not fit: " + added.error().message);
    });
}

Status OptunaReader::readValues() {
    LATHE_ASSIGN(auto* rows,
                 select("SELECT trial_values.trial_id, value, value_type, objective FROM trial_values JOIN "
                        "trials ON trials.trial_id = trial_values.trial_id WHERE study_id = ?"));
    return sql::forEachRow(*rows, [&](const sql::Statement& row) -> Status {
        Row& read = m_rows.at(row.integer(0));
        const auto value = optuna::valueOf(row, 1);
        if (!value)
            return refuse(read, "has a value of the kind \"" + row.text(2) + "\" that is not one");
        read.values[row.integer(3)] = *value;
        return ok();
    });
}

Status OptunaReader::readCurves() {
    LATHE_ASSIGN(auto* rows,
                 select("SELECT trial_intermediate_values.trial_id, intermediate_value, "
                        "intermediate_value_type, step FROM trial_intermediate_values JOIN trials ON "
                        "trials.trial_id = trial_intermediate_values.trial_id WHERE study_id = ? ORDER BY "
                        "trial_intermediate_values.trial_id, step"));
    return sql::forEachRow(*rows, [&](const sql::Statement& row) -> Status {
        Row& read = m_rows.at(row.integer(0));
        const auto value = optuna::valueOf(row, 1);
        if (!value)
            return refuse(read, "has an intermediate value of the kind \"" + row.text(2) +
                                    "\" that is not one, at step " + row.text(3));
        if (row.integer(3) < 0)
            return refuse(read, "has an intermediate value at step " + row.text(3) + ", which is below 0");
        read.trial.curve.emplace_back(row.integer(3), *value);
        return ok();
    });
}

Status OptunaReader::readAttributes() {
    LATHE_ASSIGN(auto* rows,
                 select("SELECT trial_user_attributes.trial_id, \"key\", value_json FROM "
                        "trial_user_attributes JOIN trials ON trials.trial_id = "
                        "trial_user_attributes.trial_id WHERE study_id = ? AND \"key\" IN ('lathe_state', "
                        "'seed', 'reason', 'steps', 'seconds')"));
    return sql::forEachRow(*rows, [&](const sql::Statement& row) {
        m_rows.at(row.integer(0)).attributes[row.text(1)] = Json::parse(row.text(2), nullptr, false);
        return ok();
    });
}

Status OptunaReader::readOwnSpec() {
    LATHE_ASSIGN(auto* rows, select("SELECT value_json FROM study_user_attributes WHERE study_id = ? AND "
                                    "\"key\" = 'lathe_study'"));
    return sql::forEachRow(*rows, [&](const sql::Statement& row) {
        if (auto spec = studySpecFromJson(row.text(0)); spec.has_value())
            m_ownSpec = std::move(spec).value();
        return ok();
    });
}

/// Only of trials that Lathe has written: others may use the same names for something else.
void OptunaReader::adoptOwnAttributes(Row& row) const {
    const auto find = [&row](std::string_view key) {
        const auto found = row.attributes.find(std::string(key));
        return found == row.attributes.end() ? Json() : found->second;
    };
    const Json own = find(optuna::kStateAttribute);
    const auto state = own.is_string() ? trialStateFrom(own.get<std::string>()) : std::nullopt;
    if (!state)
        return;
    HistoryTrial& trial = row.trial;
    const bool isValueless = *state == TrialState::Complete && trial.state == TrialState::Failed;
    // Optuna may have gone on with the trial.
    if (isValueless || optuna::stateName(*state) == optuna::stateName(trial.state))
        trial.state = *state;
    if (const Json seed = find(optuna::kSeedAttribute); seed.is_number_unsigned())
        trial.seed = seed.get<std::uint64_t>();
    if (const Json reason = find(optuna::kReasonAttribute); reason.is_string() && !isValueless)
        trial.reason = reason.get<std::string>();
    if (const Json steps = find(optuna::kStepsAttribute); steps.is_number_integer())
        trial.steps = steps.get<std::int64_t>();
    if (const Json seconds = find(optuna::kSecondsAttribute); seconds.is_number())
        trial.seconds = seconds.get<double>();
}

/// All of them, or none: of several objectives a trial counts once it has each.
void OptunaReader::takeValues(Row& row) const {
    std::vector<double> values;
    for (const std::size_t objective : m_objectives)
        if (const auto found = row.values.find(static_cast<std::int64_t>(objective));
            found != row.values.end())
            values.push_back(found->second);
    const bool isNumber = std::ranges::none_of(values, [](double value) { return std::isnan(value); });
    if (values.size() != m_objectives.size() || (values.size() > 1 && !isNumber))
        return;
    row.trial.objective = values.front();
    row.trial.furtherObjectives.assign(values.begin() + 1, values.end());
}

Status OptunaReader::settle(Row& row) {
    HistoryTrial& trial = row.trial;
    takeValues(row);
    if (trial.state == TrialState::Complete && (!trial.objective || std::isnan(*trial.objective)))
        return refuse(row, "is complete without a value");
    if (!trial.curve.empty())
        trial.steps = trial.curve.back().first;
    adoptOwnAttributes(row);
    const bool mayHaveValue = trial.state == TrialState::Complete || trial.state == TrialState::Pruned;
    if (!mayHaveValue) {
        trial.objective.reset();
        trial.furtherObjectives.clear();
    } else if (m_objectives.size() > 1) {
        return ok();                                       // there is no curve of several
    } else if (!trial.objective && !trial.curve.empty()) { // NaN, which Optuna leaves out
        trial.objective = trial.curve.back().second;
    }
    return ok();
}

/// Whether the study is still as Lathe wrote it: Optuna may have added trials with other distributions.
bool OptunaReader::ownSpecHolds() const {
    return m_ownSpec && std::ranges::all_of(m_rows, [this](const auto& entry) {
               const ParamValues::Map& values = entry.second.trial.values.map();
               return std::ranges::all_of(values, [this](const auto& pair) {
                   const auto& space = m_ownSpec->space;
                   const auto found = std::ranges::find(space, pair.first, &SearchDimension::key);
                   return found != space.end() && !problemWith(found->domain, pair.second);
               });
           });
}

Result<OptunaStudy> OptunaReader::read(const OptunaStudyInfo& info) {
    LATHE_TRY(readTrials());
    LATHE_TRY(readParams());
    LATHE_TRY(readValues());
    LATHE_TRY(readCurves());
    LATHE_TRY(readAttributes());
    LATHE_TRY(readOwnSpec());
    OptunaStudy study;
    study.spec.kind = "study";
    if (ownSpecHolds()) {
        study.spec = *m_ownSpec;
    } else {
        if (m_ownSpec)
            study.notes.emplace_back("Optuna has changed the space since Lathe wrote this file; it is read "
                                     "from the distributions");
        for (const std::string& name : m_order)
            study.spec.space.push_back({name, m_known.at(name).domain, {}});
    }
    study.spec.name = info.name;
    study.spec.furtherObjectives.clear();
    for (const std::size_t place : m_objectives) {
        const OptunaStudyInfo::Value& value = info.values[place];
        const std::string usual =
            m_objectives.size() == 1 ? "objective" : "objective_" + std::to_string(place);
        study.spec.furtherObjectives.push_back({value.name.empty() ? usual : value.name, value.maximize});
    }
    study.spec.objective = study.spec.furtherObjectives.front();
    study.spec.furtherObjectives.erase(study.spec.furtherObjectives.begin());
    study.spec.trialCount = static_cast<std::int64_t>(m_rows.size());
    for (auto& [id, row] : m_rows) {
        LATHE_TRY(settle(row));
        study.trials.push_back(std::move(row.trial));
    }
    std::ranges::sort(study.trials, {}, &HistoryTrial::number);
    return study;
}

/// The studies by their ids.
Result<std::map<std::int64_t, OptunaStudyInfo>> listStudies(sql::Database& database) {
    std::map<std::int64_t, OptunaStudyInfo> studies;
    LATHE_ASSIGN(auto* rows, database.statement("SELECT study_id, study_name, (SELECT COUNT(*) FROM trials "
                                                "WHERE trials.study_id = studies.study_id) FROM studies"));
    LATHE_TRY(sql::forEachRow(*rows, [&](const sql::Statement& row) {
        studies[row.integer(0)] = {row.text(1), {}, row.integer(2)};
        return ok();
    }));
    LATHE_ASSIGN(auto* directions, database.statement("SELECT study_id, direction FROM study_directions "
                                                      "ORDER BY study_id, objective"));
    LATHE_TRY(sql::forEachRow(*directions, [&](const sql::Statement& row) -> Status {
        const std::string direction = row.text(1);
        if (direction != "MINIMIZE" && direction != "MAXIMIZE")
            return inputError(database.path().string(), "holds a study with the direction \"" + direction +
                                                            "\"; MINIMIZE or MAXIMIZE is needed");
        studies[row.integer(0)].values.push_back({"", direction == "MAXIMIZE"});
        return ok();
    }));
    LATHE_ASSIGN(auto* names, database.statement("SELECT study_id, value_json FROM study_system_attributes "
                                                 "WHERE \"key\" = 'study:metric_names'"));
    LATHE_TRY(sql::forEachRow(*names, [&](const sql::Statement& row) {
        const Json list = Json::parse(row.text(1), nullptr, false);
        std::vector<OptunaStudyInfo::Value>& values = studies[row.integer(0)].values;
        for (std::size_t i = 0; list.is_array() && i < list.size() && i < values.size(); ++i)
            values[i].name = list[i].is_string() ? list[i].get<std::string>() : "";
        return ok();
    }));
    for (const auto& [id, study] : studies)
        if (study.values.empty() || study.name.empty())
            return inputError(database.path().string(),
                              "holds a study without a name or a direction (number " + std::to_string(id) +
                                  ")");
    return studies;
}

Result<std::int64_t> chosenStudy(const fs::path& file, const std::map<std::int64_t, OptunaStudyInfo>& studies,
                                 const std::string& wanted) {
    std::vector<std::string> names;
    for (const auto& [id, study] : studies) {
        if (study.name == wanted || (wanted.empty() && studies.size() == 1))
            return id;
        names.push_back(study.name);
    }
    if (names.empty())
        return inputError(file.string(), "holds no study");
    return inputError(file.string(), (wanted.empty() ? "holds several studies; choose one of "
                                                     : "holds no study \"" + wanted + "\"; it has ") +
                                         joined(names));
}

/// By their places in the file.
Result<std::vector<std::size_t>> chosenObjectives(const fs::path& file, const OptunaStudyInfo& study,
                                                  const std::optional<std::size_t>& wanted) {
    std::vector<std::string> names;
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < study.values.size(); ++i) {
        all.push_back(i);
        names.push_back(std::to_string(i) + " (" + (study.values[i].maximize ? "maximize" : "minimize") +
                        (study.values[i].name.empty() ? "" : " " + study.values[i].name) + ")");
    }
    if (!wanted)
        return all;
    if (*wanted < all.size())
        return std::vector{*wanted};
    return inputError(file.string(), "has no objective " + std::to_string(*wanted) + " in \"" + study.name +
                                         "\"; it has " + joined(names));
}

} // namespace

Result<std::vector<OptunaStudyInfo>> listOptunaStudies(const fs::path& file) {
    LATHE_ASSIGN(sql::Database database, optuna::openFile(file));
    LATHE_ASSIGN(const auto studies, listStudies(database));
    std::vector<OptunaStudyInfo> list;
    for (const auto& [id, study] : studies)
        list.push_back(study);
    return list;
}

Result<OptunaStudy> readOptunaStudy(const fs::path& file, const OptunaChoice& choice) {
    LATHE_ASSIGN(sql::Database database, optuna::openFile(file));
    LATHE_ASSIGN(const auto studies, listStudies(database));
    LATHE_ASSIGN(const std::int64_t id, chosenStudy(file, studies, choice.study));
    const OptunaStudyInfo& info = studies.at(id);
    LATHE_ASSIGN(std::vector<std::size_t> objectives, chosenObjectives(file, info, choice.value));
    return OptunaReader(database, id, std::move(objectives)).read(info);
}

} // namespace lathe
