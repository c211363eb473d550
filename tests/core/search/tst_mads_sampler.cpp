#include "core/search/builtin_search.h"

#include <QtTest>
#include <cmath>
#include <set>

using namespace lathe;

namespace {

using Evaluate = std::function<ObservedTrial(std::int64_t, const ParamValues&)>;

StudySpec cube(std::size_t n, double low, double high) {
    StudySpec spec;
    for (std::size_t i = 0; i < n; ++i)
        spec.space.push_back({"x" + std::to_string(i), RealDomain{low, high}, {}});
    return spec;
}

std::vector<double> coordinates(const ParamValues& point, std::size_t n) {
    std::vector<double> x;
    for (std::size_t i = 0; i < n; ++i)
        x.push_back(point.real("x" + std::to_string(i)));
    return x;
}

std::vector<ObservedTrial> run(const StudySpec& spec, std::int64_t count, const Evaluate& evaluate) {
    const auto sampler = makeMadsSampler();
    std::vector<ObservedTrial> trials;
    for (std::int64_t i = 0; i < count; ++i) {
        Rng rng(mixSeed(spec.seed, static_cast<std::uint64_t>(i)));
        trials.push_back(evaluate(i, sampler->ask({spec, trials}, rng).value()));
    }
    return trials;
}

double bestOf(const std::vector<ObservedTrial>& trials) {
    double best = std::numeric_limits<double>::infinity();
    for (const ObservedTrial& trial : trials) {
        bool isFeasible = trial.objective.has_value();
        for (const double constraint : trial.constraints)
            isFeasible = isFeasible && constraint <= 0;
        if (isFeasible)
            best = std::min(best, *trial.objective);
    }
    return best;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

class TestMadsSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsTheBottomOfABowl() {
        StudySpec spec = cube(3, -1, 1);
        spec.trialCount = 150;
        const auto trials = run(spec, 150, [](std::int64_t number, const ParamValues& point) {
            double sum = 0;
            for (const double x : coordinates(point, 3))
                sum += (x - 0.1) * (x - 0.1);
            return ObservedTrial{number, point, TrialState::Complete, sum};
        });
        QVERIFY2(bestOf(trials) < 1e-8, std::to_string(bestOf(trials)).c_str());
    }

    /// NOMAD's median after 200 evaluations is 1.7e-7 on this mixture of whole and real numbers, CMA-ES's 10.
    void followsWholeNumbersExactly() {
        const std::vector<double> target{3, 11, 6, 1.3, -2.2, 0.7};
        std::vector<double> bests;
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            StudySpec spec = cube(6, -5, 5);
            for (std::size_t i = 0; i < 3; ++i)
                spec.space[i].domain = IntDomain{0, 15, 1, false};
            spec.trialCount = 200;
            spec.seed = seed;
            bests.push_back(bestOf(run(spec, 200, [&](std::int64_t number, const ParamValues& point) {
                const std::vector<double> x = coordinates(point, 6);
                double sum = 0;
                for (std::size_t i = 0; i < 6; ++i)
                    sum += std::pow(10, static_cast<double>(i) / 2) * std::pow(x[i] - target[i], 2);
                return ObservedTrial{number, point, TrialState::Complete, sum};
            })));
        }
        QVERIFY2(median(bests) < 1e-3, std::to_string(median(bests)).c_str());
    }

    /// NOMAD's batch example 2: the optimum is -4 at (1, 1, 1, 1, -4).
    void constraintsAreMetByTheProgressiveBarrier() {
        StudySpec spec = cube(5, -6, 6);
        const std::vector<double> upper{5, 6, 7, 6, 6};
        for (std::size_t i = 0; i < 5; ++i) {
            spec.space[i].domain = RealDomain{-6, upper[i]};
            spec.fixed.set("x" + std::to_string(i), 0.0); // the example's start
        }
        spec.trialCount = 400;
        spec.samplerOptions = {{"design", 0.0}};
        const auto trials = run(spec, 400, [](std::int64_t number, const ParamValues& point) {
            const std::vector<double> x = coordinates(point, 5);
            double inner = 0;
            double outer = 0;
            for (const double value : x) {
                inner += (value - 1) * (value - 1);
                outer += (value + 1) * (value + 1);
            }
            return ObservedTrial{number, point, TrialState::Complete, x[4], 0, {inner - 25, 25 - outer}};
        });
        QCOMPARE(coordinates(trials.front().values, 5), std::vector<double>(5, 0.0));
        QVERIFY2(std::abs(bestOf(trials) + 4) < 0.1, std::to_string(bestOf(trials)).c_str());
    }

    /// A problem of two binary categories, two whole numbers and two reals; the best value, found by a grid
    /// over the formula, is 4.873.
    void categoriesArePolled() {
        StudySpec spec = cube(2, 0, 1);
        spec.space.push_back({"a", ChoiceDomain{{"A", "B"}, {}, false}, {}});
        spec.space.push_back({"b", ChoiceDomain{{"A", "B"}, {}, false}, {}});
        spec.space.push_back({"i1", IntDomain{1, 5, 1, false}, {}});
        spec.space.push_back({"i2", IntDomain{1, 5, 1, false}, {}});
        spec.trialCount = 250;
        std::vector<double> bests;
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            spec.seed = seed;
            bests.push_back(bestOf(run(spec, 250, [](std::int64_t number, const ParamValues& point) {
                const double u = point.real("x0");
                const double v = point.real("x1");
                const double i1 = static_cast<double>(point.integer("i1"));
                const double i2 = static_cast<double>(point.integer("i2"));
                const double inner =
                    15 * v - i1 / (4 * M_PI * M_PI) * std::pow(15 * u - i2, 2) + i1 / M_PI * (15 * u - i2);
                const double h =
                    (inner * inner + (i1 - 1 / (8 * M_PI)) * std::cos(15 * u - 5) + i1 - 54.8104) / 51.9496;
                const std::string kind = point.text("a") + point.text("b");
                const double factor = kind == "AA" ? 1 : kind == "AB" ? 0.4 : kind == "BA" ? -0.75 : -0.5;
                return ObservedTrial{number, point, TrialState::Complete, 10 + h * factor};
            })));
        }
        QVERIFY2(median(bests) < 4.9, std::to_string(median(bests)).c_str());
    }

    /// Eight slots at once, told in any order: no point twice, and still downhill.
    void slotsGetDifferentPoints() {
        StudySpec spec = cube(3, -1, 1);
        spec.trialCount = 160;
        const auto sampler = makeMadsSampler();
        std::vector<ObservedTrial> trials;
        std::set<std::string> points;
        const auto finish = [&trials](std::size_t i) {
            double sum = 0;
            for (const double x : coordinates(trials[i].values, 3))
                sum += (x - 0.3) * (x - 0.3);
            trials[i].state = TrialState::Complete;
            trials[i].objective = sum;
        };
        for (std::int64_t batch = 0; batch < 20; ++batch) {
            const std::size_t first = trials.size();
            for (int slot = 0; slot < 8; ++slot) {
                const auto number = static_cast<std::int64_t>(trials.size());
                Rng rng(mixSeed(1, static_cast<std::uint64_t>(number)));
                trials.push_back(
                    {number, sampler->ask({spec, trials}, rng).value(), TrialState::Running, {}});
                points.insert(toJson(trials.back().values));
            }
            for (std::size_t i = 0; i < 8; ++i)
                finish(first + (i * 3 + 5) % 8);
        }
        QCOMPARE(points.size(), trials.size());
        QVERIFY2(bestOf(trials) < 1e-3, std::to_string(bestOf(trials)).c_str());
    }

    /// Every point of a small grid is tried before any is tried again.
    void aSmallGridIsTriedWholly() {
        StudySpec spec;
        spec.space = {{"rank", IntDomain{1, 6, 1, false}, {}}, {"bias", BoolDomain{}, {}}};
        spec.trialCount = 12;
        std::set<std::string> points;
        run(spec, 12, [&points](std::int64_t number, const ParamValues& point) {
            points.insert(toJson(point));
            return ObservedTrial{number, point, TrialState::Complete, -double(point.integer("rank"))};
        });
        QVERIFY2(points.size() >= 11, std::to_string(points.size()).c_str());
    }

    void failedAndPrunedTrialsAreNeverTheBestPoint() {
        StudySpec spec = cube(2, -1, 1);
        spec.trialCount = 60;
        const auto trials = run(spec, 60, [](std::int64_t number, const ParamValues& point) {
            const double x = point.real("x0");
            const double sum = x * x + std::pow(point.real("x1"), 2);
            if (x < 0)
                return ObservedTrial{number, point, number % 2 == 0 ? TrialState::Failed : TrialState::Pruned,
                                     number % 2 == 0 ? std::optional<double>() : sum - 100};
            return ObservedTrial{number, point, TrialState::Complete, sum};
        });
        double best = 1;
        for (const ObservedTrial& trial : trials)
            if (trial.state == TrialState::Complete)
                best = std::min(best, *trial.objective);
        QVERIFY2(best < 1e-2, std::to_string(best).c_str());
    }

    void aDamagedStateIsRefused() {
        const auto sampler = makeMadsSampler();
        QVERIFY(!sampler->restore("1 2 three").has_value());
        QVERIFY(!sampler->restore("0x1p+0 7").has_value());
        QVERIFY(sampler->restore("").has_value());
    }
};

QTEST_GUILESS_MAIN(TestMadsSampler)
#include "tst_mads_sampler.moc"
