#include "core/session/stoppable_job.h"

namespace lathe {

namespace {
constexpr int kTickMs = 66;
} // namespace

StoppableJob::StoppableJob(QThreadPool& pool, QObject* parent)
    : QObject(parent), m_pool(pool), m_counts(std::make_shared<Counts>()) {
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        if (std::exchange(m_shown, done()) != done())
            Q_EMIT progressed();
    });
}

StoppableJob::~StoppableJob() { m_stop.request_stop(); }

std::uint64_t StoppableJob::begin() {
    m_stop.request_stop();
    m_stop = std::stop_source();
    m_counts = std::make_shared<Counts>();
    m_shown = 0;
    m_tick.start();
    if (!std::exchange(m_isRunning, true))
        Q_EMIT runningChanged();
    return m_latest.ask();
}

void StoppableJob::end() {
    m_tick.stop();
    if (std::exchange(m_isRunning, false))
        Q_EMIT runningChanged();
}

void StoppableJob::cancel() {
    m_stop.request_stop();
    [[maybe_unused]] const std::uint64_t nobodysQuestion = m_latest.ask();
    end();
}

} // namespace lathe
