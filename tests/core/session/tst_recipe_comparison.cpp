#include "core/session/recipe_comparison.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

namespace {

struct Arm {
    std::string method, mode;
    double mean;
};

StudySpec specOfArms() {
    StudySpec spec;
    spec.space = {{"method", ChoiceDomain{{"hetero", "lora"}, {}}, {}},
                  {"mode", ChoiceDomain{{"dynamic", "static"}, {}}, {}}};
    spec.objective = {"eval_accuracy", true};
    return spec;
}

/// Seed after seed, each arm; seeds move all arms together and each by a little of its own.
std::vector<TrialRecord> trialsOf(const std::vector<Arm>& arms, int seeds) {
    std::vector<TrialRecord> trials;
    for (int seed = 1; seed <= seeds; ++seed)
        for (std::size_t i = 0; i < arms.size(); ++i) {
            TrialRecord trial;
            trial.number = static_cast<std::int64_t>(trials.size());
            trial.values = {{"method", arms[i].method}, {"mode", arms[i].mode}, {"rank", std::int64_t{8}}};
            trial.seed = static_cast<std::uint64_t>(seed);
            trial.state = TrialState::Complete;
            const double own = 0.001 * static_cast<double>((7 * static_cast<int>(i) + 3 * seed) % 5);
            trial.lastValues["eval_accuracy"] = arms[i].mean + 0.05 * seed + own;
            trials.push_back(std::move(trial));
        }
    return trials;
}

const std::vector<Arm> kArms{
    {"hetero", "dynamic", 0.60}, {"hetero", "static", 0.60}, {"lora", "dynamic", 0.50}};

} // namespace

class TestRecipeComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recipesAreToldApartByAsFewFieldsAsItTakes() {
        const auto found = compareRecipes(specOfArms(), trialsOf(kArms, 4));
        QVERIFY(found.has_value());
        QCOMPARE(found->recipes.size(), 3U);
        QCOMPARE(found->recipes[0].name, std::string("hetero, dynamic"));
        QCOMPARE(found->recipes[1].name, std::string("hetero, static"));
        QCOMPARE(found->recipes[2].name, std::string("lora"));
    }

    void meanAndSampleDeviationAreThoseOfTheSeeds() {
        std::vector<TrialRecord> trials = trialsOf({{"a", "x", 0}, {"b", "x", 0}}, 3);
        const double values[] = {1, 2, 4};
        for (std::size_t i = 0; i < 3; ++i)
            trials[2 * i].lastValues["eval_accuracy"] = values[i];
        const RecipeResult first = compareRecipes(specOfArms(), trials)->recipes[0];
        QCOMPARE(first.summary.count, 3U);
        QVERIFY(std::abs(first.summary.mean - 7.0 / 3) < 1e-12);
        QVERIFY(std::abs(first.summary.deviation - std::sqrt(7.0 / 3)) < 1e-12); // n - 1
        QCOMPARE(first.values[2].seed, 3U);
    }

    void pairingBySeedFindsWhatTheSpreadOfSeedsHides() {
        const auto found = compareRecipes(specOfArms(), trialsOf(kArms, 5));
        QVERIFY(found->comparisons[1].isPaired);
        QVERIFY(found->comparisons[1].outcome == SeedComparison::Outcome::FirstBetter);
        QVERIFY(found->comparisons[0].outcome == SeedComparison::Outcome::WithinNoise);
    }

    void theVerdictCallsNothingBetterThatChanceExplains() {
        const RecipeComparison found = *compareRecipes(specOfArms(), trialsOf(kArms, 5));
        const RecipeVerdict verdict = verdictOf(found);
        QCOMPARE(verdict.beaten, std::vector<std::size_t>{1});
        QCOMPARE(verdict.open, std::vector<std::size_t>{0});
        QVERIFY(verdict.ahead.empty() && verdict.few.empty());
        const std::string last = inWords(found).back();
        QVERIFY(last.starts_with("hetero, dynamic is better than [lora]; nothing shows that hetero, dynamic "
                                 "differs from [hetero, static]"));
    }

    void aRecipeThatIsWorseIsToldAsThat() {
        std::vector<Arm> arms = kArms;
        arms[2].mean = 0.9;
        const RecipeVerdict verdict = verdictOf(*compareRecipes(specOfArms(), trialsOf(arms, 5)));
        QCOMPARE(verdict.ahead, std::vector<std::size_t>{1});
    }

    void lessIsBetterWhereTheObjectiveIsALoss() {
        StudySpec spec = specOfArms();
        spec.objective.maximize = false;
        const RecipeVerdict verdict = verdictOf(*compareRecipes(spec, trialsOf(kArms, 5)));
        QCOMPARE(verdict.ahead, std::vector<std::size_t>{1});
    }

    void whatIsOpenSaysHowManySeedsItNeeds() {
        std::vector<Arm> arms = kArms;
        arms[1].mean += 0.0005;
        const RecipeComparison found = *compareRecipes(specOfArms(), trialsOf(arms, 5));
        const RecipeVerdict verdict = verdictOf(found);
        QVERIFY(verdict.seedsNeeded && *verdict.seedsNeeded > 5);
        QVERIFY(inWords(found).back().find("about " + std::to_string(*verdict.seedsNeeded) + " seeds") !=
                std::string::npos);
    }

    void runsThatHaveNotEndedAreMissing() {
        std::vector<TrialRecord> trials = trialsOf(kArms, 2);
        trials[5].state = TrialState::Queued;
        trials[4].state = TrialState::Failed;
        const RecipeComparison found = *compareRecipes(specOfArms(), trials);
        QCOMPARE(found.missing, 1);
        QCOMPARE(found.recipes[2].values.size(), 1U);
        QCOMPARE(verdictOf(found).few, (std::vector<std::size_t>{0, 1}));
    }

    void aSearchIsNoComparisonOfRecipes() {
        std::vector<TrialRecord> trials = trialsOf(kArms, 2);
        trials.pop_back(); // its recipe is there but once
        QVERIFY(!compareRecipes(specOfArms(), trials));
        QVERIFY(!compareRecipes(specOfArms(), {}));
        QVERIFY(!compareRecipes(specOfArms(), trialsOf({kArms[0]}, 4)));
        StudySpec search = specOfArms();
        search.space.push_back({"rank", IntDomain{1, 64}, {}});
        QVERIFY(!compareRecipes(search, trialsOf(kArms, 4)));
    }

    void whatIsSwitchedOnCountsAsTrained() {
        std::vector<TrialRecord> trials = trialsOf(kArms, 2);
        for (TrialRecord& trial : trials)
            trial.lastValues["trainable_parameters"] = 1000;
        trials[3].lastValues["enabled_parameters"] = 250; // of the first recipe, its second seed
        const RecipeComparison found = *compareRecipes(specOfArms(), trials);
        QCOMPARE(*found.recipes[0].parameters, 250.0);
        QCOMPARE(*found.recipes[1].parameters, 1000.0);
        QVERIFY(tableInWords(found)[0].ends_with("; 250 parameters"));
    }

    void testRowsJudgeWhereEveryRunHasBeenMeasuredOnThem() {
        std::vector<TrialRecord> trials = trialsOf({{"a", "x", 0}, {"b", "x", 0}}, 2);
        for (TrialRecord& trial : trials)
            trial.lastValues["test_accuracy"] = trial.number % 2 == 0 ? 0.25 : 0.75; // the second recipe
        const RecipeComparison tested = *compareRecipes(specOfArms(), trials);
        QCOMPARE(tested.metric, std::string("test_accuracy"));
        QCOMPARE(tested.recipes[0].summary.mean, 0.25);
        QCOMPARE(tested.recipes[1].summary.mean, 0.75);
        trials[3].lastValues.erase("test_accuracy");
        QCOMPARE(compareRecipes(specOfArms(), trials)->metric, std::string("eval_accuracy"));
        trials[3].state = TrialState::Failed; // it has nothing to compare
        QCOMPARE(compareRecipes(specOfArms(), trials)->metric, std::string("test_accuracy"));
    }

    void theTableHasEverySeed() {
        std::vector<TrialRecord> trials = trialsOf({{"a", "x", 0}, {"b", "x", 0}}, 2);
        trials[0].lastValues["eval_accuracy"] = 0.5;
        trials[2].lastValues["eval_accuracy"] = 0.75;
        QCOMPARE(tableInWords(*compareRecipes(specOfArms(), trials)).front(),
                 std::string("a: 0.625 ± 0.1768 (n = 2): 0.5, 0.75"));
    }
};

QTEST_GUILESS_MAIN(TestRecipeComparison)
#include "tst_recipe_comparison.moc"
