#pragma once

#include "core/base/event.h"
#include "core/base/result.h"
#include "core/params/study_spec.h"
#include "core/store/evaluation_reader.h"
#include "core/store/study_writer.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lathe {

struct StudyRecord {
    StudyId id;
    StudySpec spec;
    std::string createdAt; ///< ISO 8601, UTC
    std::string samplerState;
    std::int64_t trialsDone = 0;
    StudyId confirms; ///< the study whose finalists it repeats, if it does
};

struct TrialRecord {
    TrialId id;
    StudyId study;
    std::int64_t number = 0;
    ParamValues values;
    std::uint64_t seed = 0;
    TrialState state = TrialState::Queued;
    std::string note;
    std::int64_t steps = 0;
    double seconds = 0;
    std::string createdAt; ///< ISO 8601, UTC, as are the next two
    std::string startedAt; ///< empty: it never ran
    std::string endedAt;   ///< empty: not in a final state
    std::filesystem::path adapterFolder;
    std::map<std::string, double> lastValues; ///< by metric name
    std::map<std::string, double> bestValues; ///< lowest for names ending in "loss", highest for the others
    bool isProtected = false;                 ///< no pruner may end it
    TrialId origin;                           ///< the trial it repeats or was changed from, if there is one
    std::int64_t place = 0;                   ///< in the queue, from 1; 0: behind those, by number
};

/// A study with all its trials, as they were at one moment.
struct StudyContent {
    StudyRecord study;
    std::vector<TrialRecord> trials;              ///< by number
    std::vector<std::vector<MetricPoint>> curves; ///< of the objective's metric, parallel to trials, by step
};

/// A trial went into a state, at a time.
struct StateChange {
    TrialState state = TrialState::Queued;
    std::string note;
    std::string time; ///< ISO 8601, UTC
};

/// A reading connection; belongs to the thread that made it; never blocks the writer.
class StudyReader {
public:
    /// Database error: no such file, not a database of ours, from a later version. One of an earlier version
    /// is migrated first, which needs it to be free.
    [[nodiscard]] static Result<StudyReader> open(const std::filesystem::path& database);

    StudyReader(StudyReader&&) noexcept;
    StudyReader& operator=(StudyReader&&) noexcept;
    ~StudyReader();

    [[nodiscard]] Result<std::vector<StudyRecord>> studies() const; ///< newest first, deleted ones left out
    [[nodiscard]] Result<StudyRecord> study(StudyId id) const;
    [[nodiscard]] Result<std::vector<TrialRecord>> trials(StudyId study) const; ///< by number
    [[nodiscard]] Result<std::vector<TrialRecord>> allTrials() const;           ///< newest first
    [[nodiscard]] Result<TrialRecord> trial(TrialId id) const;
    [[nodiscard]] Result<std::vector<MetricPoint>> points(TrialId trial) const; ///< by name, then step
    /// Of one metric of all the study's trials, by trial, then step.
    [[nodiscard]] Result<std::vector<MetricPoint>> points(StudyId study, const std::string& metric) const;
    /// From one state of the database, however busy its writer is. Input error if there is no such study.
    [[nodiscard]] Result<StudyContent> content(StudyId id) const;
    [[nodiscard]] Result<std::vector<SampleText>> samples(TrialId trial) const;
    /// In the order written. No trial (TrialId{}): the lines that belong to none.
    [[nodiscard]] Result<std::vector<LogLine>> log(TrialId trial) const;
    /// Of all the study's trials, in the order written.
    [[nodiscard]] Result<std::vector<LogLine>> studyLog(StudyId study) const;
    [[nodiscard]] Result<std::vector<StateChange>> stateChanges(TrialId trial) const; ///< oldest first
    [[nodiscard]] Result<std::vector<Artifact>> artifacts(TrialId trial) const;       ///< by path
    [[nodiscard]] EvaluationReader evaluations() const;
    /// SQLite's own check of the whole file; Database error with its first finding.
    [[nodiscard]] Status checkIntegrity() const;

private:
    struct Content;
    explicit StudyReader(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

/// The points as CSV: header "trial,metric,step,value,seconds", numbers in their shortest exact form, rows in
/// the order of StudyReader::points.
[[nodiscard]] std::string toCsv(std::span<const MetricPoint> points);

} // namespace lathe
