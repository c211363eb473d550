#include "core/engine/study_runner.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace lathe;
using test::Counter;
using test::StudyBench;

namespace {

/// Lets a test talk to the runner from inside of a trial, while the study is certainly running.
struct Talk {
    StudyRunner* runner = nullptr;
    std::function<void(StudyRunner&, std::int64_t trial)> say;

    test::ScriptedTask::Script script() {
        return [this](const ParamValues& values, TrialContext& context) {
            say(*runner, context.id.value);
            return test::trainOrder(values, context);
        };
    }
};

StudyOutcome runTalking(StudyBench& bench, Talk& talk, const StudySpec& spec, std::size_t slots = 1) {
    const auto executor = bench.threads(slots);
    StudyOutcome outcome;
    StudyRunner runner(StudyId{1}, spec, makeRandomSampler(), makeNoPruner(), bench.services(*executor), {},
                       {});
    talk.runner = &runner;
    runner.start([&outcome](const StudyOutcome& given) { outcome = given; });
    runner.wait();
    return outcome;
}

TrialWish wishOf(const StudySpec& spec, double x, TrialId origin = {}) {
    return {std::move(manualRecipe(spec, spec.fixed, {{"x", x}})).value(), origin};
}

std::vector<std::string> queuedLines(StudyBench& bench) {
    std::vector<std::string> lines;
    for (const std::string& line : bench.diary())
        if (line.starts_with("preparing "))
            lines.push_back(line.substr(10));
    return lines;
}

std::vector<double> pointsOf(const StudyBench& bench) {
    std::vector<double> points;
    for (const EarlierTrial& row : bench.rows)
        points.push_back(row.values.real("x"));
    return points;
}

} // namespace

class TestStudyChanges : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLargerBudgetWhileItRunsMakesMoreTrials() {
        Talk talk;
        talk.say = [](StudyRunner& runner, std::int64_t trial) {
            if (trial == 2)
                QVERIFY((runner.setBudget({5, 0, 0})));
        };
        StudyBench bench(talk.script());
        const StudyOutcome outcome = runTalking(bench, talk, test::searchOverX(2));
        QCOMPARE(outcome.complete, std::size_t{5});
        QVERIFY(bench.budgets == (std::vector<StudyBudget>{{5, 0, 0}}));
        QVERIFY(bench.hasHappened("The study's budget is now 5 trials 0"));
    }

    void aSmallerBudgetStartsNoMore() {
        Talk talk;
        talk.say = [](StudyRunner& runner, std::int64_t trial) {
            if (trial == 2)
                QVERIFY((runner.setBudget({1, 0, 0})));
        };
        StudyBench bench(talk.script());
        QCOMPARE(runTalking(bench, talk, test::searchOverX(9)).complete, std::size_t{2});
    }

    void spentStepsCanBeRaised() {
        Talk talk;
        talk.say = [](StudyRunner& runner, std::int64_t trial) {
            if (trial == 2) // its steps are the last of the budget
                QVERIFY((runner.setBudget({9, 6, 0})));
        };
        StudyBench bench(talk.script());
        StudySpec spec = test::searchOverX(9);
        spec.maxSteps = 4;
        const StudyOutcome outcome = runTalking(bench, talk, spec);
        QCOMPARE(outcome.complete, std::size_t{3});
        QCOMPARE(outcome.stopReason, std::string("The study's 6 steps are spent: its trials have made 6"));
    }

    void anExtendedStudyGoesOnWithTheSamplersPlan() {
        std::vector<std::int64_t> planned;
        const auto asking = [&planned] {
            return std::make_unique<test::ScriptedSampler>([&planned](const StudyView& study, std::string&) {
                planned.push_back(study.spec.trialCount);
                return Result<ParamValues>(
                    ParamValues{{"x", 0.1 * static_cast<double>(study.trials.size())}});
            });
        };
        StudyBench bench(test::trainOrder);
        const StudySpec spec = test::searchOverX(2);
        bench.run(spec, {}, asking());
        static_cast<void>(bench.diary());
        const StudyOutcome outcome =
            bench.run(withBudget(spec, {4, 0, 0}), std::vector(bench.rows), asking());
        QCOMPARE(outcome.complete, std::size_t{4}); // those made before count
        QVERIFY(planned == (std::vector<std::int64_t>{2, 2, 2, 2}));
    }

    void aBudgetThatCannotBeStoredDoesNotHold() {
        Talk talk;
        talk.say = [](StudyRunner& runner, std::int64_t trial) {
            if (trial == 1)
                QVERIFY((runner.setBudget({5, 0, 0})));
        };
        StudyBench bench(talk.script());
        bench.brokenService = "budget";
        QCOMPARE(runTalking(bench, talk, test::searchOverX(2)).complete, std::size_t{2});
        QVERIFY(bench.hasHappened("error: The budget cannot be stored: study.db: is full 0"));
    }

    void anAddedTrialRunsBeforeNewPointsAndCounts() {
        const StudySpec spec = test::searchOverX(4);
        Talk talk;
        talk.say = [&spec](StudyRunner& runner, std::int64_t trial) {
            if (trial == 1)
                QVERIFY(runner.addTrial(wishOf(spec, 0.25, TrialId{1})));
        };
        StudyBench bench(talk.script());
        QCOMPARE(runTalking(bench, talk, spec).complete, std::size_t{4});
        QCOMPARE(bench.rows.size(), std::size_t{4});
        QCOMPARE(bench.rows[1].values.real("x"), 0.25);
        QCOMPARE(bench.rows[1].seed, mixSeed(42, 1));
        QVERIFY(bench.origins == (std::map<TrialId, TrialId>{{TrialId{2}, TrialId{1}}}));
    }

    void aTrialAddedAfterAllWereMadeStillRuns() {
        const StudySpec spec = test::searchOverX(1);
        Talk talk;
        talk.say = [&spec](StudyRunner& runner, std::int64_t trial) {
            if (trial == 1)
                QVERIFY(runner.addTrial(wishOf(spec, 0.5)));
        };
        StudyBench bench(talk.script());
        QCOMPARE(runTalking(bench, talk, spec).complete, std::size_t{2});
    }

    void queuedTrialsBeginInTheGivenOrder() {
        const StudySpec spec = test::searchOverX(4);
        Talk talk;
        talk.say = [&spec](StudyRunner& runner, std::int64_t trial) {
            if (trial != 1)
                return;
            for (const double x : {0.1, 0.2, 0.3})
                QVERIFY(runner.addTrial(wishOf(spec, x)));
            QVERIFY((runner.orderQueue({TrialId{4}, TrialId{77}, TrialId{3}})));
        };
        StudyBench bench(talk.script());
        QCOMPARE(runTalking(bench, talk, spec).complete, std::size_t{4});
        QVERIFY(queuedLines(bench) == (std::vector<std::string>{"1", "4", "3", "2"}));
        QVERIFY(bench.queues == (std::vector<std::vector<TrialId>>{{TrialId{4}, TrialId{3}, TrialId{2}}}));
    }

    void theOrderOfTheQueueOutlivesTheProcess() {
        StudyBench bench(test::trainOrder);
        std::vector<EarlierTrial> rows;
        for (std::int64_t number = 0; number < 3; ++number)
            rows.push_back({TrialId{10 + number},
                            number,
                            {{"steps", std::int64_t{2}}, {"x", 0.0}},
                            1,
                            TrialState::Interrupted,
                            std::nullopt});
        rows[2].place = 1;
        bench.run(test::searchOverX(3), rows);
        QVERIFY(queuedLines(bench) == (std::vector<std::string>{"12", "10", "11"}));
    }

    void aPointOutsideOfTheSpaceIsNotAdded() {
        const StudySpec spec = test::searchOverX(2);
        Talk talk;
        talk.say = [&spec](StudyRunner& runner, std::int64_t trial) {
            ParamValues recipe = spec.fixed;
            recipe.set("x", 7.0);
            if (trial == 1)
                QVERIFY((runner.addTrial({recipe, {}})));
        };
        StudyBench bench(talk.script());
        QCOMPARE(runTalking(bench, talk, spec).complete, std::size_t{2});
        QVERIFY(std::ranges::any_of(bench.diary(), [](const std::string& line) {
            return line.starts_with("error: A trial cannot be added: x ");
        }));
    }

    void manualRecipesNameWhatIsWrong() {
        const StudySpec spec = test::searchOverX(2);
        const ParamValues steps{{"steps", std::int64_t{9}}};
        QCOMPARE(manualRecipe(spec, spec.fixed, steps).error().text(),
                 std::string("steps: is not searched in this study, so its trials cannot differ in it"));
        QVERIFY((!manualRecipe(spec, spec.fixed, {{"x", 3.0}}).has_value()));
        const ParamValues recipe = manualRecipe(spec, spec.fixed, {{"x", 0.5}}).value();
        QVERIFY(recipe == (ParamValues{{"steps", std::int64_t{2}}, {"x", 0.5}}));
    }

    void whatComesAfterTheEndIsRefused() {
        StudyBench bench(test::trainOrder);
        const auto executor = bench.inlineExecutor();
        StudyRunner runner(StudyId{1}, test::searchOverX(1), makeRandomSampler(), makeNoPruner(),
                           bench.services(*executor), {}, {});
        runner.start({});
        runner.wait();
        QVERIFY((!runner.setBudget({3, 0, 0})));
        QVERIFY(!runner.addTrial(wishOf(test::searchOverX(1), 0.5)));
        QVERIFY(!runner.orderQueue({}));
        QVERIFY(bench.budgets.empty());
    }

    void changesFromManyHandsAreAllMade() {
        constexpr int kHands = 4;
        const StudySpec spec = test::searchOverX(6);
        std::atomic<bool> hasBegun = false;
        std::atomic<int> accepted = 0;
        Talk talk;
        talk.say = [&](StudyRunner& runner, std::int64_t) {
            if (hasBegun.exchange(true))
                return;
            std::vector<std::jthread> hands;
            for (int hand = 0; hand < kHands; ++hand)
                hands.emplace_back([&, hand] {
                    for (int i = 0; i < 10; ++i) {
                        const double x = 0.01 * (hand * 10 + i);
                        accepted += runner.addTrial(wishOf(spec, x)) ? 1 : 0;
                        accepted += runner.orderQueue({TrialId{3 + i}}) ? 0 : 1000;
                    }
                });
        };
        StudyBench bench(talk.script());
        const StudyOutcome outcome = runTalking(bench, talk, spec, 3);
        QCOMPARE(accepted.load(), kHands * 10);
        QVERIFY(bench.rows.size() >= std::size_t{kHands * 10});
        QCOMPARE(outcome.complete, bench.rows.size());
    }

    void deterministicStudiesDoNotDependOnTheSlots() {
        // The point depends on every result that is told, and the trials end in another order each time.
        const auto greedy = [] {
            return std::make_unique<test::ScriptedSampler>([](const StudyView& study, std::string&) {
                double x = 0.1 + 0.001 * static_cast<double>(study.trials.size());
                for (const ObservedTrial& trial : study.trials)
                    x += 0.01 * trial.objective.value_or(trial.state == TrialState::Running ? -0.3 : 0.7);
                return Result<ParamValues>(ParamValues{{"x", std::clamp(x, -1.0, 1.0)}});
            });
        };
        StudySpec spec = test::searchOverX(24);
        spec.resultLag = 3;
        spec.prunerId = "median";
        StudyBench one(test::trainOrder);
        one.run(spec, {}, greedy());
        static_cast<void>(one.diary());
        for (const std::size_t slots : {2, 5}) {
            std::atomic<int> turn = 0;
            StudyBench many([&turn](const ParamValues& values, TrialContext& context) {
                for (int i = (++turn % 3) * 3; i > 0; --i)
                    std::this_thread::yield();
                return test::trainOrder(values, context);
            });
            const auto executor = many.threads(slots);
            many.run(*executor, spec, {}, greedy());
            static_cast<void>(many.diary());
            QVERIFY(pointsOf(many) == pointsOf(one));
            for (std::size_t i = 0; i < one.rows.size(); ++i)
                QVERIFY(many.rows[i].state == one.rows[i].state);
        }
    }

    void aTriedPointIsNotTriedAgainUnlessItMay() {
        const auto stubborn = [] {
            return std::make_unique<test::ScriptedSampler>([](const StudyView&, std::string&) {
                return Result<ParamValues>(ParamValues{{"x", 0.5}});
            });
        };
        StudySpec spec = test::searchOverX(5);
        StudyBench fresh(test::trainOrder);
        fresh.run(spec, {}, stubborn());
        std::vector<double> points = pointsOf(fresh);
        QCOMPARE(points[0], 0.5);
        std::ranges::sort(points);
        QVERIFY(std::ranges::adjacent_find(points) == points.end());
        spec.mayRepeat = true;
        StudyBench noisy(test::trainOrder);
        noisy.run(spec, {}, stubborn());
        QVERIFY(pointsOf(noisy) == std::vector<double>(5, 0.5));
    }

    void aSpaceThatIsUsedUpRepeats() {
        StudySpec spec = test::searchOverX(7);
        spec.fixed.set("x", std::string("a"));
        spec.space = {{"x", ChoiceDomain{{"a", "b", "c"}, {}, false}, {}}};
        StudyBench bench([](const ParamValues&, TrialContext&) {
            return Result<TrialResult>(TrialResult{{{"loss", 1.0}}, 1, 0, {}, false});
        });
        QCOMPARE(bench.run(spec).complete, std::size_t{7});
        std::map<std::string, int> counts;
        for (std::size_t i = 0; i < 3; ++i)
            ++counts[toText(*bench.rows[i].values.find("x"))];
        QCOMPARE(counts.size(), std::size_t{3});
    }
};

QTEST_GUILESS_MAIN(TestStudyChanges)
#include "tst_study_changes.moc"
