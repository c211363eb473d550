#include "core/base/inbox.h"

#include <QtTest>

#include <map>
#include <thread>

using namespace lathe;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kPosters = 4;
constexpr std::int64_t kEventsEach = 2000;
/// Only a broken inbox waits this long.
constexpr auto kPatience = 10s;

MetricPoint point(std::int64_t trial, std::int64_t step) { return {TrialId{trial}, "loss", step, 0.5, 0}; }

/// Publishes kEventsEach points for each of kPosters trials, one thread a trial, through `send`.
template <typename Send>
std::vector<std::jthread> startPosters(const Send& send) {
    std::vector<std::jthread> threads;
    for (std::int64_t trial = 1; trial <= kPosters; ++trial)
        threads.emplace_back([send, trial] {
            for (std::int64_t step = 1; step <= kEventsEach; ++step)
                send(point(trial, step));
        });
    return threads;
}

/// Drains until every event is there. False if one was lost, doubled, or out of its poster's order.
bool collectsAllInOrder(Inbox& inbox) {
    std::map<TrialId, std::int64_t> last;
    std::int64_t count = 0;
    while (count < kPosters * kEventsEach) {
        if (!inbox.waitFor(kPatience))
            return false;
        for (const Event& event : inbox.drain()) {
            const auto& arrived = std::get<MetricPoint>(event);
            if (arrived.step != ++last[arrived.trial])
                return false;
            ++count;
        }
    }
    return inbox.drain().empty();
}

} // namespace

class TestInbox : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void drainsInTheOrderOfPosting() {
        Inbox inbox;
        inbox.post(point(1, 1));
        inbox.post(point(1, 2));
        const std::vector<Event> events = inbox.drain();
        QCOMPARE(events.size(), std::size_t{2});
        QCOMPARE(std::get<MetricPoint>(events[0]), point(1, 1));
        QCOMPARE(std::get<MetricPoint>(events[1]), point(1, 2));
        QVERIFY(inbox.drain().empty());
    }

    void waitingEndsWithoutEventsAfterTheLimit() {
        Inbox inbox;
        QVERIFY(!inbox.waitFor(1ms));
        inbox.post(point(1, 1));
        QVERIFY(inbox.waitFor(0ms));
    }

    void losesNothingFromManyThreads() {
        Inbox inbox;
        const auto posters = startPosters([&inbox](const Event& event) { inbox.post(event); });
        QVERIFY(collectsAllInOrder(inbox));
    }

    void everyInboxOfAHubGetsEveryEvent() {
        EventHub hub;
        const auto first = hub.open();
        const auto second = hub.open();
        const auto posters = startPosters([&hub](const Event& event) { hub.publish(event); });
        bool isSecondComplete = false;
        std::jthread reader([&] { isSecondComplete = collectsAllInOrder(*second); });
        QVERIFY(collectsAllInOrder(*first));
        reader.join();
        QVERIFY(isSecondComplete);
    }

    void aHubKeepsNoListenerAlive() {
        EventHub hub;
        auto inbox = hub.open();
        const std::weak_ptr<Inbox> watched = inbox;
        inbox.reset();
        QVERIFY(watched.expired());
        hub.publish(point(1, 1));
    }

    void inboxesMayOpenAndCloseWhileOthersPublish() {
        EventHub hub;
        const auto posters = startPosters([&hub](const Event& event) { hub.publish(event); });
        for (int i = 0; i < 200; ++i) {
            const auto inbox = hub.open();
            QVERIFY(inbox->drain().size() <= static_cast<std::size_t>(kPosters * kEventsEach));
        }
    }
};

QTEST_GUILESS_MAIN(TestInbox)
#include "tst_inbox.moc"
