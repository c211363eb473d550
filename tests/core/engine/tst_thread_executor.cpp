#include "core/engine/thread_executor.h"
#include "tests/core/engine/scripted_task.h"

#include <QtTest>

#include <atomic>
#include <map>
#include <stdexcept>
#include <thread>

using namespace lathe;
using test::Counter;
using test::scripted;

namespace {

TrialOrder orderOf(std::int64_t id) {
    TrialOrder order;
    order.id = TrialId{id};
    order.number = id;
    return order;
}

/// Collects the answers of trials; counts each call of `done`.
class Answers {
public:
    std::function<void(Result<TrialResult>)> sink(std::int64_t id) {
        return [this, id](const Result<TrialResult>& result) {
            {
                const std::lock_guard lock(m_mutex);
                m_kinds[id] = result.has_value() ? "ok" : kindName(result.error().kind);
            }
            m_calls.add();
        };
    }
    [[nodiscard]] std::string of(std::int64_t id) {
        const std::lock_guard lock(m_mutex);
        return m_kinds.contains(id) ? m_kinds[id] : "none";
    }
    [[nodiscard]] bool waitFor(int calls) { return m_calls.waitFor(calls); }
    [[nodiscard]] int calls() const { return m_calls.count(); }

private:
    static std::string kindName(Error::Kind kind) {
        return kind == Error::Kind::Cancelled ? "cancelled" : "error";
    }

    std::mutex m_mutex; // guards m_kinds
    std::map<std::int64_t, std::string> m_kinds;
    Counter m_calls;
};

bool waitForState(Inbox& inbox, TrialId trial, TrialState state) {
    while (inbox.waitFor(test::kPatience))
        for (const Event& event : inbox.drain())
            if (const auto* change = std::get_if<TrialChange>(&event))
                if (change->trial == trial && change->state == state)
                    return true;
    return false;
}

} // namespace

class TestThreadExecutor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsAsManyTrialsAtOnceAsItHasSlots() {
        EventHub hub;
        Counter begun;
        std::atomic<bool> didAllMeet = true;
        Answers answers;
        ThreadExecutor executor(3, scripted([&](const ParamValues&, TrialContext&) {
                                    begun.add();
                                    didAllMeet = begun.waitFor(3) && didAllMeet;
                                    return TrialResult{};
                                }),
                                hub);
        QCOMPARE(executor.slots(), std::size_t{3});
        for (std::int64_t id = 1; id <= 3; ++id)
            executor.submit(orderOf(id), answers.sink(id));
        QVERIFY(answers.waitFor(3));
        QVERIFY(didAllMeet);
    }

    void trialsBeyondTheSlotsWaitInTheirOrder() {
        EventHub hub;
        std::vector<std::int64_t> ids; // one slot: one thread at a time
        Answers answers;
        ThreadExecutor executor(1, scripted([&ids](const ParamValues&, TrialContext& context) {
                                    ids.push_back(context.id.value);
                                    return TrialResult{};
                                }),
                                hub);
        for (std::int64_t id = 1; id <= 5; ++id)
            executor.submit(orderOf(id), answers.sink(id));
        QVERIFY(answers.waitFor(5));
        QVERIFY(ids == (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
    }

    void aQueuedTrialIsCancelledAtOnce() {
        EventHub hub;
        Counter begun;
        Answers answers;
        ThreadExecutor executor(1, scripted([&begun](const ParamValues&, TrialContext& context) {
                                    begun.add();
                                    test::waitForStop(context);
                                    return test::cancelled();
                                }),
                                hub);
        executor.submit(orderOf(1), answers.sink(1));
        executor.submit(orderOf(2), answers.sink(2));
        QVERIFY(begun.waitFor(1));
        executor.cancel(TrialId{2});
        QCOMPARE(answers.of(2), std::string("cancelled"));
        QCOMPARE(answers.of(1), std::string("none"));
        executor.cancel(TrialId{1});
        QVERIFY(answers.waitFor(2));
        QCOMPARE(answers.of(1), std::string("cancelled"));
        QCOMPARE(begun.count(), 1);
    }

    void cancellingWhatIsNotHereDoesNothing() {
        EventHub hub;
        Answers answers;
        ThreadExecutor executor(1, scripted([](const ParamValues&, TrialContext&) { return TrialResult{}; }),
                                hub);
        executor.cancel(TrialId{1});
        executor.setPaused(TrialId{1}, true);
        executor.submit(orderOf(1), answers.sink(1));
        QVERIFY(answers.waitFor(1));
        executor.cancel(TrialId{1});
        QCOMPARE(answers.of(1), std::string("ok"));
    }

    void aPausedTrialWaitsUntilItIsResumed() {
        EventHub hub;
        const auto inbox = hub.open();
        Counter mayTrain;
        Answers answers;
        ThreadExecutor executor(2, scripted([&](const ParamValues& values, TrialContext& context) {
                                    if (!mayTrain.waitFor(1))
                                        return Result<TrialResult>(test::cancelled());
                                    return test::trainBriefly(values, context, 3);
                                }),
                                hub);
        executor.submit(orderOf(1), answers.sink(1));
        executor.setPaused(TrialId{1}, true);
        mayTrain.add();
        QVERIFY(waitForState(*inbox, TrialId{1}, TrialState::Paused));
        QCOMPARE(answers.calls(), 0);
        executor.setPaused(TrialId{1}, false);
        QVERIFY(answers.waitFor(1));
        QCOMPARE(answers.of(1), std::string("ok"));
    }

    void aPausedTrialCanBeCancelled() {
        EventHub hub;
        const auto inbox = hub.open();
        Answers answers;
        ThreadExecutor executor(1, scripted([](const ParamValues& values, TrialContext& context) {
                                    while (!context.pause.isPaused() && !context.stop.stop_requested())
                                        std::this_thread::yield();
                                    return test::trainBriefly(values, context, 3);
                                }),
                                hub);
        executor.submit(orderOf(1), answers.sink(1));
        executor.setPaused(TrialId{1}, true);
        QVERIFY(waitForState(*inbox, TrialId{1}, TrialState::Paused));
        executor.cancel(TrialId{1});
        QVERIFY(answers.waitFor(1));
        QCOMPARE(answers.of(1), std::string("cancelled"));
    }

    void aSlotOutlivesTheExceptionOfItsTrial() {
        EventHub hub;
        Answers answers;
        ThreadExecutor executor(
            1, scripted([](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
                if (context.id.value == 1)
                    throw std::runtime_error("broken");
                return TrialResult{};
            }),
            hub);
        executor.submit(orderOf(1), answers.sink(1));
        executor.submit(orderOf(2), answers.sink(2));
        QVERIFY(answers.waitFor(2));
        QCOMPARE(answers.of(1), std::string("error"));
        QCOMPARE(answers.of(2), std::string("ok"));
    }

    void itsEndCancelsWhatRunsAndWhatWaits() {
        EventHub hub;
        Counter begun;
        Answers answers;
        {
            ThreadExecutor executor(2, scripted([&begun](const ParamValues&, TrialContext& context) {
                                        begun.add();
                                        test::waitForStop(context);
                                        return test::cancelled();
                                    }),
                                    hub);
            for (std::int64_t id = 1; id <= 5; ++id)
                executor.submit(orderOf(id), answers.sink(id));
            QVERIFY(begun.waitFor(2));
        }
        QCOMPARE(answers.calls(), 5);
        QCOMPARE(begun.count(), 2);
        for (std::int64_t id = 1; id <= 5; ++id)
            QCOMPARE(answers.of(id), std::string("cancelled"));
    }

    void everyTrialIsAnsweredOnceWhateverOthersDo() {
        constexpr int kTrials = 300;
        EventHub hub;
        const auto inbox = hub.open();
        Answers answers;
        ThreadExecutor executor(3, scripted([](const ParamValues& values, TrialContext& context) {
                                    return test::trainBriefly(values, context, 3);
                                }),
                                hub);
        std::jthread meddler([&executor](const std::stop_token& stop) {
            for (std::int64_t id = 1; !stop.stop_requested(); id = id % kTrials + 1) {
                executor.setPaused(TrialId{id}, id % 2 == 0);
                if (id % 3 == 0)
                    executor.cancel(TrialId{id});
            }
        });
        for (std::int64_t id = 1; id <= kTrials; ++id)
            executor.submit(orderOf(id), answers.sink(id));
        meddler.request_stop();
        meddler.join();
        for (std::int64_t id = 1; id <= kTrials; ++id)
            executor.setPaused(TrialId{id}, false);
        QVERIFY(answers.waitFor(kTrials));
        QCOMPARE(answers.calls(), kTrials);
    }
};

QTEST_GUILESS_MAIN(TestThreadExecutor)
#include "tst_thread_executor.moc"
