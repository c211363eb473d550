#include "core/search/auto_plan.h"
#include "core/search/auto_view.h"
#include "core/search/builtin_search.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

namespace {

SearchSpace square() { return {{"x", RealDomain{-2, 4}, {}}, {"y", RealDomain{-2, 4}, {}}}; }

ObservedTrial finished(std::int64_t number, double x, double y, double loss) {
    return {number, {{"x", x}, {"y", y}}, TrialState::Complete, loss};
}

/// Trials with falling losses along the diagonal.
std::vector<ObservedTrial> falling(std::int64_t count) {
    std::vector<ObservedTrial> trials;
    for (std::int64_t i = 0; i < count; ++i) {
        const double place = -2 + 6 * static_cast<double>(i) / static_cast<double>(count);
        trials.push_back(finished(i, place, place, 100 - static_cast<double>(i)));
    }
    return trials;
}

StudySpec specOf(SearchSpace space) {
    StudySpec spec;
    spec.space = std::move(space);
    spec.trialCount = 100;
    return spec;
}

/// A rate that exists for two of three methods, a rank for one.
SearchSpace conditionalSpace() {
    return {{"method", ChoiceDomain{{"lora", "full", "none"}, {}, false}, {}},
            {"rate", RealDomain{1e-5, 1e-1, true, false}, {{{"method", {"lora", "full"}}}}},
            {"rank", IntDomain{1, 64, 1, false}, {{{"method", {"lora"}}}}}};
}

template <typename Loss>
std::vector<ObservedTrial> search(const StudySpec& spec, std::int64_t count, const Loss& loss) {
    const auto sampler = makeAutoSampler();
    std::vector<ObservedTrial> trials;
    for (std::int64_t number = 0; number < count; ++number) {
        Rng rng(mixSeed(spec.seed, static_cast<std::uint64_t>(number)));
        auto point = sampler->ask({spec, trials}, rng);
        if (!point.has_value())
            return {};
        const double value = loss(*point);
        trials.push_back({number, *std::move(point), TrialState::Complete, value});
    }
    return trials;
}

double bestOf(const std::vector<ObservedTrial>& trials) {
    double best = std::numeric_limits<double>::infinity();
    for (const ObservedTrial& trial : trials)
        best = std::min(best, trial.objective.value());
    return best;
}

} // namespace

class TestAutoSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDesignComesFirstUntilEnoughTrialsHaveAnOutcome() {
        const StudySpec spec = specOf(square());
        auto trials = falling(4);
        QCOMPARE(nextPart({spec, trials}, "dddd"), SearchPart::Design);
        trials = falling(5);
        trials[2].state = TrialState::Failed;
        QCOMPARE(nextPart({spec, trials}, "ddddd"), SearchPart::Design);
        trials = falling(5);
        QVERIFY(nextPart({spec, trials}, "ddddd") != SearchPart::Design);
    }
    void trialsFromElsewhereStandInForTheDesign() {
        const StudySpec spec = specOf(square());
        const auto trials = falling(5);
        QCOMPARE(nextPart({spec, trials}, "-----"), SearchPart::Model);
    }
    void theProcessesTakeTurnsForFourTrialsADimension() {
        const StudySpec spec = specOf(square());
        const auto trials = falling(20);
        QCOMPARE(nextPart({spec, trials}, "ddddd"), SearchPart::Model);
        QCOMPARE(nextPart({spec, trials}, "dddddg"), SearchPart::Zoom);
        QCOMPARE(nextPart({spec, trials}, "dddddgzgzgzg"), SearchPart::Zoom);
        QCOMPARE(nextPart({spec, trials}, "dddddgzgzgzgz"), SearchPart::Direct);
    }
    void theDirectSearchGoesOnWhileItHelps() {
        const StudySpec spec = specOf(square());
        const auto trials = falling(25);
        QCOMPARE(nextPart({spec, trials}, "dddddgzgzgzgzmmmmmmmmmmmm"), SearchPart::Direct);
    }
    void everyThirdTrialIsAProcessWhileNothingHelps() {
        const StudySpec spec = specOf(square());
        auto trials = falling(26);
        for (std::size_t i = 13; i < trials.size(); ++i)
            trials[i].objective = 200;
        QCOMPARE(nextPart({spec, trials}, "dddddgzgzgzgzmmmmmmmmmmmmm"), SearchPart::Model);
        QCOMPARE(nextPart({spec, trials}, "dddddgzgzgzgzmmmmmmmmmmmgm"), SearchPart::Direct);
        QCOMPARE(nextPart({spec, trials}, "dddddgzgzgzgzmmmmmmmmmmgmm"), SearchPart::Zoom);
    }
    void everySecondTrialIsAProcessWhileNothingHelpsForLong() {
        const StudySpec spec = specOf(square());
        auto trials = falling(38);
        for (std::size_t i = 13; i < trials.size(); ++i)
            trials[i].objective = 200;
        const std::string parts = "dddddgzgzgzgz" + std::string(23, 'm');
        QCOMPARE(nextPart({spec, trials}, parts + "gm"), SearchPart::Zoom);
        QCOMPARE(nextPart({spec, trials}, parts + "mg"), SearchPart::Direct);
    }
    void aSumOfWavesIsSolvedByWhatEachParameterDoes() {
        StudySpec spec = specOf({});
        for (const char* key : {"a", "b", "c", "d"})
            spec.space.push_back({key, RealDomain{-4, 6}, {}});
        const auto trials = search(spec, 120, [](const ParamValues& p) {
            double sum = 0;
            for (const auto& [key, value] : p.map()) {
                const double x = p.real(key) - 1.37;
                sum += x * x + 4 * (1 - std::cos(3 * x));
            }
            return sum;
        });
        QCOMPARE(trials.size(), std::size_t{120});
        QVERIFY2(bestOf(trials) < 0.1, std::to_string(bestOf(trials)).c_str());
    }
    void theBoxHalvesAfterThreeFailuresAndDoublesAfterTwoSuccesses() {
        const StudySpec spec = specOf(square());
        auto trials = falling(4);
        QCOMPARE(zoomLength({spec, trials}, "dddd"), 0.4);
        QCOMPARE(zoomLength({spec, trials}, "ddzz"), 0.8);
        for (std::size_t i = 1; i < 4; ++i)
            trials[i].objective = 200;
        QCOMPARE(zoomLength({spec, trials}, "dzzz"), 0.2);
        QCOMPARE(zoomLength({spec, trials}, "dggg"), 0.4);
    }
    void aBranchHoldsTheDimensionsThatAreThereAndTheirTrials() {
        const StudySpec spec = specOf(conditionalSpace());
        const ParamValues lora = {{"method", std::string("lora")}, {"rate", 1e-3}, {"rank", std::int64_t{8}}};
        const ParamValues full = {{"method", std::string("full")}, {"rate", 1e-4}};
        const std::vector<ObservedTrial> trials = {{0, lora, TrialState::Complete, 1.0},
                                                   {1, full, TrialState::Complete, 2.0}};
        QVERIFY(hasConditions(spec.space));
        const PartialStudy part = branchAt({spec, trials}, full);
        QCOMPARE(part.spec.space.size(), std::size_t{1});
        QCOMPARE(part.spec.space[0].key, std::string("rate"));
        QVERIFY(part.spec.space[0].activeIf.terms.empty());
        QCOMPARE(part.spec.fixed.text("method"), std::string("full"));
        QCOMPARE(part.trials.size(), std::size_t{1});
        QCOMPARE(part.trials[0].objective.value(), 2.0);
    }
    void theBestTrialOfEachBranchIsFound() {
        const StudySpec spec = specOf(conditionalSpace());
        const ParamValues full = {{"method", std::string("full")}, {"rate", 1e-4}};
        const ParamValues none = {{"method", std::string("none")}};
        const std::vector<ObservedTrial> trials = {{0, full, TrialState::Complete, 3.0},
                                                   {1, none, TrialState::Complete, 2.0},
                                                   {2, full, TrialState::Complete, 1.0}};
        const auto branches = branchesOf({spec, trials});
        QCOMPARE(branches.size(), std::size_t{2});
        QCOMPARE(branches[0].best->number, std::int64_t{2});
        QCOMPARE(branches[0].trials, std::int64_t{2});
        QCOMPARE(branches[0].dimensions, std::int64_t{1});
        QCOMPARE(branches[1].best->number, std::int64_t{1});
        QCOMPARE(branches[1].dimensions, std::int64_t{0});
    }
    void aBoxCutsTheRangesAroundThePoint() {
        const StudySpec spec = specOf({{"x", RealDomain{-2, 4}, {}}, {"k", IntDomain{0, 20, 2, false}, {}}});
        std::vector<ObservedTrial> trials;
        for (std::int64_t i = 0; i < 6; ++i)
            trials.push_back({i,
                              {{"x", 1 + 0.1 * static_cast<double>(i)}, {"k", std::int64_t{10}}},
                              TrialState::Complete,
                              1.0});
        trials.push_back({6, {{"x", -2.0}, {"k", std::int64_t{10}}}, TrialState::Complete, 1.0});
        const PartialStudy part =
            boxAround(branchAt({spec, trials}, trials[0].values), trials[0].values, 0.2);
        const auto& real = std::get<RealDomain>(part.spec.space[0].domain);
        QVERIFY(std::abs(real.low - 0.4) < 1e-12 && std::abs(real.high - 1.6) < 1e-12);
        const auto& whole = std::get<IntDomain>(part.spec.space[1].domain);
        QVERIFY(whole.low <= 8 && whole.high >= 12 && (whole.low - 0) % 2 == 0 && whole.high <= 20);
        QCOMPARE(part.trials.size(), std::size_t{6});
    }
    void aBoxWithTooFewTrialsIsWidened() {
        const StudySpec spec = specOf(square());
        const auto trials = falling(10);
        const PartialStudy part =
            boxAround(branchAt({spec, trials}, trials[9].values), trials[9].values, 1e-3);
        QVERIFY(part.trials.size() >= 4);
    }
    void theBestHalfAndTheLatestTrialsAreKept() {
        const StudySpec spec = specOf(square());
        auto trials = falling(10);
        trials[0].objective = 0;
        PartialStudy part = branchAt({spec, trials}, trials[0].values);
        limitTrials(part, 4);
        QCOMPARE(part.trials.size(), std::size_t{4});
        QCOMPARE(part.trials.front().objective.value(), 0.0);
        QCOMPARE(part.trials.back().objective.value(), 91.0);
    }
    void levelledLossesKeepTheirOrderAndLoseTheirOrdersOfMagnitude() {
        StudySpec spec = specOf(square());
        spec.objective.maximize = true;
        const std::vector<ObservedTrial> trials = {finished(0, 0, 0, -1), finished(1, 1, 1, -1e6),
                                                   finished(2, 2, 2, -11)};
        PartialStudy part = branchAt({spec, trials}, trials[0].values);
        levelLosses(part);
        QCOMPARE(part.trials[0].objective.value(), 0.0);
        QCOMPARE(part.trials[2].objective.value(), -std::log(2.0));
        QVERIFY(part.trials[1].objective.value() > -13);
        QVERIFY(part.trials[1].objective.value() < part.trials[2].objective.value());
    }
    void theRecipesOwnValuesAreTriedFirstOrElseTheMiddle() {
        StudySpec spec = specOf(square());
        Rng rng(1);
        QCOMPARE(makeAutoSampler()->ask({spec, {}}, rng)->real("x"), 1.0);
        spec.fixed = {{"x", 3.0}, {"y", 0.5}};
        QCOMPARE(makeAutoSampler()->ask({spec, {}}, rng)->real("x"), 3.0);
    }
    void aBowlIsSolvedToManyDigits() {
        const StudySpec spec = specOf(square());
        const auto trials = search(spec, 60, [](const ParamValues& p) {
            return std::pow(p.real("x") - 0.3171, 2) + 10 * std::pow(p.real("y") + 1.2345, 2);
        });
        QCOMPARE(trials.size(), std::size_t{60});
        QVERIFY2(bestOf(trials) < 1e-6, std::to_string(bestOf(trials)).c_str());
    }
    void categoriesAloneAreSearchedWithoutRepeats() {
        SearchSpace space;
        for (const char* key : {"a", "b", "c"})
            space.push_back({key, ChoiceDomain{{"p", "q", "r"}, {}, false}, {}});
        const auto trials = search(specOf(space), 27, [](const ParamValues& p) {
            return (p.text("a") == "q" ? 0.0 : 1) + (p.text("b") == "r" ? 0.0 : 1) +
                   (p.text("c") == "p" ? 0.0 : 1);
        });
        QCOMPARE(trials.size(), std::size_t{27});
        QCOMPARE(bestOf(trials), 0.0);
        for (std::size_t i = 0; i < trials.size(); ++i)
            for (std::size_t k = 0; k < i; ++k)
                QVERIFY(trials[i].values != trials[k].values);
    }
    void aConditionalSpaceFindsTheBestBranch() {
        const auto trials = search(specOf(conditionalSpace()), 60, [](const ParamValues& p) {
            if (!p.contains("rate"))
                return 3.0;
            const double rate = std::log10(p.real("rate")) + 2.5;
            return p.contains("rank") ? rate * rate + 0.01 * std::pow(p.real("rank") - 17, 2)
                                      : 0.5 + rate * rate;
        });
        QCOMPARE(trials.size(), std::size_t{60});
        QVERIFY2(bestOf(trials) < 0.05, std::to_string(bestOf(trials)).c_str());
    }
    void pendingTrialsGetDifferentPoints() {
        const StudySpec spec = specOf(square());
        const auto sampler = makeAutoSampler();
        std::vector<ObservedTrial> trials = falling(12);
        for (std::int64_t number = 12; number < 24; ++number) {
            Rng rng(mixSeed(1, static_cast<std::uint64_t>(number)));
            auto point = sampler->ask({spec, trials}, rng);
            QVERIFY(point.has_value());
            for (const ObservedTrial& trial : trials)
                QVERIFY(trial.values != *point);
            trials.push_back({number, *std::move(point), TrialState::Running, std::nullopt});
        }
    }
    void aDamagedStateIsRefused() {
        QVERIFY(!makeAutoSampler()->restore("ddd").has_value());
        QVERIFY(!makeAutoSampler()->restore("ddd\nnonsense").has_value());
        QVERIFY(makeAutoSampler()->restore("").has_value());
    }
};

QTEST_GUILESS_MAIN(TestAutoSampler)
#include "tst_auto_sampler.moc"
