#include "core/engine/study_runner.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace lathe;
using test::Counter;
using test::StudyBench;

namespace {

constexpr std::size_t kSlots = 3;

/// A running study on three slots, its own or others' as well; its end joins everything.
class LiveStudy {
public:
    LiveStudy(StudyBench& bench, std::int64_t trialCount)
        : LiveStudy(bench, bench.threads(kSlots), trialCount) {}
    LiveStudy(StudyBench& bench, std::shared_ptr<Executor> executor, std::int64_t trialCount)
        : m_executor(std::move(executor)),
          m_runner(StudyId{1}, test::searchOverX(trialCount), makeRandomSampler(), makeNoPruner(),
                   bench.services(*m_executor), {}, {}) {
        m_runner.start([this](const StudyOutcome& outcome) {
            m_outcome = outcome;
            m_wasRunningAtDone = m_runner.isRunning();
        });
    }
    StudyRunner& runner() { return m_runner; }
    const StudyOutcome& outcome() {
        m_runner.wait();
        return m_outcome;
    }
    bool wasRunningAtDone() const { return m_wasRunningAtDone; }

private:
    std::shared_ptr<Executor> m_executor;
    StudyOutcome m_outcome;
    bool m_wasRunningAtDone = true;
    StudyRunner m_runner;
};

/// A trial that reports one point, then sleeps until it is stopped.
Result<TrialResult> untilStopped(const ParamValues&, TrialContext& context) {
    context.report("loss", 1, 1.0, 0);
    test::waitForStop(context);
    return test::cancelled();
}

/// Goes on until the trial may fill so many slots; `seen` gets what it may, each change of it.
void trainUntilSlots(const TrialContext& context, std::size_t wanted, std::vector<std::size_t>& seen) {
    const auto limit = std::chrono::steady_clock::now() + test::kPatience;
    while (std::chrono::steady_clock::now() < limit) {
        const std::size_t slots = context.slotsToFill();
        if (seen.empty() || seen.back() != slots)
            seen.push_back(slots);
        if (slots == wanted)
            return;
        std::this_thread::yield();
    }
}

/// How many slots the first of two trials may fill when the other is over. The controller does what it is
/// asked to behind that: by then it has made up its mind about the slots.
std::size_t filledByTheLastTrial(std::int64_t resultLag) {
    std::size_t slots = 0;
    Counter isSettled;
    StudyBench bench([&](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
        context.report("loss", 1, 1.0, 0);
        if (context.id == TrialId{1} && isSettled.waitFor(1))
            slots = context.slotsToFill();
        return TrialResult{{{"loss", 1.0}}, 1, 0, {}, false};
    });
    StudySpec spec = test::searchOverX(2);
    spec.resultLag = resultLag;
    const auto executor = bench.threads(kSlots);
    StudyServices services = bench.services(*executor);
    services.saveQueue = [&isSettled](std::span<const TrialId>) {
        isSettled.add();
        return ok();
    };
    StudyRunner runner(StudyId{1}, spec, makeRandomSampler(), makeNoPruner(), services, {}, {});
    runner.start({});
    if (bench.waitFor("complete 2") && runner.orderQueue({}))
        runner.wait();
    return slots;
}

/// Trains step after step, at rest between them, until told otherwise. With `gate` open it ends by itself.
test::ScriptedTask::Script trainUntil(const std::atomic<bool>& gate) {
    return [&gate](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
        context.report("loss", 1, 1.0, 0);
        while (!gate) {
            if (context.stop.stop_requested())
                return test::cancelled();
            if (context.pause.isPaused()) {
                context.publish(TrialChange{{}, TrialState::Paused, {}});
                context.pause.waitWhilePaused(context.stop);
                context.publish(TrialChange{{}, TrialState::Running, {}});
            }
            std::this_thread::yield();
        }
        return TrialResult{{{"loss", 1.0}}, 1, 0, {}, false};
    };
}

std::map<std::int64_t, ParamValues> valuesByNumber(const StudyBench& bench) {
    std::map<std::int64_t, ParamValues> values;
    for (const EarlierTrial& row : bench.rows)
        values[row.number] = row.values;
    return values;
}

} // namespace

class TestStudyRunnerThreads : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySlotIsUsedAndNoMore() {
        std::atomic<int> running = 0;
        std::atomic<int> most = 0;
        Counter begun;
        StudyBench bench([&](const ParamValues& values, TrialContext& context) {
            const int now = ++running;
            for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
            }
            begun.add();
            const bool didMeet = begun.waitFor(static_cast<int>(kSlots));
            auto result = test::trainOrder(values, context);
            --running;
            return didMeet ? result : test::cancelled();
        });
        LiveStudy study(bench, 20);
        QCOMPARE(study.outcome().complete, std::size_t{20});
        QCOMPARE(most.load(), static_cast<int>(kSlots));
    }

    void randomPointsDoNotDependOnTheSlots() {
        StudyBench one(test::trainOrder);
        one.run(test::searchOverX(12));
        StudyBench three(test::trainOrder);
        const auto executor = three.threads(kSlots);
        const StudyOutcome outcome = three.run(*executor, test::searchOverX(12));
        QVERIFY(valuesByNumber(one) == valuesByNumber(three));
        QCOMPARE(outcome.complete, std::size_t{12});
    }

    void theLastTrialFillsTheSlotsThatStayEmpty() {
        std::vector<std::size_t> seen;
        StudyBench bench([&seen](const ParamValues&, TrialContext& context) {
            context.report("loss", 1, 1.0, 0);
            if (context.id == TrialId{1})
                trainUntilSlots(context, kSlots, seen);
            return TrialResult{{{"loss", 1.0}}, 1, 0, {}, false};
        });
        LiveStudy study(bench, 8);
        QCOMPARE(study.outcome().complete, std::size_t{8});
        QCOMPARE(seen.front(), std::size_t{1});
        QCOMPARE(seen.back(), kSlots);
        QVERIFY(std::ranges::is_sorted(seen)); // never more while others are to come
        QVERIFY(std::ranges::find(bench.diary(), "complete 8") <
                std::ranges::find(bench.diary(), "complete 1"));
    }

    void trialsThatAreAddedTakeTheirSlotsBack() {
        std::vector<std::size_t> seen;
        Counter filled;
        Counter emptied;
        StudyBench bench([&](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
            context.report("loss", 1, 1.0, 0);
            if (context.id == TrialId{1}) {
                trainUntilSlots(context, kSlots, seen);
                filled.add();
                trainUntilSlots(context, 1, seen);
                emptied.add();
            } else if (!emptied.waitFor(1)) {
                return test::cancelled();
            }
            return TrialResult{{{"loss", 1.0}}, 1, 0, {}, false};
        });
        LiveStudy study(bench, 1);
        QVERIFY(filled.waitFor(1));
        QVERIFY(study.runner().setBudget({static_cast<std::int64_t>(kSlots), 0, 0}));
        QCOMPARE(study.outcome().complete, kSlots);
        QCOMPARE(seen.back(), std::size_t{1});
        QVERIFY(std::ranges::find(seen, kSlots) != seen.end());
    }

    void aSlotThatAnotherStudyUsesIsNotEmpty() {
        std::vector<std::size_t> seen;
        Counter filled;
        Counter emptied;
        StudyBench bench([&](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
            context.report("loss", 1, 1.0, 0);
            if (context.id == TrialId{1}) {
                trainUntilSlots(context, kSlots, seen);
                filled.add();
                trainUntilSlots(context, 1, seen);
                emptied.add();
                trainUntilSlots(context, kSlots, seen);
            } else if (!emptied.waitFor(1)) {
                return test::cancelled();
            }
            return TrialResult{{{"loss", 1.0}}, 1, 0, {}, false};
        });
        const std::shared_ptr<Executor> executor = bench.threads(kSlots);
        LiveStudy study(bench, executor, 1);
        QVERIFY(filled.waitFor(1));
        LiveStudy other(bench, executor, 2);
        QCOMPARE(other.outcome().complete, std::size_t{2});
        QCOMPARE(study.outcome().complete, std::size_t{1});
        const auto full = std::ranges::find(seen, kSlots);
        const auto shared = std::find(full, seen.end(), std::size_t{1});
        QVERIFY(shared != seen.end());
        QVERIFY(std::find(shared, seen.end(), kSlots) != seen.end());
    }

    void aStudyThatShallBeTheSameAgainFillsOneSlotATrial() {
        QCOMPARE(filledByTheLastTrial(0), kSlots);
        QCOMPARE(filledByTheLastTrial(2), std::size_t{1});
    }

    void stoppedTrialsKeepTheirPointsAndAreCancelled() {
        StudyBench bench(untilStopped);
        LiveStudy study(bench, 10);
        for (int trial = 1; trial <= 3; ++trial)
            QVERIFY(bench.waitFor("loss@1 " + std::to_string(trial)));
        study.runner().stop();
        QCOMPARE(study.outcome().cancelled, std::size_t{3});
        QCOMPARE(study.outcome().failed, std::size_t{0});
        for (int trial = 1; trial <= 3; ++trial)
            QCOMPARE(bench.diaryOf(trial).back(), std::string("note: Stopped"));
        QCOMPARE(bench.rows.size(), std::size_t{3});
    }

    void itsEndStopsAStudyThatStillRuns() {
        StudyBench bench(untilStopped);
        {
            const LiveStudy study(bench, 10);
            QVERIFY(bench.waitFor("loss@1 1"));
        }
        QVERIFY(bench.hasHappened("cancelled 1"));
        QVERIFY(bench.rows.size() <= kSlots);
    }

    void aPausedStudyStartsNothingAndGoesOnWhenResumed() {
        std::atomic<bool> gate = false;
        StudyBench bench(trainUntil(gate));
        LiveStudy study(bench, 5);
        QVERIFY(bench.waitFor("running 3"));
        study.runner().pause();
        for (int trial = 1; trial <= 3; ++trial)
            QVERIFY(bench.waitFor("paused " + std::to_string(trial)));
        study.runner().stopTrial(TrialId{1});
        QVERIFY(bench.waitFor("cancelled 1")); // a slot is free, yet the study is paused
        study.runner().resume();
        QVERIFY(bench.waitFor("queued 4"));
        const auto lines = bench.diary();
        const auto at = [&lines](const std::string& line) { return std::ranges::find(lines, line); };
        QVERIFY(at("create 4") > at("cancelled 1"));
        gate = true;
        QCOMPARE(study.outcome().complete, std::size_t{4});
        QCOMPARE(study.outcome().cancelled, std::size_t{1});
    }

    void aPausedStudyWithNothingMoreToStartEnds() {
        std::atomic<bool> gate = false;
        StudyBench bench(trainUntil(gate));
        LiveStudy study(bench, 1);
        QVERIFY(bench.waitFor("running 1"));
        study.runner().pause();
        study.runner().resumeTrial(TrialId{1});
        gate = true;
        QCOMPARE(study.outcome().complete, std::size_t{1});
    }

    void aPausedStudyCanBeStopped() {
        std::atomic<bool> gate = false;
        StudyBench bench(trainUntil(gate));
        LiveStudy study(bench, 5);
        QVERIFY(bench.waitFor("running 3"));
        study.runner().pause();
        QVERIFY(bench.waitFor("paused 2"));
        study.runner().stop();
        QCOMPARE(study.outcome().cancelled, std::size_t{3});
    }

    void oneTrialCanBeStoppedWhileTheStudyGoesOn() {
        std::atomic<bool> gate = false;
        StudyBench bench(trainUntil(gate));
        LiveStudy study(bench, 4);
        QVERIFY(bench.waitFor("running 2"));
        study.runner().stopTrial(TrialId{2});
        study.runner().stopTrial(TrialId{77}); // not there: ignored
        QVERIFY(bench.waitFor("running 4"));
        gate = true;
        QCOMPARE(study.outcome().cancelled, std::size_t{1});
        QCOMPARE(study.outcome().complete, std::size_t{3});
        QVERIFY(bench.hasHappened("cancelled 2"));
    }

    void oneTrialCanBePausedWhileTheOthersTrain() {
        std::atomic<bool> gate = false;
        StudyBench bench(trainUntil(gate));
        LiveStudy study(bench, 3);
        QVERIFY(bench.waitFor("running 2"));
        study.runner().pauseTrial(TrialId{2});
        QVERIFY(bench.waitFor("paused 2"));
        gate = true;
        QVERIFY(bench.waitFor("complete 1"));
        QVERIFY(bench.waitFor("complete 3"));
        QVERIFY(!bench.hasHappened("complete 2"));
        study.runner().resumeTrial(TrialId{2});
        QCOMPARE(study.outcome().complete, std::size_t{3});
    }

    void anEndedStudyDoesNotRunWhenItSaysSo() {
        StudyBench bench(test::trainOrder);
        LiveStudy study(bench, 2);
        QCOMPARE(study.outcome().complete, std::size_t{2});
        QVERIFY(!study.wasRunningAtDone());
        QVERIFY(!study.runner().isRunning());
        study.runner().pause();
        study.runner().stop();
    }

    void runningTrialsFinishWhenTheSamplerGivesUp() {
        std::atomic<bool> gate = false;
        StudyBench bench(trainUntil(gate));
        const auto executor = bench.threads(kSlots);
        auto sampler = std::make_unique<test::ScriptedSampler>([](const StudyView& study, std::string&) {
            if (study.trials.size() == 2)
                return Result<ParamValues>(inputError({}, "no more points"));
            return Result<ParamValues>(ParamValues{{"x", 0.5}});
        });
        StudyOutcome outcome;
        StudyRunner runner(StudyId{1}, test::searchOverX(9), std::move(sampler), makeNoPruner(),
                           bench.services(*executor), {}, {});
        runner.start([&outcome](const StudyOutcome& given) { outcome = given; });
        QVERIFY(bench.waitFor("running 1"));
        QVERIFY(bench.waitFor("running 2"));
        gate = true;
        runner.wait();
        QCOMPARE(outcome.complete, std::size_t{2});
        QCOMPARE(outcome.problem, std::string("no more points"));
    }

    /// Pauses, resumes and stops from four threads while trials come and go: everything ends, each trial with
    /// one final state.
    void manyHandsOnOneStudyLeaveItWhole() {
        StudyBench bench(test::trainOrder);
        LiveStudy study(bench, 150);
        std::vector<std::jthread> hands;
        for (std::int64_t hand = 0; hand < 4; ++hand)
            hands.emplace_back([&study, hand] {
                for (std::int64_t i = 0; i < 100; ++i) {
                    const TrialId trial{1 + (hand * 37 + i) % 150};
                    i % 2 == 0 ? study.runner().pause() : study.runner().resume();
                    i % 3 == 0 ? study.runner().pauseTrial(trial) : study.runner().resumeTrial(trial);
                    if (i % 25 == 0)
                        study.runner().stopTrial(trial);
                }
            });
        hands.clear();
        study.runner().resume();
        const StudyOutcome& outcome = study.outcome();
        QCOMPARE(outcome.complete + outcome.cancelled, std::size_t{150});
        for (std::int64_t trial = 1; trial <= 150; ++trial) {
            const auto lines = bench.diaryOf(trial);
            QCOMPARE(std::ranges::count(lines, "complete") + std::ranges::count(lines, "cancelled"), 1);
        }
    }
};

QTEST_GUILESS_MAIN(TestStudyRunnerThreads)
#include "tst_study_runner_threads.moc"
