#include "core/engine/study_runner.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace lathe;
using test::StudyBench;

namespace {

using Lines = std::vector<std::string>;

/// trainOrder, except that trials with these ids end with `answer`.
test::ScriptedTask::Script exceptFor(std::vector<std::int64_t> ids, Result<TrialResult> answer) {
    return
        [ids = std::move(ids), answer = std::move(answer)](const ParamValues& values, TrialContext& context) {
            const bool isOne = std::ranges::find(ids, context.id.value) != ids.end();
            return isOne ? answer : test::trainOrder(values, context);
        };
}

} // namespace

/// With the inline executor, so that each study has one possible course.
class TestStudyRunner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSingleRunIsAStudyOfOneTrial() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(1);
        spec.space.clear();
        const StudyOutcome outcome = bench.run(spec);
        QCOMPARE(outcome.complete, std::size_t{1});
        QVERIFY(outcome.best == TrialId{1});
        QVERIFY(bench.rows[0].values == spec.fixed);
    }

    void eachStepOfATrialComesInItsOrder() {
        StudyBench bench(test::trainOrder);
        bench.run(test::searchOverX(2));
        const Lines expected{"create", "queued", "preparing", "running",
                             "loss@1", "loss@2", "finish",    "complete"};
        QVERIFY(bench.diaryOf(1) == expected);
        QVERIFY(bench.diaryOf(2) == expected);
    }

    void severalObjectivesHaveAFront() {
        StudySpec spec = test::searchOverX(5);
        spec.furtherObjectives = {{"size", true}};
        const std::vector<std::optional<double>> sizes{5, std::nullopt, 9, 4, 5}; // the second reports none
        StudyBench bench([&sizes](const ParamValues& values, TrialContext& context) {
            Result<TrialResult> result = test::trainOrder(values, context);
            if (const auto size = sizes[static_cast<std::size_t>(context.id.value) - 1])
                result->metrics["size"] = *size;
            return result;
        });
        const StudyOutcome outcome = bench.run(spec, {}, test::answering({0.5, 0.1, 0.9, 0.2, 0.6}));
        QCOMPARE(outcome.complete, std::size_t{5});
        QVERIFY(outcome.front == (std::vector<TrialId>{TrialId{4}, TrialId{1}, TrialId{3}}));
        QVERIFY(outcome.best == TrialId{4});
    }

    void aSearchForOneObjectiveRefusesSeveral() {
        StudySpec spec = test::searchOverX(3);
        spec.samplerId = "mads";
        spec.furtherObjectives = {{"size", true}};
        StudyBench bench(test::trainOrder);
        const StudyOutcome outcome = bench.run(spec, {}, makeMadsSampler());
        QCOMPARE(outcome.complete, std::size_t{0});
        QVERIFY(outcome.problem.starts_with("mads: looks for the best of one objective, this study has 2"));
        QVERIFY(outcome.problem.find("random") != std::string::npos);
    }

    void trialsAreNumberedAndSeededByTheStudy() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(3);
        spec.seed = 7;
        bench.run(spec);
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(bench.rows[i].number, static_cast<std::int64_t>(i));
            QCOMPARE(bench.rows[i].seed, mixSeed(7, i));
        }
        QVERIFY(bench.rows[0].values != bench.rows[1].values);
    }

    void theSamplersStreamIsNotTheTrialsOwn() {
        StudyBench bench(test::trainOrder);
        bench.run(test::searchOverX(1));
        Rng trialRng(bench.rows[0].seed);
        const double first = drawOf(trialRng);
        QVERIFY(bench.rows[0].values.real("x") != first);
    }

    void theBestHasTheLowestObjective() {
        StudyBench bench(test::trainOrder);
        const StudyOutcome outcome =
            bench.run(test::searchOverX(4), {}, test::answering({0.9, 0.1, 0.1, 0.5}));
        QVERIFY(outcome.best == TrialId{2}); // the earlier of two equals
    }

    void theBestHasTheHighestObjectiveWhereItIsMaximised() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(3);
        spec.objective.maximize = true;
        QVERIFY(bench.run(spec, {}, test::answering({0.1, 0.9, 0.5})).best == TrialId{2});
    }

    void notANumberIsNeverTheBest() {
        TrialResult diverged;
        diverged.metrics["loss"] = std::nan("");
        StudyBench bench(exceptFor({1}, diverged));
        QVERIFY(bench.run(test::searchOverX(2)).best == TrialId{2});
    }

    void aTrialWithoutTheObjectiveCompletesWithAWarning() {
        StudyBench bench(exceptFor({1}, TrialResult{}));
        const StudyOutcome outcome = bench.run(test::searchOverX(1));
        QCOMPARE(outcome.complete, std::size_t{1});
        QVERIFY(!outcome.best.has_value());
        QVERIFY(bench.hasHappened("warning: The trial reported no loss, so it cannot be the best one 1"));
    }

    void aFailedTrialDoesNotEndTheStudy() {
        StudyBench bench(exceptFor({2}, inputError("rank", "64 exceeds the layer's width 48")));
        const StudyOutcome outcome = bench.run(test::searchOverX(3));
        QCOMPARE(outcome.complete, std::size_t{2});
        QCOMPARE(outcome.failed, std::size_t{1});
        QVERIFY(outcome.problem.empty());
        const Lines expected{"create",    "queued",
                             "preparing", "error: rank: 64 exceeds the layer's width 48",
                             "failed",    "note: rank: 64 exceeds the layer's width 48"};
        QVERIFY(bench.diaryOf(2) == expected);
    }

    void aTrialThatStopsByItselfIsCancelledAndNotAnError() {
        StudyBench bench(exceptFor({1}, test::cancelled()));
        const StudyOutcome outcome = bench.run(test::searchOverX(2));
        QCOMPARE(outcome.cancelled, std::size_t{1});
        QCOMPARE(outcome.complete, std::size_t{1});
        QVERIFY(bench.diaryOf(1) == (Lines{"create", "queued", "preparing", "cancelled", "note: Stopped"}));
    }

    void aPrunedTrialIsStoredButNeverTheBest() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(2);
        spec.prunerId = "threshold";
        spec.prunerOptions = {{"upper", 1.5}};
        const StudyOutcome outcome = bench.run(spec, {}, test::answering({0.9, 0.1}));
        QCOMPARE(outcome.pruned, std::size_t{1});
        QVERIFY(outcome.best == TrialId{2});
        QVERIFY(bench.diaryOf(1) == (Lines{"create", "queued", "preparing", "running", "loss@1", "finish",
                                           "pruned", "note: 1.81 at step 1 is above the threshold 1.5"}));
    }

    void theSamplerSeesEveryEarlierTrial() {
        std::vector<std::string> seen;
        auto sampler = std::make_unique<test::ScriptedSampler>([&seen](const StudyView& study, std::string&) {
            std::string text;
            for (const ObservedTrial& trial : study.trials)
                text += std::to_string(trial.number) + std::string(toString(trial.state)) +
                        (trial.objective ? "+" : "-") + " ";
            seen.push_back(text);
            return Result<ParamValues>(ParamValues{{"x", 0.5}});
        });
        StudyBench bench(exceptFor({2}, inputError({}, "bad")));
        bench.run(test::searchOverX(3), {}, std::move(sampler));
        QVERIFY(seen == (Lines{"", "0complete+ ", "0complete+ 1failed- "}));
    }

    void aSamplerThatCannotAnswerEndsTheStudy() {
        auto sampler = std::make_unique<test::ScriptedSampler>([](const StudyView& study, std::string&) {
            if (study.trials.size() == 2)
                return Result<ParamValues>(inputError({}, "the grid has no more points"));
            return Result<ParamValues>(ParamValues{{"x", 0.5}});
        });
        StudyBench bench(test::trainOrder);
        const StudyOutcome outcome = bench.run(test::searchOverX(9), {}, std::move(sampler));
        QCOMPARE(outcome.complete, std::size_t{2});
        QCOMPARE(outcome.problem, std::string("the grid has no more points"));
        QVERIFY(bench.hasHappened("error: the grid has no more points 0"));
    }

    void aStoreThatCannotWriteEndsTheStudy_data() {
        QTest::addColumn<QByteArray>("service");
        QTest::addColumn<int>("created");
        QTest::newRow("create") << QByteArray("create") << 0;
        QTest::newRow("save") << QByteArray("save") << 0;
        QTest::newRow("finish") << QByteArray("finish") << 1;
    }

    void aStoreThatCannotWriteEndsTheStudy() {
        QFETCH(QByteArray, service);
        QFETCH(int, created);
        StudyBench bench(test::trainOrder);
        bench.brokenService = service.toStdString();
        auto sampler = std::make_unique<test::ScriptedSampler>([](const StudyView&, std::string& state) {
            state += "x";
            return Result<ParamValues>(ParamValues{{"x", 0.5}});
        });
        const StudyOutcome outcome = bench.run(test::searchOverX(3), {}, std::move(sampler));
        QVERIFY(outcome.problem.find("study.db: is full") != std::string::npos);
        QCOMPARE(outcome.complete, std::size_t{0});
        QCOMPARE(bench.rows.size(), static_cast<std::size_t>(created));
        QCOMPARE(bench.hasHappened("failed 1"), created == 1);
        QVERIFY(!bench.hasHappened("complete 1"));
    }

    void aStopFromWithinATrialCancelsItAndStartsNoMore() {
        StudyRunner* self = nullptr;
        StudyBench bench([&self](const ParamValues& values, TrialContext& context) -> Result<TrialResult> {
            if (context.id != TrialId{2})
                return test::trainOrder(values, context);
            context.report("loss", 1, 1.0, 0);
            self->stop();
            return test::trainOrder(values, context);
        });
        const auto executor = bench.inlineExecutor();
        StudyOutcome outcome;
        StudyRunner runner(StudyId{3}, test::searchOverX(9), makeRandomSampler(), makeNoPruner(),
                           bench.services(*executor), {}, {});
        self = &runner;
        runner.start([&outcome](const StudyOutcome& given) { outcome = given; });
        runner.wait();
        QCOMPARE(runner.id(), StudyId{3});
        QCOMPARE(outcome.complete, std::size_t{1});
        QCOMPARE(outcome.cancelled, std::size_t{1});
        QVERIFY(outcome.problem.empty());
        QCOMPARE(bench.rows.size(), std::size_t{2});
        QVERIFY(bench.hasHappened("loss@1 2"));
    }

    void aStudyStoppedBeforeItsStartRunsNothing() {
        StudyBench bench(test::trainOrder);
        const auto executor = bench.inlineExecutor();
        StudyRunner runner(StudyId{1}, test::searchOverX(3), makeRandomSampler(), makeNoPruner(),
                           bench.services(*executor), {}, {});
        QVERIFY(!runner.isRunning());
        runner.wait(); // never started: nothing to wait for
        runner.stop();
        runner.start({});
        runner.wait();
        QVERIFY(bench.diary().empty());
    }

    void aRunnerThatNeverStartedEndsQuietly() {
        StudyBench bench(test::trainOrder);
        const auto executor = bench.inlineExecutor();
        const StudyRunner runner(StudyId{1}, test::searchOverX(3), makeRandomSampler(), makeNoPruner(),
                                 bench.services(*executor), {}, {});
        QVERIFY(!runner.isRunning());
    }

private:
    static double drawOf(Rng& rng) {
        StudySpec spec = test::searchOverX(1);
        return makeRandomSampler()->ask({spec, {}}, rng)->real("x");
    }
};

QTEST_GUILESS_MAIN(TestStudyRunner)
#include "tst_study_runner.moc"
