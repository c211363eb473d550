#include "core/train/threads.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <thread>

using namespace lathe;

namespace {

/// Elsewhere in the process, at any time.
void giveAnotherThread(std::int64_t count) {
    std::thread([count] { useThreads(count); }).join();
}

} // namespace

class TestThreads : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aThreadKeepsWhatItWasGiven() {
        int own = 0;
        int whileMore = 0;
        int afterwards = 0;
        std::thread([&] {
            useThreads(2);
            giveAnotherThread(5);
            own = at::get_num_threads();
            {
                const MoreThreads more(4);
                whileMore = at::get_num_threads();
            }
            afterwards = at::get_num_threads();
        }).join();
        QCOMPARE(own, 2);
        QCOMPARE(whileMore, 4);
        QCOMPARE(afterwards, 2);
    }

    void moreThreadsOfOneAreNoMattersOfOthers() {
        int other = 0;
        std::thread([&] {
            useThreads(2);
            std::thread([] {
                useThreads(1);
                const MoreThreads more(6);
                at::parallel_for(0, 6, 1, [](std::int64_t, std::int64_t) {});
            }).join();
            other = at::get_num_threads();
        }).join();
        QCOMPARE(other, 2);
    }

    void moreIsNeverFewer() {
        std::thread([] {
            useThreads(3);
            const MoreThreads more(2);
            QCOMPARE(at::get_num_threads(), 3);
        }).join();
    }
};

QTEST_GUILESS_MAIN(TestThreads)
#include "tst_threads.moc"
