#include "core/search/builtin_search.h"
#include "core/search/ranking.h"

#include <QtTest>
#include <chrono>
#include <cmath>
#include <limits>

using namespace lathe;

namespace {

StudySpec branin() {
    StudySpec spec;
    spec.space = {{"x", RealDomain{-5, 10}, {}}, {"y", RealDomain{0, 15}, {}}};
    return spec;
}

double braninOf(const ParamValues& point) {
    const double x = point.real("x");
    const double b = 5.1 / (4 * M_PI * M_PI);
    const double inner = point.real("y") - b * x * x + 5 / M_PI * x - 6;
    return inner * inner + 10 * (1 - 1 / (8 * M_PI)) * std::cos(x) + 10;
}

double bestAfter(Sampler& sampler, std::uint64_t seed, std::int64_t count) {
    StudySpec spec = branin();
    spec.seed = seed;
    std::vector<ObservedTrial> trials;
    double best = std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < count; ++i) {
        Rng rng(mixSeed(seed, static_cast<std::uint64_t>(i)));
        const ParamValues point = sampler.ask({spec, trials}, rng).value();
        trials.push_back({i, point, TrialState::Complete, braninOf(point)});
        best = std::min(best, braninOf(point));
    }
    return best;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

} // namespace

class TestTpeSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Complete trials by value, pruned ones by how far they came, infeasible ones by their violation; what
    /// failed, is not a number or still runs has no rank.
    void trialsAreRankedByStateThenValue() {
        std::vector<ObservedTrial> trials{
            {0, {}, TrialState::Pruned, 0.1, 10},       {1, {}, TrialState::Complete, 3.0},
            {2, {}, TrialState::Complete, 1.0, 0, {2}}, {3, {}, TrialState::Failed, std::nullopt},
            {4, {}, TrialState::Pruned, 9.0, 20},       {5, {}, TrialState::Complete, 2.0, 0, {-1, 0}},
            {6, {}, TrialState::Running, std::nullopt}, {7, {}, TrialState::Complete, 5.0, 0, {0.5, 0.5}},
            {8, {}, TrialState::Complete, std::nan("")}};
        const StudySpec spec;
        std::vector<std::int64_t> numbers;
        for (const ObservedTrial* trial : rankedTrials({spec, trials}))
            numbers.push_back(trial->number);
        QCOMPARE(numbers, (std::vector<std::int64_t>{5, 1, 4, 0, 7, 2}));
        StudySpec upwards;
        upwards.objective.maximize = true;
        QCOMPARE(rankedTrials({upwards, trials}).front()->number, 1);
    }

    /// Optuna's TPE has medians of 0.42 to 0.48 after 100 evaluations of this problem, random search 0.78.
    void findsTheMinimumSoonerThanRandomSearch() {
        std::vector<double> tpe;
        std::vector<double> random;
        for (std::uint64_t seed = 0; seed < 11; ++seed) {
            tpe.push_back(bestAfter(*makeTpeSampler(), seed, 100));
            random.push_back(bestAfter(*makeRandomSampler(), seed, 100));
        }
        QVERIFY2(median(tpe) < 0.5, std::to_string(median(tpe)).c_str());
        QVERIFY(median(tpe) < median(random));
    }

    void pendingTrialsKeepSlotsApart() {
        StudySpec spec;
        spec.space = {{"x", RealDomain{0, 1}, {}}};
        std::vector<ObservedTrial> trials;
        for (std::int64_t i = 0; i < 30; ++i) {
            const double x = static_cast<double>(i) / 30;
            trials.push_back({i, {{"x", x}}, TrialState::Complete, std::abs(x - 0.5)});
        }
        const auto sampler = makeTpeSampler();
        double nearest = 1;
        for (std::int64_t i = 30; i < 38; ++i) {
            Rng rng(mixSeed(3, static_cast<std::uint64_t>(i)));
            const ParamValues point = sampler->ask({spec, trials}, rng).value();
            for (std::size_t other = 30; other < trials.size(); ++other)
                nearest = std::min(nearest, std::abs(trials[other].values.real("x") - point.real("x")));
            trials.push_back({i, point, TrialState::Running, std::nullopt});
        }
        QVERIFY(nearest > 0);
    }
};

QTEST_GUILESS_MAIN(TestTpeSampler)
#include "tst_tpe_sampler.moc"
