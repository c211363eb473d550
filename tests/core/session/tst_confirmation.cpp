#include "core/session/confirmation.h"
#include "core/session/earlier_trials.h"
#include "tests/core/session/study_samples.h"

#include <QtTest>

#include <array>

using namespace lathe;

namespace {

constexpr std::array<std::uint64_t, 3> kSeeds{11, 12, 13};

/// The plan as it was run: each repeat of the n-th finalist came to `means[n]` and a little of its seed.
std::vector<TrialRecord> repeatsOf(const ConfirmationPlan& plan, std::span<const double> means,
                                   double noise) {
    std::vector<TrialRecord> repeats;
    for (const NewTrial& trial : plan.trials) {
        TrialRecord record;
        record.id = TrialId{500 + trial.number};
        record.number = trial.number;
        record.values = trial.values;
        record.seed = trial.seed;
        record.origin = trial.origin;
        record.state = TrialState::Complete;
        const auto finalist = static_cast<std::size_t>(trial.number) % means.size();
        const double wobble = static_cast<double>((trial.seed * (finalist + 3)) % 5) - 2;
        record.lastValues["eval_loss"] = means[finalist] + noise * wobble;
        repeats.push_back(std::move(record));
    }
    return repeats;
}

} // namespace

class TestConfirmation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBestTrialsComeWithEachSeed() {
        const StudyContent content = test::sampleStudy(20, 8);
        const auto plan = planConfirmation(content.study, content.trials, 2, kSeeds);
        QVERIFY(plan.has_value());
        QCOMPARE(plan->trials.size(), 6U);
        QVERIFY(plan->trials[0].origin == TrialId{106}); // 1 / 7 and a little
        QVERIFY(plan->trials[1].origin == TrialId{113});
        QVERIFY(plan->trials[0].values == content.trials[6].values);
        QCOMPARE(plan->trials[1].seed, 11U);
        QCOMPARE(plan->trials[2].seed, 12U); // seed after seed
        QCOMPARE(plan->trials[5].number, 5);
        QCOMPARE(plan->spec.trialCount, 6);
        QCOMPARE(plan->spec.prunerId, std::string("none"));
        QVERIFY(plan->spec.mayRepeat);
        QCOMPARE(asPlanned(plan->spec).trialCount, 6);
    }

    void theSameValuesAreOneFinalist() {
        StudyContent content = test::sampleStudy(20, 8);
        content.trials[13].values = content.trials[6].values;
        const auto plan = planConfirmation(content.study, content.trials, 2, kSeeds);
        QVERIFY(plan->trials[1].origin == TrialId{105});
    }

    void fewerTrialsThanAskedForAreAllTaken() {
        const StudyContent content = test::sampleStudy(3, 8);
        QCOMPARE(planConfirmation(content.study, content.trials, 9, kSeeds)->trials.size(), 9U);
    }

    void whatCannotBeConfirmedIsNamed() {
        const StudyContent content = test::sampleStudy(3, 8);
        const std::array<std::uint64_t, 2> twice{4, 4};
        QCOMPARE(planConfirmation(content.study, content.trials, 2, twice).error().text(),
                 std::string("seeds: 4 is there twice; give each seed once"));
        QCOMPARE(planConfirmation(content.study, content.trials, 2, {}).error().where, std::string("seeds"));
        QCOMPARE(planConfirmation(content.study, content.trials, 0, kSeeds).error().where,
                 std::string("finalists"));
        QCOMPARE(planConfirmation(content.study, std::span<const TrialRecord>(), 2, kSeeds).error().text(),
                 std::string("study 1: has no complete trial with a score to repeat"));
    }

    void aClearDifferenceIsToldByTheWinnersName() {
        const StudyContent content = test::sampleStudy(20, 8);
        const auto plan = planConfirmation(content.study, content.trials, 2, kSeeds);
        const std::array<double, 2> means{0.9, 0.4};
        const auto repeats = repeatsOf(*plan, means, 0.001);
        const Confirmation found = confirmationOf(content.study.spec.objective, content.trials, repeats);
        QCOMPARE(found.missing, 0);
        QCOMPARE(found.trials[0].name, std::string("#14")); // what was second is the best
        const auto lines = inWords(found);
        QCOMPARE(lines.size(), 1U);
        QVERIFY2(lines[0].starts_with("#14 beats #7 by 0.") && lines[0].ends_with(" over 3 seeds"),
                 lines[0].c_str());
    }

    void chanceIsToldAsNoise() {
        const StudyContent content = test::sampleStudy(20, 8);
        const auto plan = planConfirmation(content.study, content.trials, 2, kSeeds);
        const std::array<double, 2> means{0.5, 0.501};
        const auto lines = inWords(
            confirmationOf(content.study.spec.objective, content.trials, repeatsOf(*plan, means, 0.1)));
        QVERIFY2(lines[0].ends_with("within noise"), lines[0].c_str());
    }

    void repeatsThatHaveNotEndedAreMissing() {
        const StudyContent content = test::sampleStudy(20, 8);
        const auto plan = planConfirmation(content.study, content.trials, 2, kSeeds);
        const std::array<double, 2> means{0.5, 0.6};
        auto repeats = repeatsOf(*plan, means, 0.1);
        repeats[2].state = TrialState::Running;
        repeats[3].state = TrialState::Queued;
        repeats[4].state = TrialState::Cancelled;
        repeats[5].state = TrialState::Failed;
        const Confirmation found = confirmationOf(content.study.spec.objective, content.trials, repeats);
        QCOMPARE(found.missing, 3);
        QVERIFY(inWords(found)[0].starts_with("Too few runs to tell"));
    }

    void aStudyIsUnfinishedWhileItsBudgetLastsAndSomethingIsOpen() {
        StudyContent content = test::sampleStudy(5, 8); // four of 8 steps, one pruned at 4
        StudySpec spec = content.study.spec;
        QVERIFY(!isUnfinished(spec, content.trials));
        spec.trialCount = 6;
        QVERIFY(isUnfinished(spec, content.trials));
        spec.maxSteps = 36;
        QVERIFY(!isUnfinished(spec, content.trials));
        spec.maxSteps = 37;
        QVERIFY(isUnfinished(spec, content.trials));
        spec.maxSeconds = 36;
        QVERIFY(!isUnfinished(spec, content.trials));
        spec = withBudget(spec, {5, 0, 0});
        content.trials[1].state = TrialState::Interrupted;
        QVERIFY(isUnfinished(spec, content.trials));
    }

    void aPrunedTrialThatMayGoOnIsUnfinished() {
        StudyContent content = test::sampleStudy(2, 8);
        StudySpec spec = content.study.spec;
        spec.prunerId = "successive_halving";
        spec.prunerOptions = {
            {"min_steps", std::int64_t{4}}, {"reduction", std::int64_t{2}}, {"promote", true}};
        content.trials[0].state = TrialState::Complete;
        content.trials[1].state = TrialState::Pruned;
        const bool isHigh = isPrunedMetricHigherBetter(spec);
        const auto curves = [&](double pruned) {
            return TrialCurves{{content.trials[0].id, {{4, 0.5}, {8, 0.5}}},
                               {content.trials[1].id, {{4, pruned}}}};
        };
        Registry<Pruner> pruners;
        addBuiltinPruners(pruners);
        QVERIFY(isUnfinished(spec, content.trials, curves(isHigh ? 0.9 : 0.1), pruners));
        QVERIFY(!isUnfinished(spec, content.trials, curves(isHigh ? 0.1 : 0.9), pruners));
        spec.prunerOptions.set("promote", false);
        QVERIFY(!isUnfinished(spec, content.trials, curves(isHigh ? 0.9 : 0.1), pruners));
    }
};

QTEST_GUILESS_MAIN(TestConfirmation)
#include "tst_confirmation.moc"
