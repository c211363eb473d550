#include "core/engine/study_runner.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

using namespace lathe;
using test::StudyBench;

namespace {

EarlierTrial earlier(std::int64_t number, TrialState state, std::optional<double> objective = std::nullopt) {
    return {TrialId{100 + number},
            number,
            {{"steps", std::int64_t{2}}, {"x", 0.01 * static_cast<double>(number)}},
            mixSeed(42, static_cast<std::uint64_t>(number)),
            state,
            objective};
}

/// What each task was given, in order; the inline executor's thread alone writes.
struct Seen {
    std::vector<std::int64_t> ids;
    std::vector<bool> resumes;
    std::vector<std::uint64_t> seeds;
    std::vector<double> xs;

    test::ScriptedTask::Script script() {
        return [this](const ParamValues& values, TrialContext& context) {
            ids.push_back(context.id.value);
            resumes.push_back(context.shouldResume);
            seeds.push_back(context.seed);
            xs.push_back(values.real("x"));
            return test::trainOrder(values, context);
        };
    }
};

/// Runs until `count` trials have begun, as if the process then ended; answers the rows as a store would.
std::vector<EarlierTrial> rowsAfter(StudyBench& bench, const StudySpec& spec, std::int64_t count) {
    StudySpec shorter = spec;
    shorter.trialCount = count;
    bench.run(shorter);
    static_cast<void>(bench.diary()); // brings the rows' states up to date
    return bench.rows;
}

} // namespace

class TestStudyRunnerResume : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void unfinishedTrialsRunAgainFirstFromTheirCheckpoints() {
        Seen seen;
        StudyBench bench(seen.script());
        const std::vector<EarlierTrial> trials{
            earlier(6, TrialState::Running),   earlier(0, TrialState::Complete, 0.5),
            earlier(1, TrialState::Cancelled), earlier(2, TrialState::Interrupted),
            earlier(3, TrialState::Queued),    earlier(4, TrialState::Paused),
            earlier(5, TrialState::Preparing), earlier(7, TrialState::Finishing)};
        const StudyOutcome outcome = bench.run(test::searchOverX(9), trials);
        QVERIFY(seen.ids == (std::vector<std::int64_t>{101, 102, 103, 104, 105, 106, 107, 1}));
        QVERIFY(seen.resumes == (std::vector<bool>{true, true, true, true, true, true, true, false}));
        QCOMPARE(seen.seeds[1], mixSeed(42, 2));
        QCOMPARE(seen.xs[1], 0.02);
        QCOMPARE(outcome.complete, std::size_t{9});
        QCOMPARE(bench.rows.size(), std::size_t{1});
        QCOMPARE(bench.rows[0].number, 8);
    }

    void aResumedTrialIsQueuedButNotCreatedAgain() {
        StudyBench bench(test::trainOrder);
        bench.run(test::searchOverX(1), {earlier(0, TrialState::Interrupted)});
        QVERIFY(bench.diaryOf(100) == (std::vector<std::string>{"queued", "preparing", "running", "loss@1",
                                                                "loss@2", "finish", "complete"}));
    }

    void failedAndPrunedTrialsStayAsTheyAre() {
        Seen seen;
        StudyBench bench(seen.script());
        const StudyOutcome outcome = bench.run(
            test::searchOverX(2), {earlier(0, TrialState::Failed), earlier(1, TrialState::Pruned, 0.1)});
        QVERIFY(seen.ids.empty());
        QCOMPARE(outcome.failed, std::size_t{1});
        QCOMPARE(outcome.pruned, std::size_t{1});
        QVERIFY(!outcome.best.has_value());
    }

    void anEarlierTrialCanBeTheBest() {
        StudyBench bench(test::trainOrder);
        const StudyOutcome outcome =
            bench.run(test::searchOverX(3), {earlier(0, TrialState::Complete, -1.0)});
        QVERIFY(outcome.best == TrialId{100});
        QCOMPARE(outcome.complete, std::size_t{3});
    }

    void theSamplerSeesTheSearchedKeysOfEarlierTrials() {
        std::vector<ObservedTrial> seen;
        auto sampler = std::make_unique<test::ScriptedSampler>([&seen](const StudyView& study, std::string&) {
            seen.assign(study.trials.begin(), study.trials.end());
            return Result<ParamValues>(ParamValues{{"x", 0.5}});
        });
        StudyBench bench(test::trainOrder);
        bench.run(test::searchOverX(3),
                  {earlier(1, TrialState::Failed), earlier(0, TrialState::Complete, 0.25)},
                  std::move(sampler));
        QCOMPARE(seen.size(), std::size_t{2});
        QVERIFY(seen[0].values == (ParamValues{{"x", 0.0}}));
        QVERIFY(seen[0].objective == 0.25);
        QVERIFY(seen[1].state == TrialState::Failed);
    }

    void aResumedStudyEqualsOneWithoutPause() {
        const StudySpec spec = test::searchOverX(8);
        StudyBench whole(test::trainOrder);
        whole.run(spec);
        StudyBench parts(test::trainOrder);
        const std::vector<EarlierTrial> rows = rowsAfter(parts, spec, 3);
        parts.run(spec, rows);
        QCOMPARE(parts.rows.size(), whole.rows.size());
        for (std::size_t i = 0; i < whole.rows.size(); ++i) {
            QVERIFY(parts.rows[i].values == whole.rows[i].values);
            QCOMPARE(parts.rows[i].seed, whole.rows[i].seed);
            QCOMPARE(parts.rows[i].number, whole.rows[i].number);
        }
    }

    void theSamplersStateIsSavedAfterEachAskThatChangesIt() {
        const auto counting = [] {
            return std::make_unique<test::ScriptedSampler>([](const StudyView& study, std::string& state) {
                if (study.trials.size() != 1)
                    state += "x";
                return Result<ParamValues>(ParamValues{{"x", 0.1 * static_cast<double>(state.size())}});
            });
        };
        StudyBench bench(test::trainOrder);
        bench.run(test::searchOverX(3), {}, counting());
        QVERIFY(bench.samplerStates == (std::vector<std::string>{"x", "xx"}));
        StudyBench again(test::trainOrder);
        again.run(test::searchOverX(1), {}, counting(), "xxxx");
        QCOMPARE(again.rows[0].values.real("x"), 0.5);
    }

    void aStateThatCannotBeRestoredEndsTheStudyBeforeItBegins() {
        StudyBench bench(test::trainOrder);
        const StudyOutcome outcome = bench.run(test::searchOverX(3), {earlier(0, TrialState::Interrupted)},
                                               test::answering({}), "broken");
        QCOMPARE(outcome.problem,
                 std::string("The search cannot go on from its saved state: the state is broken"));
        QVERIFY(!bench.hasHappened("queued 100"));
    }

    void anEarlierTrialThatDoesNotFitTheSpaceEndsTheStudy() {
        StudyBench bench(test::trainOrder);
        EarlierTrial trial = earlier(0, TrialState::Complete, 0.5);
        trial.values = {};
        const StudyOutcome outcome = bench.run(test::searchOverX(3), {trial});
        QVERIFY(outcome.problem.find("x is searched but has no value") == 0);
        QVERIFY(bench.rows.empty());
    }
};

QTEST_GUILESS_MAIN(TestStudyRunnerResume)
#include "tst_study_runner_resume.moc"
