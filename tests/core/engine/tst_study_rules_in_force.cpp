#include "tests/core/engine/study_bench.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

namespace {

StudySpec searchWithRules(std::int64_t trialCount) {
    StudySpec spec = searchOverX(trialCount);
    spec.fixed.set("twice", 0.0);
    spec.derived = {{"twice", "2 * x", RealDomain{-2, 2}}};
    return spec;
}

/// "loss" falls with x, "memory" rises with it.
ScriptedTask::Script lossAndMemory() {
    return [](const ParamValues& values, TrialContext& context) -> Result<TrialResult> {
        const double x = values.real("x");
        TrialResult result;
        result.steps = 1;
        result.seconds = 2;
        result.metrics = {{"loss", -x}, {"memory", 100 * x}};
        (void)context.report("loss", 1, -x, 0);
        return result;
    };
}

const EarlierTrial& rowOf(const StudyBench& bench, TrialId id) {
    return *std::ranges::find(bench.rows, id, &EarlierTrial::id);
}

} // namespace

class TestStudyRulesInForce : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void derivedValuesStandInTheRecipeOfEachTrial() {
        StudyBench bench(lossAndMemory());
        const StudyOutcome outcome = bench.run(searchWithRules(6));
        QCOMPARE(outcome.problem, std::string());
        QCOMPARE(bench.rows.size(), std::size_t{6});
        for (const EarlierTrial& row : bench.rows)
            QCOMPARE(row.values.real("twice"), 2 * row.values.real("x"));
    }

    void forbiddenPointsAreNotTried() {
        StudySpec spec = searchWithRules(12);
        spec.forbidden = {"x > 0", "twice < -1"};
        StudyBench bench(lossAndMemory());
        QCOMPARE(bench.run(spec).complete, std::size_t{12});
        for (const EarlierTrial& row : bench.rows)
            QVERIFY(row.values.real("x") <= 0 && row.values.real("x") >= -0.5);
    }

    void aRuleThatCannotBeReadEndsTheStudyBeforeItsFirstTrial() {
        StudySpec spec = searchWithRules(3);
        spec.forbidden = {"xx > 0"};
        StudyBench bench(lossAndMemory());
        const StudyOutcome outcome = bench.run(spec);
        QVERIFY2(outcome.problem.find("xx is not known here") != std::string::npos, outcome.problem.c_str());
        QVERIFY(bench.rows.empty());
    }

    void whereNothingIsAllowedTheStudySaysWhichRuleIsInTheWay() {
        StudySpec spec = searchWithRules(3);
        spec.forbidden = {"x < 2"};
        StudyBench bench(lossAndMemory());
        QVERIFY(bench.run(spec).problem.find("\"x < 2\" is forbidden") != std::string::npos);
        QVERIFY(bench.rows.empty());
    }

    void aTrialThatViolatesAConstraintIsNeverTheBestAndSaysWhy() {
        StudySpec spec = searchWithRules(20);
        spec.constraints = {"memory <= 50", "seconds * steps <= 600"};
        StudyBench bench(lossAndMemory());
        const StudyOutcome outcome = bench.run(spec);
        QCOMPARE(outcome.complete, std::size_t{20});
        (void)bench.diary();
        double best = -1;
        std::size_t violating = 0;
        for (const EarlierTrial& row : bench.rows) {
            const double x = row.values.real("x");
            best = x <= 0.5 ? std::max(best, x) : best;
            violating += x > 0.5 ? 1 : 0;
            const std::string note = "note: memory <= 50 does not hold: memory is " + toText(100 * x) + " " +
                                     std::to_string(row.id.value);
            QCOMPARE(bench.hasHappened(note), x > 0.5);
        }
        QVERIFY(violating > 0 && violating < 20);
        QCOMPARE(rowOf(bench, outcome.best.value()).values.real("x"), best);
    }

    void samplersSeeByHowMuchAConstraintIsMissed() {
        StudySpec spec = searchWithRules(2);
        spec.constraints = {"memory <= 50"};
        spec.mayRepeat = true;
        std::vector<double> seen;
        const auto script = [&seen](const StudyView& study, std::string&) -> Result<ParamValues> {
            for (const ObservedTrial& trial : study.trials)
                seen = trial.constraints;
            return ParamValues{{"x", 1.0}};
        };
        StudyBench bench(lossAndMemory());
        const StudyOutcome outcome = bench.run(spec, {}, std::make_unique<ScriptedSampler>(script));
        QCOMPARE(seen, std::vector<double>{1.0});
        QVERIFY(!outcome.best);
    }

    void aPointThatIsTooLargeByItselfIsRecordedButNotTrained() {
        StudySpec spec = searchWithRules(3);
        spec.constraints = {"memory <= 100", "trainable_parameters <= 50"};
        std::vector<std::vector<double>> seen;
        const auto sampler = [&seen](std::vector<double> xs) {
            return std::make_unique<ScriptedSampler>(
                [&seen, xs](const StudyView& study, std::string&) -> Result<ParamValues> {
                    seen.clear();
                    for (const ObservedTrial& trial : study.trials)
                        seen.push_back(trial.constraints);
                    return ParamValues{{"x", xs.at(study.trials.size())}};
                });
        };
        StudyBench bench([](const ParamValues& values, TrialContext& context) {
            auto result = lossAndMemory()(values, context);
            result.value().metrics["trainable_parameters"] = 100 * values.real("x");
            return result;
        });
        bench.countParameters = [](const ParamValues& recipe) {
            return std::optional(static_cast<std::int64_t>(100 * recipe.real("x")));
        };
        const StudyOutcome outcome = bench.run(spec, {}, sampler({0.25, 1.0, 0.125}));
        QCOMPARE(outcome.complete, std::size_t{3});
        QVERIFY(outcome.best == TrialId{1});
        QVERIFY(bench.diaryOf(2) ==
                (std::vector<std::string>{"create", "trainable_parameters@0", "finish",
                                          "It cannot be the best one: trainable_parameters <= 50 does not "
                                          "hold: trainable_parameters is 100",
                                          "complete",
                                          "note: not trained: trainable_parameters <= 50 does not hold: "
                                          "trainable_parameters is 100"}));
        const std::vector<double> refused{0.0, 1.0}; // of the memory nothing is known
        QVERIFY(seen.at(1) == refused);

        EarlierTrial row = rowOf(bench, TrialId{2}); // as a store answers it
        row.metrics = {{"trainable_parameters", 100}, {"steps", 0}, {"seconds", 0}};
        spec.trialCount = 2;
        row.number = 0;
        StudyBench again(lossAndMemory());
        (void)again.run(spec, {row}, sampler({0, 0.5}));
        QVERIFY(seen.at(0) == refused);
    }

    void withoutACountEveryPointIsTrained() {
        StudySpec spec = searchWithRules(1);
        spec.constraints = {"trainable_parameters <= 50"};
        StudyBench bench(lossAndMemory());
        bench.countParameters = [](const ParamValues&) { return std::optional<std::int64_t>(); };
        (void)bench.run(spec);
        QVERIFY(bench.hasHappened("loss@1 1"));
    }

    void earlierTrialsAreHeldToTheConstraintsToo() {
        StudySpec spec = searchWithRules(2);
        spec.constraints = {"memory <= 50", "seconds <= 5"};
        EarlierTrial heavy{TrialId{100}, 0, {{"x", 0.9}, {"twice", 1.8}}, 1, TrialState::Complete, -0.9};
        heavy.metrics = {{"memory", 90}, {"seconds", 2}};
        EarlierTrial light = heavy;
        light.id = TrialId{101};
        light.number = 1;
        light.objective = -0.1;
        light.metrics = {{"memory", 10}, {"seconds", 2}};
        StudyBench bench(lossAndMemory());
        QCOMPARE(bench.run(spec, {heavy, light}).best, std::optional(TrialId{101}));
    }

    void aMetricThatWasNotReportedCountsAsViolated() {
        StudySpec spec = searchWithRules(1);
        spec.constraints = {"watts <= 50"};
        StudyBench bench(lossAndMemory());
        QVERIFY(!bench.run(spec).best);
        QVERIFY(bench.hasHappened("note: watts <= 50 cannot be told: not all of watts is known 1"));
    }
};

QTEST_GUILESS_MAIN(TestStudyRulesInForce)
#include "tst_study_rules_in_force.moc"
