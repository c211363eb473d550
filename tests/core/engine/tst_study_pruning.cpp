#include "core/engine/study_runner.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

using namespace lathe;
using test::StudyBench;

namespace {

constexpr std::int64_t kTrials = 24;
constexpr std::int64_t kSteps = 64;

StudySpec searchPrunedBy(const std::string& pruner, ParamValues options, std::int64_t trials = kTrials,
                         std::int64_t steps = kSteps) {
    StudySpec spec = test::searchOverX(trials);
    spec.fixed.set("steps", steps);
    spec.prunerId = pruner;
    spec.prunerOptions = std::move(options);
    spec.mayRepeat = true; // scripted points come again
    return spec;
}

/// Trains as trainOrder does, but goes on from where the trial was left, as from a checkpoint.
class CheckpointedTask {
public:
    test::ScriptedTask::Script script() {
        return [this](const ParamValues& values, TrialContext& context) {
            return train(values.real("x"), values.integer("steps"), context);
        };
    }
    [[nodiscard]] std::int64_t steps() const { return m_steps; } ///< trained in all

private:
    static double lossAt(double x, std::int64_t step) { return x * x + 1 / static_cast<double>(step); }
    Result<TrialResult> train(double x, std::int64_t steps, TrialContext& context) {
        TrialResult result;
        std::int64_t& reached = m_reached[context.id];
        if (!context.shouldResume)
            reached = 0;
        if (reached > 0) { // as a run does at its checkpoint
            result.steps = reached;
            result.metrics["loss"] = lossAt(x, reached);
            result.wasPruned = context.report("loss", reached, lossAt(x, reached), 0) == Verdict::Prune;
        }
        while (reached < steps && !result.wasPruned) {
            ++m_steps;
            result.steps = ++reached;
            result.metrics["loss"] = lossAt(x, reached);
            result.wasPruned = context.report("loss", reached, result.metrics["loss"], 0) == Verdict::Prune &&
                               reached < steps;
        }
        return result;
    }

    std::map<TrialId, std::int64_t> m_reached;
    std::int64_t m_steps = 0;
};

StudySpec promotingSearch(std::int64_t trials, std::int64_t steps = 16) {
    return searchPrunedBy("successive_halving",
                          {{"min_steps", std::int64_t{1}}, {"reduction", std::int64_t{2}}, {"promote", true}},
                          trials, steps);
}

StudySpec ashaSearch(std::int64_t trials = kTrials) {
    return searchPrunedBy("successive_halving", {{"min_steps", std::int64_t{1}}}, trials);
}

std::int64_t stepsOf(const std::vector<EarlierTrial>& rows) {
    std::int64_t sum = 0;
    for (const EarlierTrial& row : rows)
        sum += row.steps;
    return sum;
}

/// "pruned 4", …: how each trial ended, by number.
std::vector<std::string> ends(StudyBench& bench) {
    static_cast<void>(bench.diary()); // brings the rows up to date
    std::vector<std::string> lines;
    for (const EarlierTrial& row : bench.rows)
        lines.push_back(std::string(toString(row.state)) + " " + std::to_string(row.steps));
    return lines;
}

/// Runs a study whose script can reach its runner.
class ReachedStudy {
public:
    using Script = std::function<void(StudyRunner& runner, TrialId trial)>;
    ReachedStudy(const StudySpec& spec, std::vector<double> xs, Script atStart)
        : m_bench([this, atStart = std::move(atStart)](const ParamValues& values, TrialContext& context) {
              atStart(*m_runner, context.id);
              return test::trainOrder(values, context);
          }) {
        const auto executor = m_bench.inlineExecutor();
        StudyRunner runner(StudyId{1}, spec, test::answering(std::move(xs)), StudyBench::prunerOf(spec),
                           m_bench.services(*executor), {}, {});
        m_runner = &runner;
        runner.start({});
        runner.wait();
    }
    StudyBench& bench() { return m_bench; }

private:
    StudyBench m_bench;
    StudyRunner* m_runner = nullptr;
};

} // namespace

/// With the inline executor, so that each study has one possible course.
class TestStudyPruning : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void halvingFindsTheSameBestInAThirdOfTheSteps() {
        StudyBench whole(test::trainOrder);
        const StudyOutcome full = whole.run(searchPrunedBy("none", {}));
        QCOMPARE(ends(whole).size(), static_cast<std::size_t>(kTrials));
        QCOMPARE(stepsOf(whole.rows), kTrials * kSteps);
        StudyBench pruned(test::trainOrder);
        const StudyOutcome outcome = pruned.run(ashaSearch());
        QCOMPARE(ends(pruned).size(), static_cast<std::size_t>(kTrials));
        QVERIFY(outcome.best.has_value() && outcome.best == full.best);
        QVERIFY2(3 * stepsOf(pruned.rows) <= kTrials * kSteps, std::to_string(stepsOf(pruned.rows)).c_str());
        QVERIFY(outcome.pruned > outcome.complete);
    }

    void everyPrunedTrialSaysWhy() {
        StudyBench bench(test::trainOrder);
        bench.run(searchPrunedBy("median", {{"startup_trials", std::int64_t{2}}}, 3, 4), {},
                  test::answering({0.1, 0.2, 0.9}));
        QVERIFY(bench.hasHappened("note: 1.81 at step 1 is worse than the median 1.025 of 2 trials 3"));
    }

    void aResumedStudyKeepsItsRungs() {
        StudyBench whole(test::trainOrder);
        whole.run(ashaSearch());
        StudyBench parts(test::trainOrder);
        parts.run(ashaSearch(7));
        QCOMPARE(ends(parts).size(), std::size_t{7});
        parts.run(ashaSearch(), parts.rows);
        QVERIFY(ends(parts) == ends(whole));

        StudyBench forgetful(test::trainOrder);
        forgetful.run(ashaSearch(7));
        QCOMPARE(ends(forgetful).size(), std::size_t{7});
        for (EarlierTrial& row : forgetful.rows)
            row.curve.clear();
        forgetful.run(ashaSearch(), forgetful.rows);
        QVERIFY(ends(forgetful) != ends(whole)); // the curves are what it goes on from
    }

    void aTrialGoesOnFromItsRungOnceItIsAmongTheBestThere() {
        // The third ends at its first rung, being second of three; with a fourth, two of four go on.
        CheckpointedTask task;
        StudyBench bench(task.script());
        bench.run(promotingSearch(4), {}, test::answering({0.1, 0.9, 0.2, 0.8}));
        QVERIFY(ends(bench)[2].starts_with("complete 16") || !ends(bench)[2].ends_with(" 1"));
        const auto lines = bench.diaryOf(3);
        QCOMPARE(std::ranges::count(lines, "loss@1"), 2); // not trained anew: told again at its checkpoint
        QVERIFY(bench.hasHappened("The trial goes on: it is among the best of those that came as far 3"));
        QCOMPARE(task.steps(), stepsOf(bench.rows));
    }

    void withoutPromotionItStaysAtItsRung() {
        CheckpointedTask task;
        StudyBench bench(task.script());
        StudySpec spec = promotingSearch(4);
        spec.prunerOptions.set("promote", false);
        bench.run(spec, {}, test::answering({0.1, 0.9, 0.2, 0.8}));
        QVERIFY(ends(bench)[2] == "pruned 1");
    }

    void aPrunedTrialOfAnEarlierSittingCanGoOn() {
        CheckpointedTask task;
        StudyBench bench(task.script());
        bench.run(promotingSearch(3), {}, test::answering({0.1, 0.9, 0.2}));
        QVERIFY(ends(bench)[2] == "pruned 1");
        bench.run(promotingSearch(4), std::vector(bench.rows), test::answering({0, 0, 0, 0.8}));
        QVERIFY(ends(bench)[2] != "pruned 1");
    }

    void whatWasPrunedByHandStaysSo() {
        CheckpointedTask task;
        StudyBench bench(task.script());
        bench.run(promotingSearch(3), {}, test::answering({0.1, 0.9, 0.2}));
        static_cast<void>(bench.diary());
        std::vector<EarlierTrial> rows = bench.rows;
        rows[2].isHeld = true;
        bench.run(promotingSearch(4), rows, test::answering({0, 0, 0, 0.8}));
        QVERIFY(ends(bench)[2] == "pruned 1");
    }

    void aStudyThatPromotesEndsAndFindsTheBest() {
        CheckpointedTask task;
        StudyBench bench(task.script());
        StudySpec spec = promotingSearch(30);
        spec.mayRepeat = false;
        const StudyOutcome outcome = bench.run(spec);
        QCOMPARE(outcome.complete + outcome.pruned, std::size_t{30});
        QVERIFY(outcome.best.has_value());
        const auto best = std::ranges::min_element(
            bench.rows, {}, [](const EarlierTrial& row) { return std::abs(row.values.real("x")); });
        QVERIFY(outcome.best == best->id);
    }

    void aDeterministicStudyDoesNotPromote() {
        Registry<Pruner> pruners;
        addBuiltinPruners(pruners);
        StudySpec spec = promotingSearch(4);
        spec.resultLag = 2;
        QCOMPARE(makePruner(pruners, spec).error().where, std::string("promote"));
    }

    void aTrialThatGoesBackToACheckpointIsJudgedByItsNewPoints() {
        const StudySpec spec = searchPrunedBy("divergence", {{"factor", 1.5}}, 1, 2);
        EarlierTrial stopped{TrialId{100},          0,           {{"steps", std::int64_t{2}}, {"x", 0.0}}, 1,
                             TrialState::Cancelled, std::nullopt};
        stopped.curve = {{1, 1.0}, {2, 0.1}}; // 1 at step 1 would be ten times its best
        StudyBench bench(test::trainOrder);
        bench.run(spec, {stopped});
        QVERIFY(bench.hasHappened("complete 100"));
    }

    void whatATrialReportedBeforeItsCheckpointIsKnownButNotJudgedAgain() {
        StudyBench bench([](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
            context.publish(MetricPoint{{}, "loss", 1, 9.0, 0});
            context.publish(MetricPoint{{}, "loss", 2, 0.25, 0});
            TrialResult result;
            result.steps = 3;
            result.metrics["loss"] = 0.5;
            result.wasPruned = context.report("loss", 3, 0.5, 0) == Verdict::Prune;
            return result;
        });
        const StudyOutcome judged = bench.run(searchPrunedBy("threshold", {{"upper", 1.0}}, 1));
        QCOMPARE(judged.complete, std::size_t{1});
        const StudyOutcome known = bench.run(searchPrunedBy("patient", {{"patience", std::int64_t{0}}}, 1));
        QCOMPARE(known.pruned, std::size_t{1});
        QVERIFY(bench.hasHappened("loss@2 1"));
    }

    void aTaskThatWasDoneAnywayIsComplete() {
        StudyBench bench([](const ParamValues&, TrialContext& context) -> Result<TrialResult> {
            const Verdict verdict = context.report("loss", 1, 9.0, 0);
            TrialResult result;
            result.metrics["loss"] = 9.0;
            return verdict == Verdict::Prune ? Result<TrialResult>(result) : test::cancelled();
        });
        bench.run(searchPrunedBy("threshold", {{"upper", 1.0}}, 1), {}, test::answering({0.0}));
        QVERIFY(bench.diaryOf(1) == (std::vector<std::string>{"create", "queued", "preparing", "running",
                                                              "loss@1", "finish", "complete"}));
    }

    void aProtectedTrialIsNeverPruned() {
        const StudySpec spec = searchPrunedBy("threshold", {{"upper", 1.5}}, 3, 3);
        ReachedStudy study(spec, {0.9, 0.9, 0.9}, [](StudyRunner& runner, TrialId trial) {
            if (trial != TrialId{1})
                runner.protectTrial(trial);
            if (trial == TrialId{3})
                runner.unprotectTrial(trial);
        });
        QVERIFY(ends(study.bench()) == (std::vector<std::string>{"pruned 1", "complete 3", "pruned 1"}));
    }

    void aProtectedTrialStaysSoWhenItsStudyIsResumed() {
        EarlierTrial stopped{TrialId{100},          0,           {{"steps", std::int64_t{2}}, {"x", 0.9}}, 1,
                             TrialState::Cancelled, std::nullopt};
        const StudySpec spec = searchPrunedBy("threshold", {{"upper", 1.0}}, 1, 2);
        StudyBench bench(test::trainOrder);
        QCOMPARE(bench.run(spec, {stopped}).pruned, std::size_t{1});
        stopped.isProtected = true;
        QCOMPARE(bench.run(spec, {stopped}).complete, std::size_t{1});
    }

    void aTrialEndsByHandThoughProtected() {
        ReachedStudy study(searchPrunedBy("none", {}, 2, 3), {0.1, 0.2},
                           [](StudyRunner& runner, TrialId trial) {
                               runner.protectTrial(trial);
                               if (trial == TrialId{1})
                                   runner.pruneTrial(trial);
                               runner.pruneTrial(TrialId{77}); // not running: ignored
                           });
        QVERIFY(ends(study.bench()) == (std::vector<std::string>{"pruned 1", "complete 3"}));
        QVERIFY(study.bench().hasHappened("note: ended by hand 1"));
    }

    void theSamplerSeesHowFarAPrunedTrialCameAndItsLastValue() {
        std::vector<ObservedTrial> seen;
        auto sampler = std::make_unique<test::ScriptedSampler>([&seen](const StudyView& study, std::string&) {
            seen.assign(study.trials.begin(), study.trials.end());
            return Result<ParamValues>(ParamValues{{"x", study.trials.empty() ? 0.9 : 0.1}});
        });
        StudyBench bench(test::trainOrder);
        const StudySpec spec =
            searchPrunedBy("threshold", {{"upper", 1.3}, {"warmup_steps", std::int64_t{2}}}, 3, 4);
        bench.run(spec, {}, std::move(sampler));
        QCOMPARE(seen.size(), std::size_t{2});
        QVERIFY(seen[0].state == TrialState::Pruned);
        QCOMPARE(seen[0].steps, 2);
        QVERIFY(seen[0].objective.has_value());
        QCOMPARE(*seen[0].objective, 0.81 + 0.5);
        QCOMPARE(seen[1].steps, 4);
    }

    void noTrialBeginsOnceTheStepsAreSpent() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(9); // of two steps each
        spec.maxSteps = 5;
        const StudyOutcome outcome = bench.run(spec);
        QCOMPARE(outcome.complete, std::size_t{3});
        QVERIFY(outcome.problem.empty());
        QCOMPARE(outcome.stopReason, std::string("The study's 5 steps are spent: its trials have made 6"));
        static_cast<void>(bench.diary());
        const StudyOutcome again = bench.run(spec, bench.rows); // earlier sittings count
        QCOMPARE(bench.rows.size(), std::size_t{3});
        QCOMPARE(again.stopReason, outcome.stopReason);
        spec.maxSteps = 7;
        QCOMPARE(bench.run(spec, bench.rows).complete, std::size_t{4});
    }

    void noTrialBeginsOnceTheTimeIsSpent() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(9);
        spec.maxSeconds = 3600;
        EarlierTrial before{TrialId{100},         0,  {{"steps", std::int64_t{2}}, {"x", 0.5}}, 1,
                            TrialState::Complete, 0.5};
        before.seconds = 3600;
        const StudyOutcome outcome = bench.run(spec, {before});
        QVERIFY(bench.rows.empty());
        QCOMPARE(outcome.complete, std::size_t{1});
        QCOMPARE(outcome.stopReason, std::string("The study's 3600 seconds are spent"));
        before.seconds = 0;
        QCOMPARE(bench.run(spec, {before}).complete, std::size_t{9}); // takes milliseconds
    }

    void aStudyThatEndsByItsCountNamesNoLimit() {
        StudyBench bench(test::trainOrder);
        StudySpec spec = test::searchOverX(2);
        spec.maxSteps = 4; // spent by the last trial
        QVERIFY(bench.run(spec).stopReason.empty());
    }
};

QTEST_GUILESS_MAIN(TestStudyPruning)
#include "tst_study_pruning.moc"
