#include "core/engine/space_change.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

namespace {

ScriptedTask::Script quick() {
    return [](const ParamValues& values, TrialContext& context) -> Result<TrialResult> {
        TrialResult result;
        result.steps = 1;
        result.metrics = {{"loss", values.real("x")}};
        (void)context.report("loss", 1, values.real("x"), 0);
        return result;
    };
}

EarlierTrial over(std::int64_t number, double x, TrialState state = TrialState::Complete) {
    EarlierTrial trial{TrialId{100 + number}, number, {{"steps", std::int64_t{2}}, {"x", x}}, 1, state, x, 1};
    return trial;
}

/// x in [-1, 1] with three trials, narrowed to [-0.5, 0.5].
StudySpec narrowed(std::int64_t trialCount) {
    SpaceChange change;
    change.space = {{"x", RealDomain{-0.5, 0.5}, {}}};
    return withChangedSpace(searchOverX(trialCount), change, 3);
}

const std::vector<EarlierTrial> kThree{over(0, -0.9), over(1, 0.25), over(2, 0.75)};

} // namespace

class TestSpaceChange : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aChangeIsAnotherVersionOfTheSpace() {
        StudySpec spec = searchOverX(9);
        spec.forbidden = {"x > 0.9"};
        SpaceChange change;
        change.space = {{"x", RealDomain{-2, 2}, {}}, {"steps", IntDomain{1, 4}, {}}};
        change.forbidden = {"x < -1.9"};
        const StudySpec changed = withChangedSpace(spec, change, 5);
        QVERIFY(changed.space == change.space);
        QCOMPARE(changed.forbidden, (std::vector<std::string>{"x > 0.9", "x < -1.9"}));
        QCOMPARE(changed.earlierSpaces.size(), std::size_t{1});
        QVERIFY(changed.earlierSpaces[0].space == spec.space);
        QCOMPARE(changed.earlierSpaces[0].forbidden, spec.forbidden);
        QCOMPARE(changed.earlierSpaces[0].trials, 5);
    }

    void whatIsSearchedIsNotDerivedAndTheOtherWayRound() {
        StudySpec spec = searchOverX(9);
        spec.fixed.set("y", 0.0);
        SpaceChange first;
        first.derived = {{"y", "2 * x", RealDomain{-9, 9}}};
        spec = withChangedSpace(spec, first, 1);
        SpaceChange second;
        second.space = {{"y", RealDomain{0, 1}, {}}};
        spec = withChangedSpace(spec, second, 2);
        QVERIFY(spec.derived.empty());
        QCOMPARE(spec.space.size(), std::size_t{2});
        spec = withChangedSpace(spec, first, 3);
        QCOMPARE(spec.space.size(), std::size_t{1});
        QCOMPARE(spec.earlierSpaces.size(), std::size_t{3});
    }

    void aTrialFitsOrSaysWhyNot() {
        StudySpec spec = narrowed(9);
        QVERIFY(!misfitOf(spec, {{"x", 0.5}}));
        QCOMPARE(misfitOf(spec, {{"x", 0.75}}).value(),
                 std::string("x 0.75 is above 0.5; choose -0.5 to 0.5"));
        QCOMPARE(misfitOf(spec, {}).value(), std::string("x has no value"));
        spec.forbidden = {"x > 0.2"};
        QVERIFY(misfitOf(spec, {{"x", 0.25}})->find("is forbidden") != std::string::npos);
        spec.fixed.set("y", 0.0);
        spec.derived = {{"y", "2 * x", RealDomain{-9, 9}}};
        QVERIFY(!misfitOf(spec, {{"x", 0.125}, {"y", 0.25}}));
        QCOMPARE(misfitOf(spec, {{"x", 0.125}, {"y", 0.0}}).value(),
                 std::string("y is 0 in it and would be 0.25 now"));
        spec.derived.clear();
        spec.earlierSpaces.back().space.push_back({"y", RealDomain{0, 1}, {}});
        QCOMPARE(misfitOf(spec, {{"x", 0.125}, {"y", 0.25}}).value(),
                 std::string("y is 0.25 in it and 0 in the study now"));
    }

    void trialsThatLieInTheNewSpaceStayHistory() {
        std::vector<std::int64_t> seen;
        const auto script = [&seen](const StudyView& study, std::string&) -> Result<ParamValues> {
            seen.clear();
            for (const ObservedTrial& trial : study.trials)
                seen.push_back(trial.number);
            return ParamValues{{"x", 0.125 * static_cast<double>(study.trials.size())}};
        };
        StudyBench bench(quick());
        const StudyOutcome outcome =
            bench.run(narrowed(5), kThree, std::make_unique<ScriptedSampler>(script));
        QCOMPARE(outcome.problem, std::string());
        QCOMPARE(seen, (std::vector<std::int64_t>{1, 3}));
        QCOMPARE(bench.rows.size(), std::size_t{2}); // all five count for the budget
        QCOMPARE(bench.rows[0].number, 3);
        QCOMPARE(outcome.complete, std::size_t{5});
        QVERIFY(outcome.best != std::optional(TrialId{100})); // the lowest, but outside
        QVERIFY(
            bench.hasHappened("The space was changed (version 2): 2 of 3 earlier trials do not lie in it and "
                              "are left out of the search 0"));
        QVERIFY(bench.hasHappened(
            "Left out of the search, not in the space that the study searches now: x 0.75 is "
            "above 0.5; choose -0.5 to 0.5 102"));
    }

    void itIsToldOnce() {
        std::vector<EarlierTrial> four = kThree;
        four.push_back(over(3, 0.1));
        StudyBench bench(quick());
        QCOMPARE(bench.run(narrowed(5), four).complete, std::size_t{5});
        for (const std::string& line : bench.diary())
            QVERIFY2(line.find("eft out") == std::string::npos, line.c_str());
    }

    void aWaitingTrialOutsideIsNotRun() {
        const std::vector<EarlierTrial> trials{over(0, 0.25), over(1, 0.75, TrialState::Interrupted),
                                               over(2, 0.125, TrialState::Interrupted)};
        StudyBench bench(quick());
        const StudyOutcome outcome = bench.run(narrowed(3), trials);
        QCOMPARE(outcome.complete, std::size_t{2});
        QCOMPARE(outcome.failed, std::size_t{1});
        QVERIFY(bench.hasHappened("failed 101"));
        QVERIFY(!bench.hasHappened("queued 101"));
        QVERIFY(bench.hasHappened("queued 102"));
    }

    void aWidenedSpaceKeepsAllTrials() {
        SpaceChange change;
        change.space = {{"x", RealDomain{-3, 3}, {}}};
        StudyBench bench(quick());
        const StudyOutcome outcome = bench.run(withChangedSpace(searchOverX(6), change, 3), kThree);
        QCOMPARE(outcome.complete, std::size_t{6});
        QVERIFY(
            bench.hasHappened("The space was changed (version 2): 0 of 3 earlier trials do not lie in it and "
                              "are left out of the search 0"));
    }

    void everySamplerGoesOnInAnotherSpace() {
        Registry<Sampler> samplers;
        addBuiltinSamplers(samplers);
        for (const PartInfo& info : samplers.list()) {
            StudySpec spec = narrowed(7);
            spec.samplerOptions = {};
            StudyBench bench(quick());
            const StudyOutcome outcome = bench.run(spec, kThree, std::move(samplers.make(info.id)).value());
            QVERIFY2(outcome.complete == 7,
                     (info.id + ": " + outcome.problem).c_str()); // a grid has 4 new points
            for (const EarlierTrial& row : bench.rows)
                QVERIFY2(std::abs(row.values.real("x")) <= 0.5, info.id.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestSpaceChange)
#include "tst_space_change.moc"
