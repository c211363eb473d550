#include "core/search/brackets.h"
#include "core/search/builtin_pruners.h"
#include "core/search/signed_rank.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace lathe;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
using Values = std::vector<double>;

/// Values at steps 1, 2, 3, …
TrialCurve curve(std::int64_t number, TrialState state, const Values& values) {
    TrialCurve trial{number, state};
    for (const double value : values)
        trial.points.push_back({static_cast<std::int64_t>(trial.points.size()) + 1, value});
    if (state == TrialState::Complete && !values.empty())
        trial.objective = values.back();
    return trial;
}

std::vector<TrialCurve> complete(const std::vector<Values>& all) {
    std::vector<TrialCurve> trials;
    for (const Values& values : all)
        trials.push_back(curve(static_cast<std::int64_t>(trials.size()), TrialState::Complete, values));
    return trials;
}

struct Question {
    std::string pruner;
    ParamValues options;
    std::vector<TrialCurve> others;
    TrialCurve asked;
};

Question question(const char* pruner, ParamValues options, std::vector<TrialCurve> others,
                  const Values& values) {
    const auto number = static_cast<std::int64_t>(others.size());
    return {pruner, std::move(options), std::move(others), curve(number, TrialState::Running, values)};
}

/// Empty: goes on.
std::string ask(const Question& given, bool isHigherBetter) {
    Registry<Pruner> pruners;
    addBuiltinPruners(pruners);
    StudySpec spec;
    spec.prunerId = given.pruner;
    spec.prunerOptions = given.options;
    spec.objective = {"figure", isHigherBetter};
    auto pruner = makePruner(pruners, spec);
    if (!pruner.has_value())
        return pruner.error().text();
    std::vector<TrialCurve> trials = given.others;
    trials.push_back(given.asked);
    return pruner.value()->reasonToPrune({spec, isHigherBetter, trials}, trials.back()).value_or("");
}

/// The same question with better and worse exchanged.
Question mirrored(Question given) {
    given.others.push_back(given.asked);
    for (TrialCurve& trial : given.others) {
        for (CurvePoint& point : trial.points)
            point.value = -point.value;
        if (trial.objective)
            trial.objective = -*trial.objective;
    }
    given.asked = given.others.back();
    given.others.pop_back();
    return given;
}

std::string errorOf(const char* id, const ParamValues& options) {
    Registry<Pruner> pruners;
    addBuiltinPruners(pruners);
    StudySpec spec;
    spec.prunerId = id;
    spec.prunerOptions = options;
    const auto pruner = makePruner(pruners, spec);
    return pruner.has_value() ? "" : pruner.error().text();
}

const std::vector<Values> kSix{{0.9, 0.8, 0.60}, {0.9, 0.8, 0.62}, {0.9, 0.8, 0.64},
                               {0.9, 0.8, 0.68}, {0.9, 0.8, 0.70}, {0.9, 0.8, 0.72}};
const std::vector<Values> kTwo{{0.5}, {0.6}};

} // namespace

Q_DECLARE_METATYPE(Question)

class TestPruners : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachRuleHoldsInBothDirections_data() {
        QTest::addColumn<Question>("asked");
        QTest::addColumn<bool>("isPruned");
        addMedianRows();
        addHalvingRows();
        addOtherRows();
    }

    void eachRuleHoldsInBothDirections() {
        QFETCH(Question, asked);
        QFETCH(bool, isPruned);
        const std::string lower = ask(asked, false);
        QVERIFY2(lower.empty() == !isPruned, lower.c_str());
        const std::string higher = ask(mirrored(asked), true);
        QVERIFY2(higher.empty() == !isPruned, higher.c_str());
    }

    void reasonsNameBothValues() {
        QCOMPARE(ask(question("median", {}, complete(kSix), {0.9, 0.8, 0.71}), false),
                 std::string("0.71 at step 3 is worse than the median 0.66 of 6 trials"));
        QCOMPARE(ask(question("successive_halving", {{"min_steps", std::int64_t{1}}}, complete(kTwo), {0.55}),
                     false),
                 std::string("0.55 at step 1 is not among the best 1 of 3 trials at the rung of step 1"));
        QCOMPARE(ask(question("divergence", {}, {}, {0.5, 6}), false),
                 std::string("6 at step 2 is more than 10 times worse than its best 0.5"));
        QCOMPARE(ask(question("threshold", {{"upper", 2.0}}, {}, {3}), false),
                 std::string("3 at step 1 is above the threshold 2"));
        QCOMPARE(
            ask(question("patient", {{"patience", std::int64_t{1}}}, {}, {0.4, 0.5, 0.6}), false),
            std::string("no better than 0.4 in the last 2 values up to step 3, the best of which is 0.5"));
    }

    void thresholdsAndRatiosAreOfTheValuesThemselves() {
        const ParamValues bounds{{"lower", -1.0}, {"upper", 1.0}};
        for (const bool isHigherBetter : {false, true}) {
            QVERIFY(ask(question("threshold", bounds, {}, {1.0}), isHigherBetter).empty());
            QVERIFY(ask(question("threshold", bounds, {}, {-1.0}), isHigherBetter).empty());
            QVERIFY(!ask(question("threshold", bounds, {}, {1.1}), isHigherBetter).empty());
            QVERIFY(!ask(question("threshold", bounds, {}, {-1.1}), isHigherBetter).empty());
            QVERIFY(!ask(question("threshold", {}, {}, {kNan}), isHigherBetter).empty());
            QVERIFY(ask(question("threshold", {}, {}, {1e290}), isHigherBetter).empty());
        }
        QVERIFY(ask(question("divergence", {}, {}, {0.5, 5.0}), false).empty());
        QVERIFY(!ask(question("divergence", {}, {}, {0.9, 0.05}), true).empty());
        QVERIFY(ask(question("divergence", {}, {}, {0.9, 0.1}), true).empty());
        QVERIFY(ask(question("divergence", {}, {}, {-0.5, 600.0}), false).empty()); // a ratio says nothing
    }

    void aPatientPrunerAsksTheOneBehindIt() {
        ParamValues options{{"patience", std::int64_t{0}},
                            {"wrapped", std::string("median")},
                            {"startup_trials", std::int64_t{6}}};
        const Values stuck{0.9, 0.8, 0.71, 0.71, 0.72};
        std::vector<TrialCurve> others = complete(kSix);
        for (TrialCurve& trial : others)
            trial.points.insert(trial.points.end(), {{4, 0.6}, {5, 0.6}});
        QCOMPARE(ask(question("patient", options, others, stuck), false),
                 std::string("0.71 at step 5 is worse than the median 0.6 of 6 trials"));
        options.set("startup_trials", std::int64_t{7});
        QVERIFY(ask(question("patient", options, others, stuck), false).empty());
    }

    void wrongOptionsAreNamed() {
        QCOMPARE(errorOf("medium", {}),
                 std::string("medium: is not known; choose one of none, median, percentile, "
                             "successive_halving, hyperband, patient, wilcoxon, threshold, "
                             "divergence"));
        QVERIFY(errorOf("median", {{"percentile", 3.0}}).find("percentile") == 0);
        QCOMPARE(errorOf("threshold", {{"lower", 2.0}, {"upper", 1.0}}),
                 std::string("lower: 2 is above upper, 1, so that every trial would end; exchange them"));
        QVERIFY(errorOf("patient", {{"wrapped", std::string("threshold")}, {"lower", 2.0}, {"upper", 1.0}})
                    .find("lower") == 0);
        QVERIFY(errorOf("hyperband", {{"min_steps", std::int64_t{9}}, {"max_steps", std::int64_t{3}}})
                    .find("max_steps: 3 is below min_steps, 9") == 0);
        QVERIFY(errorOf("hyperband", {}).empty());
    }

    void theMetricPrunedByIsTheObjectivesUnlessChosen() {
        StudySpec spec;
        spec.objective = {"best_eval_accuracy", true};
        QCOMPARE(prunedMetric(spec), std::string("eval_accuracy"));
        QVERIFY(isPrunedMetricHigherBetter(spec));
        spec.pruneMetric = "eval_loss";
        QCOMPARE(prunedMetric(spec), std::string("eval_loss"));
        QVERIFY(!isPrunedMetricHigherBetter(spec));
        spec.pruneMetric = "eval_accuracy";
        spec.objective.maximize = false; // the study's word counts, not the name
        QVERIFY(!isPrunedMetricHigherBetter(spec));
    }

    /// Li et al. 2018, the sizes of the brackets for R = 81 and eta = 3.
    void bracketsAreThoseOfThePaper() {
        const Brackets brackets = Brackets::make(1, 81, 3);
        QCOMPARE(brackets.count, std::size_t{5}); // s_max = 4
        std::vector<std::int64_t> sizes;
        for (std::size_t bracket = 0; bracket < brackets.count; ++bracket)
            sizes.push_back(brackets.weight(bracket));
        QVERIFY(sizes == (std::vector<std::int64_t>{81, 34, 15, 8, 5}));
        QCOMPARE(Brackets::make(1, 80, 3).count, std::size_t{4});
        QCOMPARE(Brackets::make(1, 243, 3).count, std::size_t{6}); // exact powers, which logarithms miss
        QCOMPARE(Brackets::make(5, 5, 3).count, std::size_t{1});
    }

    void aTrialsBracketIsFixedAndDrawnByWeight() {
        const Brackets brackets = Brackets::make(1, 81, 3);
        std::vector<int> counts(brackets.count);
        for (std::int64_t number = 0; number < 14300; ++number)
            ++counts[brackets.of(42, number)];
        for (std::size_t bracket = 0; bracket < brackets.count; ++bracket) {
            // 143 is the sum of the weights; four standard deviations of a binomial count
            const double expected = 100.0 * static_cast<double>(brackets.weight(bracket));
            QVERIFY(std::abs(counts[bracket] - expected) < 4 * std::sqrt(expected));
        }
        QCOMPARE(brackets.of(42, 7), Brackets::make(1, 81, 3).of(42, 7));
    }

    void hyperbandComparesWithinItsBracket() {
        StudySpec spec;
        const Brackets brackets = Brackets::make(1, 9, 3);
        std::int64_t rival = -1; // of the first bracket, as is `asked`; all between are of others
        std::int64_t asked = -1;
        std::vector<TrialCurve> trials;
        for (std::int64_t number = 0; asked < 0; ++number) {
            const bool isFirst = brackets.of(spec.seed, number) == 0;
            if (isFirst && rival >= 0)
                asked = number;
            else if (isFirst)
                rival = number;
            trials.push_back(curve(number, TrialState::Running, {number == rival ? 0.5 : 0.1}));
        }
        const auto reason = [&](double value) {
            trials.back().points.back().value = value;
            Question given{"hyperband", {{"max_steps", std::int64_t{9}}}, trials, trials.back()};
            given.others.pop_back();
            return ask(given, false);
        };
        QVERIFY(reason(0.4).empty()); // worse than the other brackets' 0.1, but they are not asked
        QVERIFY(reason(0.6).find("0.6 at step 1 is not among the best 1 of 2 trials") == 0);
        QVERIFY(reason(0.6).ends_with("(bracket 1 of 3)"));
    }

    void aSamplerUnderHyperbandSeesItsBracket() {
        StudySpec spec;
        spec.prunerId = "hyperband";
        std::vector<ObservedTrial> trials;
        for (std::int64_t number = 0; number < 40; ++number)
            trials.push_back({number, {}, TrialState::Complete, 0.5, 27});
        const auto seen = comparableTrials({spec, trials});
        const Brackets brackets = Brackets::make(1, 27, 3);
        QVERIFY(!seen.empty() && seen.size() < trials.size());
        for (const ObservedTrial& trial : seen)
            QCOMPARE(brackets.of(spec.seed, trial.number), brackets.of(spec.seed, 40));
        spec.prunerId = "median";
        QCOMPARE(comparableTrials({spec, trials}).size(), trials.size());
    }

    /// scipy 1.17.1: stats.wilcoxon(d, alternative="greater", zero_method="zsplit", correction=False).
    void signedRanksAgreeWithScipy() {
        const auto close = [](double a, double b) { return std::abs(a - b) < 1e-12; };
        const Values mixed{0.5, -0.2, 0.3, 1.1, -0.7, 0.9, 0.05, 0.6};
        Values opposite = mixed;
        std::ranges::for_each(opposite, [](double& value) { value = -value; });
        QVERIFY(close(signedRankP(Values{0.1, 0.2}), 0.25));
        QVERIFY(close(signedRankP(Values{0.1, 0.2, 0.3, 0.4, 0.5}), 0.03125));
        QVERIFY(close(signedRankP(mixed), 0.09765625));
        QVERIFY(close(signedRankP(opposite), 0.92578125));
        QVERIFY(close(signedRankP(Values{1, 1, -1, 2, 0, 2, 3}), 0.0625)); // equal sizes and a zero
        QVERIFY(close(signedRankP(Values{1, 0, 0, -1, 2}), 0.375));
        QVERIFY(close(signedRankP(Values{0, 0, 0}), 1));
        QVERIFY(close(signedRankP(Values{}), 1));
        const auto many = [](int count) {
            Values values;
            for (int i = 0; i < count; ++i)
                values.push_back(i * 37 % 101 - 40.25);
            return values;
        };
        QVERIFY(close(signedRankP(many(50)), 0.019507762760930802)); // the last exact one
        QVERIFY(close(signedRankP(many(60)), 0.01310102003234621));  // the normal approximation
        Values tied;
        for (int i = 0; i < 60; ++i)
            tied.push_back(i * 7 % 11 - 4);
        QVERIFY(close(signedRankP(tied), 0.012737482130373665));
    }

private:
    static void row(const char* name, Question asked, bool isPruned) {
        QTest::newRow(name) << std::move(asked) << isPruned;
    }

    static void addMedianRows() {
        const auto six = complete(kSix); // the median at step 3 is 0.66
        row("none", question("none", {}, six, {9, 9, kNan}), false);
        row("median: worse", question("median", {}, six, {0.9, 0.8, 0.67}), true);
        row("median: equal", question("median", {}, six, {0.9, 0.8, 0.66}), false);
        row("median: the best so far counts", question("median", {}, six, {0.9, 0.5, 0.9}), false);
        row("median: only NaN", question("median", {}, six, {kNan, kNan, kNan}), true);
        row("median: NaN after a good value", question("median", {}, six, {0.9, 0.5, kNan}), false);
        row("median: too few complete",
            question("median", {{"startup_trials", std::int64_t{7}}}, six, {0.9, 0.9, 0.9}), false);
        row("median: none complete", question("median", {{"startup_trials", std::int64_t{0}}}, {}, {0.9}),
            false);
        row("median: warming up",
            question("median", {{"warmup_steps", std::int64_t{4}}}, six, {0.9, 0.9, 0.9}), false);
        row("median: in the interval",
            question("median", {{"warmup_steps", std::int64_t{1}}, {"interval", std::int64_t{5}}}, six,
                     {0.9, 0.9, 0.9}),
            false);
        row("median: first of the interval",
            question("median", {{"interval", std::int64_t{3}}}, six, {0.9, 0.9, 0.9}), true);
        row("median: a step nobody has", question("median", {}, six, {0.9, 0.9, 0.9, 0.9}), false);
        auto withNan = six;
        withNan[0].points[2].value = kNan; // the median of the other five is 0.68
        row("median: NaN of others is passed over", question("median", {}, withNan, {0.9, 0.8, 0.67}), false);
        row("median: too few at the step",
            question("median", {{"min_trials", std::int64_t{7}}}, six, {0.9, 0.9, 0.9}), false);
        row("percentile: in the best half",
            question("percentile", {{"percentile", 50.0}}, six, {0.9, 0.8, 0.65}), false);
        row("percentile: not in the best quarter", question("percentile", {}, six, {0.9, 0.8, 0.65}),
            true); // 0.625
        row("percentile: in the best quarter", question("percentile", {}, six, {0.9, 0.8, 0.62}), false);
    }

    static void addHalvingRows() {
        const ParamValues from1{{"min_steps", std::int64_t{1}}, {"reduction", std::int64_t{2}}};
        const auto four = complete({{0.1, 0.1, 0.1, 0.1}, {0.2, 0.2, 0.2, 0.2}, {0.3, 0.3}, {0.4}});
        row("halving: the best of few", question("successive_halving", from1, {}, {0.5}), false);
        row("halving: second of five", question("successive_halving", from1, four, {0.15}), false);
        row("halving: third of five", question("successive_halving", from1, four, {0.25}), true);
        row("halving: as good as the last that goes on", question("successive_halving", from1, four, {0.2}),
            false);
        row("halving: between rungs", question("successive_halving", from1, four, {0.15, 0.15, 0.9}), false);
        row("halving: at the next rung", question("successive_halving", from1, four, {0.15, 0.25}), true);
        row("halving: NaN at a rung", question("successive_halving", from1, four, {0.15, kNan}), true);
        row("halving: NaN between rungs", question("successive_halving", from1, four, {0.15, 0.15, kNan}),
            false);
        row("halving: a rung left out",
            question("successive_halving", {{"min_steps", std::int64_t{1}}, {"min_rate", std::int64_t{1}}},
                     four, {0.9}),
            false);
        row("halving: the first rung is found", question("successive_halving", {}, four, {0.9}), true);
        row("halving: nothing complete yet", question("successive_halving", {}, {}, {0.9}), false);
        row("halving: bootstrap",
            question("successive_halving", {{"min_steps", std::int64_t{1}}, {"bootstrap", std::int64_t{2}}},
                     complete({{0.5}}), {0.1}),
            true);
        row("hyperband: nothing complete yet", question("hyperband", {}, {}, {0.9}), false);
        row("hyperband: alone in its bracket",
            question("hyperband", {{"max_steps", std::int64_t{9}}}, {}, {0.9}), false);
    }

    static void addOtherRows() {
        const ParamValues two{{"patience", std::int64_t{1}}};
        row("patient: still improving", question("patient", two, {}, {0.5, 0.6, 0.4}), false);
        row("patient: no longer", question("patient", two, {}, {0.5, 0.6, 0.6}), true);
        row("patient: too short to tell", question("patient", two, {}, {0.5, 0.6}), false);
        row("patient: equal is not worse", question("patient", two, {}, {0.5, 0.5, 0.5}), false);
        row("patient: within delta",
            question("patient", {{"patience", std::int64_t{1}}, {"min_delta", 0.2}}, {}, {0.5, 0.6, 0.6}),
            false);
        row("patient: NaN since", question("patient", two, {}, {0.5, kNan, 0.6}), true);
        row("patient: only NaN since", question("patient", two, {}, {0.5, kNan, kNan}), false);
        row("divergence: NaN", question("divergence", {}, {}, {0.5, kNan}), true);
        row("divergence: infinite",
            question("divergence", {}, {}, {0.5, std::numeric_limits<double>::infinity()}), true);
        row("divergence: warming up",
            question("divergence", {{"warmup_steps", std::int64_t{3}}}, {}, {0.5, kNan}), false);
        row("threshold: NaN", question("threshold", {}, {}, {kNan}), true);
        row("threshold: NaN in the interval",
            question("threshold", {{"interval", std::int64_t{5}}}, {}, {1, kNan}), false);
        const auto best = complete({{2, 2, 2, 2, 2}, {2, 3, 4, 5, 6}});
        const Values worse{2.1, 2.2, 2.3, 2.4};
        row("wilcoxon: worse on every step", question("wilcoxon", {}, best, worse), true);        // p = 1/16
        row("wilcoxon: too few to tell", question("wilcoxon", {}, best, {2.1, 2.2, 2.3}), false); // p = 1/8
        row("wilcoxon: better", question("wilcoxon", {}, best, {1.9, 1.8, 1.7, 1.6}), false);
        row("wilcoxon: a sterner threshold", question("wilcoxon", {{"p_threshold", 0.05}}, best, worse),
            false);
        row("wilcoxon: NaN", question("wilcoxon", {}, best, {2.1, 2.2, 2.3, kNan}), false);
        row("wilcoxon: steps to share",
            question("wilcoxon", {{"startup_steps", std::int64_t{5}}}, best, worse), false);
        row("wilcoxon: the mean is better",
            question("wilcoxon", {}, complete({{1, 2, 3, 4, 5}}), {1.1, 2.2, 3.3, 4.4}), false);
        row("wilcoxon: no best yet", question("wilcoxon", {}, {}, {1.1, 2.2, 3.3, 4.4}), false);
    }
};

QTEST_APPLESS_MAIN(TestPruners)
#include "tst_pruners.moc"
