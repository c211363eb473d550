#pragma once

#include "core/engine/study_runner.h"
#include "core/params/study_spec.h"
#include "core/store/study_reader.h"

#include <QObject>
#include <QString>
#include <QVector>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lathe {

class ProjectSession;

/// One metric of one trial, by step. The three vectors run parallel. Steps are whole numbers.
struct MetricSeries {
    std::vector<double> steps;
    std::vector<double> values;
    std::vector<double> seconds;
};

/// The GUI thread's view of one study, running or historic. It holds the study's points, samples and log: the
/// same whether they came live or from rows. Made and owned by ProjectSession; none of its functions waits.
class StudySession : public QObject {
    Q_OBJECT
public:
    /// A historic study: Loading → Idle. A started one: Starting → Running ⇄ Paused → Stopping → Idle, or
    /// Starting → Refused with problemsFound or failed.
    enum class Phase { Loading, Idle, Starting, Running, Paused, Stopping, Refused };
    Q_ENUM(Phase)

    ~StudySession() override; ///< stops the study and joins its controller: prefer stop() and finished()

    [[nodiscard]] StudyId id() const; ///< not valid while Starting
    [[nodiscard]] const StudySpec& spec() const;
    [[nodiscard]] QString name() const;
    [[nodiscard]] Phase phase() const;
    [[nodiscard]] bool isActive() const;  ///< Starting, Running, Paused or Stopping
    [[nodiscard]] bool canResume() const; ///< Idle, and a trial is interrupted, cancelled or missing

    [[nodiscard]] const std::vector<TrialRecord>& trials() const; ///< by number
    [[nodiscard]] const TrialRecord* trial(TrialId id) const;
    [[nodiscard]] TrialProgress progress(TrialId id) const;
    [[nodiscard]] std::vector<std::string> metricNames(TrialId id) const;
    /// nullptr: no such metric yet. Valid until the next signal.
    [[nodiscard]] const MetricSeries* series(TrialId id, std::string_view metric) const;
    /// The trial's points in the order of StudyReader::points.
    [[nodiscard]] std::vector<MetricPoint> points(TrialId id) const;
    [[nodiscard]] std::vector<SampleText> samples(TrialId id) const;
    [[nodiscard]] const std::vector<LogLine>& log() const; ///< of the study and all its trials, oldest first

    void stop();   ///< trials end as cancelled and keep their points and checkpoints
    void pause();  ///< takes effect within a step; memory is kept
    void resume(); ///< after pause()
    void togglePause();
    /// Goes on with a study that is Idle: interrupted and cancelled trials from their checkpoints, then what
    /// is missing.
    void continueStudy();

Q_SIGNALS:
    void phaseChanged(lathe::StudySession::Phase phase);
    void historyLoaded();                       ///< trials, points, samples and log are there
    void historyReplaced(lathe::TrialId trial); ///< the trial's series are not a longer version of before
    void pointsArrived(const QVector<lathe::MetricPoint>& points); ///< at most once a tick of 33 ms
    void trialAdded(lathe::TrialId trial);
    void trialChanged(lathe::TrialId trial);
    void progressChanged(const lathe::TrialProgress& progress); ///< at most once a tick for each trial
    void sampleArrived(const lathe::SampleText& sample);
    void logArrived(const lathe::LogLine& line);
    void problemsFound(const QVector<lathe::Problem>& problems); ///< it was not started; nothing was written
    void failed(const QString& message);                         ///< it could not be loaded, started or go on
    void finished(const lathe::StudyOutcome& outcome);           ///< all rows are on disk

private:
    friend class ProjectSession;
    struct Content;
    StudySession(ProjectSession& project, StudySpec spec);
    StudySession(ProjectSession& project, StudyId id);

    void start();
    void load();
    void addTrial(const TrialRecord& record);
    void take(std::span<const Event> events);

    std::unique_ptr<Content> m_content;
};

} // namespace lathe
