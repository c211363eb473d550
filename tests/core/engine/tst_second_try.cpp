#include "core/engine/study_runner.h"
#include "tests/core/engine/study_bench.h"

#include <QtTest>

using namespace lathe;
using test::StudyBench;

namespace {

using Lines = std::vector<std::string>;

/// A task that has memory for `limit` rows at a time.
test::ScriptedTask::Script upTo(std::int64_t limit) {
    return [limit](const ParamValues& values, TrialContext& context) -> Result<TrialResult> {
        if (values.integer("rows") > limit) {
            context.report("loss", 1, 7.0, 0);
            return Error{Error::Kind::Memory, {}, "too many rows"};
        }
        return test::trainOrder(values, context);
    };
}

std::optional<ParamValues> half(const ParamValues& recipe) {
    ParamValues lighter = recipe;
    lighter.set("rows", recipe.integer("rows") / 2);
    return recipe.integer("rows") > 1 ? std::optional(lighter) : std::nullopt;
}

StudySpec withRows(std::int64_t rows) {
    StudySpec spec = test::searchOverX(1);
    spec.fixed.set("rows", rows);
    return spec;
}

constexpr const char* kNote = "tried again for want of memory, with rows 4 instead of 8";

} // namespace

class TestSecondTry : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTrialWithoutMemoryBeginsAnewWithLess() {
        StudyBench bench(upTo(4));
        bench.lighterRecipe = half;
        const StudyOutcome outcome = bench.run(withRows(8));
        QCOMPARE(outcome.complete, std::size_t{1});
        QCOMPARE(outcome.failed, std::size_t{0});
        QVERIFY(bench.diaryOf(1) ==
                (Lines{"create", "queued", "preparing", "running", "loss@1", "restart",
                       "warning: too many rows; " + std::string(kNote), "queued", "preparing", "running",
                       "loss@1", "loss@2", "finish", "complete", "note: " + std::string(kNote)}));
        QCOMPARE(bench.rows[0].values.integer("rows"), 4);
        QCOMPARE(bench.rows.size(), std::size_t{1});
    }

    void itIsTriedOnlyOnceMore() {
        StudyBench bench(upTo(2));
        bench.lighterRecipe = half;
        QCOMPARE(bench.run(withRows(8)).failed, std::size_t{1});
        QVERIFY(bench.hasHappened("note: " + std::string(kNote) + "; too many rows 1"));
        QCOMPARE(bench.rows[0].values.integer("rows"), 4);
    }

    void whatHasNoLighterFormFails() {
        StudyBench bench(upTo(0));
        bench.lighterRecipe = half;
        QCOMPARE(bench.run(withRows(1)).failed, std::size_t{1});
        QVERIFY(bench.hasHappened("note: too many rows 1"));
        bench.lighterRecipe = {};
        StudySpec spec = withRows(8);
        spec.trialCount = 2;
        QCOMPARE(bench.run(spec, {}).failed, std::size_t{2});
    }

    void aSearchedValueIsNotChanged() {
        StudyBench bench(upTo(4));
        bench.lighterRecipe = half;
        StudySpec spec = withRows(8);
        spec.space = {{"rows", IntDomain{8, 8, 1, false}, {}}};
        QCOMPARE(bench.run(spec).failed, std::size_t{1});
        QVERIFY(!bench.hasHappened("restart 1"));
    }

    void otherErrorsAreNotTriedAgain() {
        StudyBench bench([](const ParamValues&, TrialContext&) -> Result<TrialResult> {
            return inputError("rank", "is too large");
        });
        bench.lighterRecipe = half;
        QCOMPARE(bench.run(withRows(8)).failed, std::size_t{1});
        QVERIFY(!bench.hasHappened("restart 1"));
    }

    void aRestartThatCannotBeWrittenEndsTheStudy() {
        StudyBench bench(upTo(4));
        bench.lighterRecipe = half;
        bench.brokenService = "restart";
        const StudyOutcome outcome = bench.run(withRows(8));
        QCOMPARE(outcome.problem, std::string("A trial cannot begin anew: study.db: is full"));
        QCOMPARE(outcome.failed, std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestSecondTry)
#include "tst_second_try.moc"
