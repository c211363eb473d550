#pragma once

#include "core/session/background_job.h"
#include "core/session/evaluation_comparison.h"
#include "core/session/evaluation_list_model.h"
#include "core/session/evaluation_worker.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

class QThreadPool;

namespace lathe {

/// The evaluations of a project on the GUI thread: one runs at a time, the others wait for it. What happens
/// is told a few times a second. None of its functions waits.
class EvaluationSession : public QObject {
    Q_OBJECT
public:
    /// `run` may be empty: then nothing can be started. The pool outlives this.
    EvaluationSession(RunEvaluation run, QThreadPool& pool, QObject* parent = nullptr);
    /// Stops what runs and waits until it lets go; it can be resumed later.
    ~EvaluationSession() override;

    /// The project is open. Contract: once. The store outlives this or the next close().
    void open(StoreThread& store);
    void close(); ///< as the destructor
    [[nodiscard]] bool isOpen() const { return m_store != nullptr; }

    [[nodiscard]] EvaluationListModel& list() { return m_list; }
    /// Contract of the following: isOpen().
    void start(const EvaluationSpec& spec, TrialId trial); ///< started() or failed() follows
    void resume(EvaluationId id);
    void stop(); ///< the one that runs and those that wait
    void setPaused(bool shouldPause);
    void rename(EvaluationId id, const QString& name);
    void remove(EvaluationId id); ///< to the trash: its rows stay
    /// exported() or failed() follows. `file`: .jsonl or .csv.
    void exportRows(EvaluationId id, const QString& file);
    /// compared() or failed() follows; only the newest question is answered.
    void compare(EvaluationId first, EvaluationId second);

    [[nodiscard]] EvaluationId active() const { return m_active; } ///< none: EvaluationId{}
    [[nodiscard]] bool isBusy() const { return m_open > 0; }
    [[nodiscard]] bool isPaused() const { return m_isPaused; } ///< it waits already
    [[nodiscard]] bool isPauseWanted() const { return m_isPauseWanted; }
    [[nodiscard]] const EvaluationProgress& progress() const { return m_progress; }

Q_SIGNALS:
    void opened();
    void started(lathe::EvaluationId id); ///< it is in the list
    void activeChanged();                 ///< another one runs, or it pauses, goes on or ends
    void progressChanged();
    void rowsArrived(lathe::EvaluationId id);
    void recordChanged(lathe::EvaluationId id);
    void compared(const lathe::EvaluationComparison& comparison);
    void exported(const QString& file);
    void failed(const QString& message);

private:
    void takeReports();
    void reload(EvaluationId id);
    void submit(EvaluationId id);
    void change(std::function<Status(EvaluationWriter writer)> request, std::function<void()> done);

    RunEvaluation m_run;
    QThreadPool& m_pool;
    StoreThread* m_store = nullptr;
    EvaluationListModel m_list;
    EvaluationId m_active;
    EvaluationProgress m_progress;
    int m_open = 0; ///< submitted and not over
    bool m_isPaused = false;
    bool m_isPauseWanted = false;
    LatestOnly m_comparisons;
    QTimer m_tick;
    std::unique_ptr<EvaluationWorker> m_worker;
};

} // namespace lathe
