#include "core/search/builtin_search.h"
#include "core/search/ranking.h"
#include "tests/core/search/zdt.h"

#include <QtTest>

#include <algorithm>

using namespace lathe;

namespace {

/// Loss to make small and accuracy to make large; what else a trial needs is added.
ObservedTrial trialOf(std::int64_t number, double loss, double accuracy,
                      TrialState state = TrialState::Complete) {
    ObservedTrial trial{number, {}, state, loss};
    trial.furtherObjectives = {accuracy};
    return trial;
}

StudySpec twoObjectives() {
    StudySpec spec;
    spec.objective = {"loss", false};
    spec.furtherObjectives = {{"accuracy", true}};
    return spec;
}

std::vector<std::int64_t> numbersOf(const std::vector<const ObservedTrial*>& trials) {
    std::vector<std::int64_t> numbers;
    for (const ObservedTrial* trial : trials)
        numbers.push_back(trial->number);
    return numbers;
}

std::vector<std::int64_t> bestNumbers(const StudyView& study, std::size_t count) {
    std::vector<std::int64_t> numbers = numbersOf(bestTrials(study, count));
    std::ranges::sort(numbers);
    return numbers;
}

constexpr std::size_t kGenes = 30;

/// A study with a population of two over so many parameters that nearly every value of a child is a parent's.
StudySpec breeding() {
    StudySpec spec = twoObjectives();
    for (std::size_t i = 0; i < kGenes; ++i)
        spec.space.push_back({"x" + std::to_string(i), RealDomain{0, 1}, {}});
    spec.samplerOptions = {{"population", std::int64_t{4}}};
    return spec;
}

ObservedTrial allAt(double place, ObservedTrial trial) {
    for (std::size_t i = 0; i < kGenes; ++i)
        trial.values.set("x" + std::to_string(i), place);
    return trial;
}

/// How many values of ten children of the trials are `place`.
int inherited(const StudySpec& spec, const std::vector<ObservedTrial>& trials, double place) {
    int count = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        Rng rng(seed);
        const ParamValues child = makeNsga2Sampler()->ask({spec, trials}, rng).value();
        for (const auto& [key, value] : child.map())
            count += value == ParamValue(place) ? 1 : 0;
    }
    return count;
}

} // namespace

class TestSeveralObjectives : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFrontIsFeasibleCompleteAndBetteredByNone() {
        std::vector<ObservedTrial> trials{trialOf(0, 2, 0.9),
                                          trialOf(1, 1, 0.5),
                                          trialOf(2, 2, 0.8),
                                          trialOf(3, 0, 1),
                                          trialOf(4, 0, 1, TrialState::Pruned),
                                          trialOf(5, 0, NAN),
                                          trialOf(6, 1, 0.5)};
        trials[3].constraints = {0.1};
        const StudySpec spec = twoObjectives();
        QCOMPARE(frontOf({spec, trials}), (std::vector<std::size_t>{1, 6, 0}));
        StudySpec one = spec;
        one.furtherObjectives.clear();
        for (ObservedTrial& trial : trials)
            trial.furtherObjectives.clear();
        QCOMPARE(frontOf({one, trials}), (std::vector<std::size_t>{5}));
    }

    void trialsAreRankedByTheirFronts() {
        std::vector<ObservedTrial> trials{trialOf(0, 3, 0.1), trialOf(1, 2, 0.5),
                                          trialOf(2, 1, 0.4), trialOf(3, 0, 0.9, TrialState::Pruned),
                                          trialOf(4, 0, 1),   trialOf(5, 2, INFINITY)};
        trials[4].constraints = {2};
        const StudySpec spec = twoObjectives();
        QCOMPARE(numbersOf(rankedTrials({spec, trials})), (std::vector<std::int64_t>{1, 2, 0, 3, 4}));
    }

    /// By hand: up to (5.5, 4.4) trial 2 alone dominates most, then 1 adds 2.4, 3 adds 0.5 and 0 adds 0.4.
    void theBetterPartTakesOfTheLastFrontWhatDominatesMost() {
        StudySpec spec = twoObjectives();
        spec.furtherObjectives[0].maximize = false;
        const std::vector<ObservedTrial> trials{trialOf(0, 0, 4), trialOf(1, 1, 2), trialOf(2, 2, 1),
                                                trialOf(3, 5, 0), trialOf(4, 6, 6), trialOf(5, 3, 3)};
        const StudyView study{spec, trials};
        using Numbers = std::vector<std::int64_t>;
        QCOMPARE(bestNumbers(study, 0), Numbers());
        QCOMPARE(bestNumbers(study, 1), (Numbers{2}));
        QCOMPARE(bestNumbers(study, 2), (Numbers{1, 2}));
        QCOMPARE(bestNumbers(study, 3), (Numbers{1, 2, 3}));
        QCOMPARE(bestNumbers(study, 4), (Numbers{0, 1, 2, 3}));
        QCOMPARE(bestNumbers(study, 5), (Numbers{0, 1, 2, 3, 5}));
        QCOMPARE(bestNumbers(study, 9), (Numbers{0, 1, 2, 3, 4, 5}));
    }

    void infeasibleTrialsHaveNoChildrenWhereOthersCan() {
        std::vector<ObservedTrial> trials{allAt(0.25, trialOf(0, 5, 0)),   allAt(0.5, trialOf(1, 4, 0)),
                                          allAt(0.25, trialOf(2, 4, 0.1)), allAt(0.5, trialOf(3, 6, 0.2)),
                                          allAt(0.75, trialOf(4, 0, 1)),   allAt(0.75, trialOf(5, 0, 1)),
                                          allAt(0.75, trialOf(6, 0, 1)),   allAt(0.75, trialOf(7, 0, 1))};
        for (std::size_t i = 4; i < 8; ++i)
            trials[i].constraints = {1};
        const StudySpec spec = breeding();
        QCOMPARE(inherited(spec, trials, 0.75), 0);
        QVERIFY(inherited(spec, trials, 0.25) > 100);
        // The one with the least violation survives where nothing is feasible.
        for (ObservedTrial& trial : trials)
            trial.constraints = {2};
        for (std::size_t i = 0; i < 8; i += 2)
            trials[i].constraints = {0.5};
        QVERIFY(inherited(spec, trials, 0.5) == 0);
    }

    void ofOneFrontTheLonelySurvive() {
        // One front; its ends and the two lonely ones survive, the crowd around (3, 3) goes.
        std::vector<ObservedTrial> trials;
        const std::vector<double> losses{0, 2.9, 3, 3.1, 1.5, 3.05, 4.5, 6};
        for (std::size_t i = 0; i < losses.size(); ++i) {
            const bool isCrowd = std::abs(losses[i] - 3) < 0.2;
            trials.push_back(
                allAt(isCrowd ? 0.75 : 0.25, trialOf(static_cast<std::int64_t>(i), losses[i], losses[i])));
        }
        const StudySpec spec = breeding();
        QCOMPARE(inherited(spec, trials, 0.75), 0);
        QVERIFY(inherited(spec, trials, 0.25) > 200);
    }

    void aFiniteSpaceIsTriedWithoutRepeats() {
        StudySpec spec = twoObjectives();
        spec.space = {{"kind", ChoiceDomain{{"a", "b", "c"}, {}, false}, {}}, {"flag", BoolDomain{}, {}}};
        spec.samplerOptions = {{"population", std::int64_t{2}}};
        std::vector<ObservedTrial> trials;
        for (std::int64_t number = 0; number < 6; ++number) {
            Rng rng(static_cast<std::uint64_t>(number));
            ObservedTrial trial = trialOf(number, static_cast<double>(number), 0);
            trial.values = makeNsga2Sampler()->ask({spec, trials}, rng).value();
            for (const ObservedTrial& other : trials)
                QVERIFY(other.values != trial.values);
            trials.push_back(std::move(trial));
        }
    }

    void searchesDominateMoreThanChance_data() {
        QTest::addColumn<QString>("id");
        QTest::addColumn<int>("problem");
        QTest::addColumn<int>("count");
        QTest::addColumn<double>("more"); // half of what was measured
        for (const int problem : {1, 2, 3}) {
            QTest::addRow("nsga2, ZDT%d", problem) << QStringLiteral("nsga2") << problem << 150 << 0.4;
            QTest::addRow("tpe, ZDT%d", problem) << QStringLiteral("tpe") << problem << 60 << 0.4;
            QTest::addRow("gp, ZDT%d", problem) << QStringLiteral("gp") << problem << 18 << 1.0;
        }
    }
    /// On the mean over some seeds, as one draw of chance may be lucky.
    void searchesDominateMoreThanChance() {
        QFETCH(QString, id);
        QFETCH(int, problem);
        QFETCH(int, count);
        QFETCH(double, more);
        Registry<Sampler> samplers;
        addBuiltinSamplers(samplers);
        const int seeds = id == QLatin1String("gp") ? 1 : 4;
        double found = 0;
        double chance = 0;
        for (int seed = 1; seed <= seeds; ++seed) {
            const StudySpec spec = test::zdtSpec(6, static_cast<std::uint64_t>(seed));
            const auto sampler = std::move(samplers.make(id.toStdString())).value();
            const ParamValues options =
                id == QLatin1String("nsga2") ? ParamValues{{"population", std::int64_t{20}}} : ParamValues();
            found += test::zdtVolume(problem, *sampler, spec, count, options) / seeds;
            chance += test::zdtVolume(problem, *makeRandomSampler(), spec, count) / seeds;
        }
        QVERIFY2(found > chance + more,
                 qPrintable(QStringLiteral("%1, by chance %2").arg(found).arg(chance)));
    }
};

QTEST_GUILESS_MAIN(TestSeveralObjectives)
#include "tst_several_objectives.moc"
