#pragma once

#include "core/engine/study_runner.h"
#include "core/params/study_spec.h"
#include "core/session/metric_series.h"
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
struct StudySurroundings;

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
    /// Of all its trials, oldest first; while it runs also the lines of the study itself.
    [[nodiscard]] const std::vector<LogLine>& log() const;

    void stop();   ///< trials end as cancelled and keep their points and checkpoints
    void pause();  ///< takes effect within a step; memory is kept
    void resume(); ///< after pause()
    void togglePause();
    /// One running trial; the study goes on. An id that is not running is ignored.
    void stopTrial(TrialId id);
    void pruneTrial(TrialId id); ///< at its next report, as the pruner would
    void pauseTrial(TrialId id); ///< takes effect within a step
    void resumeTrial(TrialId id);
    /// No pruner may end it, in later sittings too. trialChanged() follows once that is written, or failed().
    void protectTrial(TrialId id);
    void unprotectTrial(TrialId id);
    /// What it may cost from now on; budgetChanged() follows once that is written, or failed(). One that is
    /// over goes on within it by continueStudy().
    void changeBudget(const StudyBudget& budget);
    /// A trial that is run before any new point is searched for; a study that is over goes on for it.
    /// trialAdded() follows, or failed().
    void addTrial(const TrialWish& wish);
    /// Of the trials that wait these come first, in this order. queueOrdered() follows once that is written,
    /// or failed().
    void orderQueue(const std::vector<TrialId>& first);
    /// Goes on with a study that canResume(): interrupted and cancelled trials from their checkpoints, then
    /// what is missing. Does nothing with another.
    void continueStudy();

Q_SIGNALS:
    void phaseChanged(lathe::StudySession::Phase phase);
    void historyLoaded(); ///< trials, points, samples and log are there
    /// A resumed trial's series were cut back, or an earlier point has changed: read series() anew.
    void historyReplaced(lathe::TrialId trial);
    /// At most once a tick of 33 ms; series() holds them already. Points of a trial that historyReplaced has
    /// named in this tick are not told again.
    void pointsArrived(const QVector<lathe::MetricPoint>& points);
    void trialAdded(lathe::TrialId trial);
    void trialQueued(const lathe::TrialRecord& trial); ///< of a study that does not run; trialAdded() follows
    void budgetChanged();
    void queueOrdered(); ///< the places of the trials that wait are others
    void trialChanged(lathe::TrialId trial);
    void progressChanged(const lathe::TrialProgress& progress); ///< at most once a tick for each trial
    void sampleArrived(const lathe::SampleText& sample);
    void logArrived(const lathe::LogLine& line);
    void problemsFound(const QVector<lathe::Problem>& problems); ///< it was not started; nothing was written
    void failed(const QString& message);                         ///< it could not be loaded, started or go on
    void finished(const lathe::StudyOutcome& outcome);           ///< all rows are written; phase() is Idle

private:
    friend class ProjectSession;
    struct Content;
    struct Prepared;
    struct Loaded;
    /// A study that is to be started, or, with an id, one that is in the database.
    StudySession(const StudySurroundings& surroundings, StudySpec spec, StudyId id, QObject* parent);

    void start(); ///< from Starting
    void load();  ///< from Loading
    void prepare();
    void launch(Prepared prepared);
    void refuse(const Prepared& prepared);
    void finish();
    void tell(TrialId id, void (StudyRunner::*command)(TrialId));
    void takeQueued(const TrialRecord& trial);
    void writeProtection(TrialId id, Status (StudyWriter::*request)(TrialId));
    void setPhase(Phase phase);
    void setName(const QString& name);

    // One tick of the project, in this order.
    /// Takes what the controller posted; answers the trials it has made.
    [[nodiscard]] std::vector<TrialRecord> takeNews();
    /// Applies the tick's events and tells what they changed; answers the trials that have ended.
    [[nodiscard]] std::vector<TrialId> take(std::span<const Event> events);
    /// Announces the end of the study once all its events have been taken.
    void settle();

    std::unique_ptr<Content> m_content;
};

} // namespace lathe
