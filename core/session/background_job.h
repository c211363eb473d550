#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <QPromise>
#include <QThreadPool>

#include <cstdint>
#include <memory>
#include <utility>

namespace lathe {

/// Runs `work()` on the pool and then `done(answer)` on the context's thread, unless the context is gone by
/// then. What `work` uses must outlive the pool's jobs.
template <typename Work, typename Done>
QFuture<void> runInBackground(QThreadPool& pool, QObject& context, Work work, Done done) {
    using Answer = decltype(work());
    auto answer = std::make_shared<std::unique_ptr<Answer>>(); // shared: written there, read here
    auto promise = std::make_shared<QPromise<void>>();
    auto* watcher = new QFutureWatcher<void>(&context);
    QObject::connect(watcher, &QFutureWatcherBase::finished, &context,
                     [watcher, answer, done = std::move(done)]() mutable {
                         watcher->deleteLater();
                         done(std::move(**answer));
                     });
    const QFuture<void> future = promise->future();
    watcher->setFuture(future);
    // Shared: QThreadPool takes functions that can be copied, and `work` may own what cannot.
    auto shared = std::make_shared<Work>(std::move(work));
    pool.start([promise, answer, shared] {
        promise->start();
        *answer = std::make_unique<Answer>((*shared)());
        promise->finish();
    });
    return future;
}

/// Numbers the questions of one kind, so that an answer can be dropped when a newer question was asked.
class LatestOnly {
public:
    [[nodiscard]] std::uint64_t ask() { return ++m_newest; }
    [[nodiscard]] bool isNewest(std::uint64_t question) const { return question == m_newest; }

private:
    std::uint64_t m_newest = 0;
};

} // namespace lathe
