#pragma once

#include "core/session/background_job.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

namespace lathe {

/// Told by whoever works: done, of all.
using JobProgress = std::function<void(std::size_t done, std::size_t total)>;

/// One question of a kind at a time, answered on a pool: asking again stops the one before and drops its
/// answer. Belongs to the GUI thread, never waits. The pool must have ended its work before what the work
/// uses goes.
class StoppableJob : public QObject {
    Q_OBJECT
public:
    explicit StoppableJob(QThreadPool& pool, QObject* parent = nullptr);
    ~StoppableJob() override; ///< asks to stop

    /// Runs `work(stop, progress)` on the pool, then `done(answer)` here, unless it was cancelled or another
    /// was started meanwhile.
    template <typename Work, typename Done>
    void start(Work work, Done done) {
        const std::uint64_t question = begin();
        runInBackground(
            m_pool, *this,
            [work = std::move(work), stop = m_stop.get_token(), counts = m_counts] {
                return work(stop, [counts](std::size_t finished, std::size_t total) {
                    counts->total = total;
                    counts->done = finished;
                });
            },
            [this, question, done = std::move(done)](auto answer) mutable {
                if (!m_latest.isNewest(question))
                    return;
                end();
                done(std::move(answer));
            });
    }
    /// The answer will not come.
    void cancel();

    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    [[nodiscard]] std::size_t done() const { return m_counts->done; }
    [[nodiscard]] std::size_t total() const { return m_counts->total; } ///< 0: not known yet

Q_SIGNALS:
    void runningChanged();
    void progressed(); ///< done() or total(), some times a second

private:
    struct Counts {
        std::atomic<std::size_t> done = 0;
        std::atomic<std::size_t> total = 0;
    };

    std::uint64_t begin();
    void end();

    QThreadPool& m_pool;
    LatestOnly m_latest;
    std::stop_source m_stop;
    std::shared_ptr<Counts> m_counts; ///< shared with the work, which may outlive this
    QTimer m_tick;
    std::size_t m_shown = 0;
    bool m_isRunning = false;
};

} // namespace lathe
