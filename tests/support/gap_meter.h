#pragma once

#include <QElapsedTimer>
#include <QTimer>

#include <algorithm>
#include <ctime>
#include <utility>

namespace lathe::test {

/// The longest time the GUI thread did not come back to its event loop, by a timer of 5 ms: on the wall's
/// clock, which knows what a person notices, and on the thread's own, which other programs cannot disturb.
class GapMeter {
public:
    GapMeter() {
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(5);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
            m_worst = std::max(m_worst, m_clock.restart());
            const double now = threadSeconds();
            m_worstWork = std::max(m_worstWork, now - std::exchange(m_work, now));
            ++m_ticks;
        });
    }
    void start() {
        m_clock.start();
        m_work = threadSeconds();
        m_timer.start();
    }
    void stop() { m_timer.stop(); }
    [[nodiscard]] qint64 worstMs() const { return m_worst; }
    [[nodiscard]] double worstWorkMs() const { return 1000 * m_worstWork; }
    [[nodiscard]] int ticks() const { return m_ticks; }

private:
    static double threadSeconds() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }

    QTimer m_timer;
    QElapsedTimer m_clock;
    qint64 m_worst = 0;
    double m_work = 0;
    double m_worstWork = 0;
    int m_ticks = 0;
};

} // namespace lathe::test
