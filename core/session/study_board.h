#pragma once

#include "core/session/background_job.h"
#include "core/session/study_session.h" // QPointer needs the whole class
#include "core/session/study_snapshot.h"
#include "core/session/study_trial_model.h"

#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <QTimer>
#include <QVector>

#include <memory>
#include <optional>
#include <vector>

namespace lathe {

class RunTableModel;

/// A study of the project, for a picker.
struct StudyEntry {
    StudyId id;
    QString name;
    bool operator==(const StudyEntry&) const = default;
};
/// The studies of more than one trial, newest first.
[[nodiscard]] std::vector<StudyEntry> studiesOf(const RunTableModel& runs);

/// One study to be looked at, living or over: its trials as a table, its charts as data. It is read from the
/// database on a pool thread, again after a change, but at most each half second. GUI thread; waits for
/// nothing.
class StudyBoard : public QObject {
    Q_OBJECT
public:
    explicit StudyBoard(ProjectSession& project, QObject* parent = nullptr);
    ~StudyBoard() override;

    /// Not valid: none. changed() follows, at once and when it has been read.
    void show(StudyId id);
    [[nodiscard]] StudyId shown() const { return m_id; }
    /// nullptr: nothing is shown, or it is still being read. Valid until changed().
    [[nodiscard]] const StudySnapshot* snapshot() const { return m_snapshot ? &*m_snapshot : nullptr; }
    [[nodiscard]] StudyTrialModel& trials() { return m_trials; }
    /// The study's session; nullptr: it was not opened, so nothing of it runs.
    [[nodiscard]] StudySession* session() const { return m_session; }
    /// pointsRead() follows with the metric's points of all trials; only the newest question is answered.
    void requestPoints(const QString& metric);
    /// What nobody looks at is not read.
    void setWatched(bool isWatched);

Q_SIGNALS:
    void changed();      ///< snapshot() is another
    void phaseChanged(); ///< of the session, or there is another session
    void failed(const QString& message);
    void pointsRead(const QString& metric,
                    const QVector<lathe::MetricPoint>& points); ///< by trial, then step

private:
    void link();
    void followRuns(const QModelIndex& first, const QModelIndex& last);
    void readSoon();
    void read();
    void take(StudySnapshot snapshot);

    ProjectSession& m_project;
    StudyId m_id;
    std::optional<StudySnapshot> m_snapshot;
    StudyTrialModel m_trials;
    QPointer<StudySession> m_session;
    std::unique_ptr<QObject> m_link; ///< the connections to m_session
    QTimer m_refresh;
    LatestOnly m_readings;
    LatestOnly m_pointReadings;
    bool m_isReading = false;
    bool m_isOld = false; ///< there is something that was not read yet
    bool m_isWatched = true;
    QThreadPool m_pool; ///< last: its jobs use what is above
};

} // namespace lathe
