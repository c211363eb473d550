#include "core/trial/pause_token.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace lathe;

namespace {

/// A thread that waits in the token and then says so.
class Waiter {
public:
    explicit Waiter(PauseToken token)
        : m_thread([this, token](const std::stop_token& stop) {
              m_hasBegun = true;
              token.waitWhilePaused(stop);
              m_hasPassed = true;
          }) {}

    void waitForBegin() const {
        while (!m_hasBegun)
            std::this_thread::yield();
    }
    bool hasPassed() const { return m_hasPassed; }
    void stop() { m_thread.request_stop(); }
    void join() { m_thread.join(); }

private:
    std::atomic<bool> m_hasBegun = false;
    std::atomic<bool> m_hasPassed = false;
    std::jthread m_thread;
};

} // namespace

class TestPauseToken : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTokenWithoutASwitchIsNeverPaused() {
        const PauseToken token;
        QVERIFY(!token.isPaused());
        token.waitWhilePaused({});
    }

    void followsItsSwitch() {
        const auto pauseSwitch = std::make_shared<PauseSwitch>();
        const PauseToken token(pauseSwitch);
        QVERIFY(!token.isPaused());
        pauseSwitch->pause();
        QVERIFY(token.isPaused());
        pauseSwitch->resume();
        QVERIFY(!token.isPaused());
    }

    void resumeLetsTheWaitingThreadGo() {
        const auto pauseSwitch = std::make_shared<PauseSwitch>();
        pauseSwitch->pause();
        Waiter waiter{PauseToken(pauseSwitch)};
        waiter.waitForBegin();
        QVERIFY(!waiter.hasPassed());
        pauseSwitch->resume();
        waiter.join();
        QVERIFY(waiter.hasPassed());
    }

    void aStopLetsTheWaitingThreadGoThoughPaused() {
        const auto pauseSwitch = std::make_shared<PauseSwitch>();
        pauseSwitch->pause();
        Waiter waiter{PauseToken(pauseSwitch)};
        waiter.waitForBegin();
        waiter.stop();
        waiter.join();
        QVERIFY(waiter.hasPassed());
        QVERIFY(pauseSwitch->isPaused());
    }

    void manySwitchesLeaveNobodyBehind() {
        const auto pauseSwitch = std::make_shared<PauseSwitch>();
        for (int i = 0; i < 200; ++i) {
            pauseSwitch->pause();
            Waiter first{PauseToken(pauseSwitch)};
            Waiter second{PauseToken(pauseSwitch)};
            pauseSwitch->resume();
            first.join();
            second.join();
        }
    }
};

QTEST_GUILESS_MAIN(TestPauseToken)
#include "tst_pause_token.moc"
