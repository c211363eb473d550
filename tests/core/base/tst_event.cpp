#include "core/base/event.h"

#include <QtTest>

using namespace lathe;

class TestEvent : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyStateHasANameThatReadsBack() {
        for (int i = 0; i <= static_cast<int>(TrialState::Interrupted); ++i) {
            const auto state = static_cast<TrialState>(i);
            QVERIFY(!toString(state).empty());
            QVERIFY(trialStateFrom(toString(state)) == state);
        }
        QVERIFY(!trialStateFrom("unknown").has_value());
    }

    void interruptedIsNotFinalForItCanResume() {
        QVERIFY(isFinal(TrialState::Complete));
        QVERIFY(isFinal(TrialState::Pruned));
        QVERIFY(isFinal(TrialState::Failed));
        QVERIFY(isFinal(TrialState::Cancelled));
        QVERIFY(!isFinal(TrialState::Interrupted));
        QVERIFY(!isFinal(TrialState::Paused));
    }
};

QTEST_GUILESS_MAIN(TestEvent)
#include "tst_event.moc"
