#include "core/train/training_run.h"

/// How a run is left and gone on with, so that what its scheduler is told and answers is the same as without
/// the pause.
namespace lathe {

namespace {

/// Points older than this are on disk: the store takes at most 250 ms, more only where the machine is busy.
constexpr auto kSettled = std::chrono::seconds(2);

} // namespace

void TrainingRun::report(const std::string& metric, double value) {
    m_position.lastValues[metric] = value;
    const auto now = Clock::now();
    while (!m_latestPoints.empty() && now - m_latestPoints.front().first >= kSettled &&
           m_latestPoints.front().second.step < m_position.step)
        m_latestPoints.pop_front();
    const MetricPoint point{m_context.id, metric, m_position.step, value, seconds()};
    m_latestPoints.emplace_back(now, point);
    ask(point);
}

/// Whether the run goes on from this point.
void TrainingRun::ask(const MetricPoint& point) {
    const Verdict verdict = m_context.report(point.name, point.step, point.value, point.seconds);
    m_isPruned = m_isPruned || (verdict == Verdict::Prune && point.step < m_schedule.total);
}

Status TrainingRun::checkpoint() {
    standAside();
    RunPosition position = m_position;
    position.seconds = seconds();
    position.latestPoints.clear();
    for (const auto& [time, point] : m_latestPoints)
        if (Clock::now() - time < kSettled || point.step == m_position.step)
            position.latestPoints.push_back(point);
    LATHE_TRY(saveCheckpoint(m_context.folder, position, *m_optimizer, furtherState(), records()));
    log(LogLine::Level::Info, "checkpoint at step " + std::to_string(m_position.step));
    return ok();
}

Status TrainingRun::resume() {
    LATHE_ASSIGN(const std::optional<RunPosition> position,
                 restoreCheckpoint(m_context.folder, *m_optimizer, furtherState()));
    if (position.has_value()) {
        m_position = *position;
        m_batches->seek(m_position.batchesDone);
        LATHE_TRY(restoreRecords());
    }
    m_context.publish(TrialRewind{m_context.id, m_position.step});
    for (const MetricPoint& point : m_position.latestPoints) {
        m_latestPoints.emplace_back(Clock::now(), point);
        // What came before has been answered: the run went on. The answer to this step may have been lost
        // with the process, after the checkpoint and before the run's end was stored.
        if (point.step == m_position.step)
            ask(point);
        else
            m_context.publish(point);
    }
    log(LogLine::Level::Info, "resumed at step " + std::to_string(m_position.step));
    return ok();
}

} // namespace lathe
