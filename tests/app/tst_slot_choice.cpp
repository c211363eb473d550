#include "app/slot_choice.h"
#include "core/base/cores.h"
#include "core/base/machine_memory.h"

#include <QTest>

using namespace lathe;

class TestSlotChoice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slotsFitTheStudyAndTheMachine_data() {
        constexpr double kGigabyte = 1e9;
        QTest::addColumn<SlotLimits>("limits");
        QTest::addColumn<int>("slots");
        const auto with = [](const auto& change) {
            SlotLimits limits{100, 16, 0, 64 * kGigabyte, 1 * kGigabyte};
            change(limits);
            return limits;
        };
        QTest::newRow("a core each") << with([](auto&) {}) << 16;
        QTest::newRow("few trials") << with([](auto& all) { all.trials = 3; }) << 3;
        QTest::newRow("threads of their own") << with([](auto& all) { all.threadsEach = 5; }) << 3;
        QTest::newRow("more threads than cores") << with([](auto& all) { all.threadsEach = 40; }) << 1;
        QTest::newRow("memory for nine, a fifth kept free")
            << with([](auto& all) { all.memory = 9.5 * kGigabyte; }) << 7;
        QTest::newRow("memory for none") << with([](auto& all) { all.memory = 0.5 * kGigabyte; }) << 1;
        QTest::newRow("free memory unknown") << with([](auto& all) { all.memory.reset(); }) << 2;
        QTest::newRow("a trial's memory unknown") << with([](auto& all) { all.memoryEach.reset(); }) << 2;
        QTest::newRow("results that lag") << with([](auto& all) { all.lag = 4; }) << 4;
        QTest::newRow("a GPU") << with([](auto& all) { all.isOnGpu = true; }) << 1;
        QTest::newRow("no trial") << with([](auto& all) { all.trials = 0; }) << 1;
    }
    void slotsFitTheStudyAndTheMachine() {
        QFETCH(SlotLimits, limits);
        QFETCH(int, slots);
        QCOMPARE(slotsFor(limits), static_cast<std::size_t>(slots));
    }

    void aStudysLimitsAreRead() {
        StudySpec spec;
        spec.resultLag = 3;
        spec.fixed = {{"threads", std::int64_t{2}}, {"device", std::string("cpu")}};
        const SlotLimits limits = slotLimits(spec, 7);
        QCOMPARE(limits.trials, 7);
        QCOMPARE(limits.cores, availableCores());
        QCOMPARE(limits.threadsEach, 2);
        QCOMPARE(limits.lag, 3);
        QVERIFY(!limits.isOnGpu);
        QCOMPARE(limits.memory.has_value(), availableMemory().has_value());
        spec.fixed.set("device", std::string("cuda"));
        QVERIFY(slotLimits(spec, 7).isOnGpu);
    }

    void theMachineTellsItsMemory() {
        const auto bytes = availableMemory();
        if (!bytes)
            QSKIP("the system does not tell");
        QVERIFY(*bytes > 1e6 && *bytes < 1e15);
    }
};

QTEST_GUILESS_MAIN(TestSlotChoice)
#include "tst_slot_choice.moc"
