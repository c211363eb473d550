#pragma once

#include "core/session/recorded_evaluation.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace lathe {

/// The thread that runs evaluations of a project, one after the other. Its owner takes what it reports.
class EvaluationWorker {
public:
    /// What has happened since the last call of take().
    struct Reports {
        std::optional<EvaluationId> started;
        std::optional<EvaluationProgress> progress; ///< the newest
        std::optional<std::vector<EvaluationFigure>> figures;
        bool hasNewRows = false;
        bool isPaused = false; ///< now
        struct End {
            EvaluationId id;
            std::string problem; ///< empty: it is complete, or was stopped
        };
        std::vector<End> ended;
    };

    /// `store` outlives this.
    EvaluationWorker(RunEvaluation run, StoreThread& store);
    /// Stops what runs and waits for it: one batch, or until a model is loaded.
    ~EvaluationWorker();

    void submit(EvaluationId id);
    /// Ends the one that runs and forgets those that wait; end reports follow for all of them.
    void stop();
    void setPaused(bool shouldPause);
    [[nodiscard]] Reports take();

private:
    void work(const std::stop_token& stop);
    void serve(EvaluationId id, std::stop_token stop);
    void waitWhilePaused(const std::stop_token& stop);

    const RunEvaluation m_run;
    StoreThread& m_store;
    std::mutex m_mutex; ///< guards what follows, up to the thread
    std::condition_variable_any m_wake;
    std::deque<EvaluationId> m_waiting;
    std::stop_source m_running;
    bool m_shouldPause = false;
    Reports m_reports;
    std::jthread m_thread; // last: joined before what it uses is gone
};

} // namespace lathe
