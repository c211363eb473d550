#include "core/session/evaluation_worker.h"

namespace lathe {

EvaluationWorker::EvaluationWorker(RunEvaluation run, StoreThread& store)
    : m_run(std::move(run)), m_store(store), m_thread([this](const std::stop_token& stop) { work(stop); }) {}

EvaluationWorker::~EvaluationWorker() {
    m_thread.request_stop();
    stop();
}

void EvaluationWorker::submit(EvaluationId id) {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(id);
    m_wake.notify_all();
}

void EvaluationWorker::stop() {
    std::deque<EvaluationId> given;
    {
        const std::lock_guard lock(m_mutex);
        given.swap(m_waiting);
        m_running.request_stop();
        m_shouldPause = false;
        m_wake.notify_all();
    }
    for (const EvaluationId id : given) {
        static_cast<void>(m_store.call<std::monostate>([id](StudyWriter& writer) {
            return writer.evaluations().setState(id, EvaluationState::Stopped);
        }));
        const std::lock_guard lock(m_mutex);
        m_reports.ended.push_back({id, {}});
    }
}

void EvaluationWorker::setPaused(bool shouldPause) {
    const std::lock_guard lock(m_mutex);
    m_shouldPause = shouldPause;
    m_wake.notify_all();
}

EvaluationWorker::Reports EvaluationWorker::take() {
    const std::lock_guard lock(m_mutex);
    const bool isPaused = m_reports.isPaused;
    Reports taken = std::exchange(m_reports, {});
    m_reports.isPaused = isPaused;
    return taken;
}

void EvaluationWorker::work(const std::stop_token& stop) {
    for (;;) {
        EvaluationId id;
        std::stop_token running;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, stop, [this] { return !m_waiting.empty(); });
            if (stop.stop_requested())
                return;
            id = m_waiting.front();
            m_waiting.pop_front();
            m_running = std::stop_source();
            running = m_running.get_token();
            m_reports.started = id;
        }
        serve(id, running);
    }
}

void EvaluationWorker::serve(EvaluationId id, std::stop_token stop) {
    EvaluationWatch watch;
    watch.progress = [this](const EvaluationProgress& progress) {
        const std::lock_guard lock(m_mutex);
        m_reports.progress = progress;
    };
    watch.rows = [this](std::span<const PredictionRecord>) {
        const std::lock_guard lock(m_mutex);
        m_reports.hasNewRows = true;
    };
    watch.figures = [this](const std::vector<EvaluationFigure>& figures) {
        const std::lock_guard lock(m_mutex);
        m_reports.figures = figures;
    };
    watch.waitWhilePaused = [this, stop] { waitWhilePaused(stop); };
    const auto figures = runRecorded(m_run, m_store, id, stop, watch);
    const bool isWell = figures.has_value() || figures.error().kind == Error::Kind::Cancelled;
    const std::lock_guard lock(m_mutex);
    m_reports.ended.push_back({id, isWell ? std::string() : figures.error().text()});
}

void EvaluationWorker::waitWhilePaused(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    if (!m_shouldPause || stop.stop_requested())
        return;
    m_reports.isPaused = true;
    m_wake.wait(lock, stop, [this] { return !m_shouldPause; });
    m_reports.isPaused = false;
}

} // namespace lathe
