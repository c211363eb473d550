#include "core/search/builtin_search.h"
#include "core/search/sobol.h"

#include <QtTest>
#include <set>

using namespace lathe;

namespace {

std::vector<ParamValues> points(Sampler& sampler, const StudySpec& spec, std::int64_t count) {
    std::vector<ObservedTrial> trials;
    std::vector<ParamValues> made;
    for (std::int64_t i = 0; i < count; ++i) {
        Rng rng(mixSeed(spec.seed, static_cast<std::uint64_t>(i)));
        auto point = sampler.ask({spec, trials}, rng);
        if (!point.has_value())
            return made;
        trials.push_back({i, point.value(), TrialState::Complete, 0.0});
        made.push_back(std::move(point).value());
    }
    return made;
}

StudySpec squareSpec() {
    StudySpec spec;
    spec.space = {{"x", RealDomain{0, 1}, {}}, {"y", RealDomain{0, 1}, {}}};
    spec.trialCount = 16;
    return spec;
}

} // namespace

class TestDesigns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSequenceIsSobols() {
        const std::vector<std::vector<double>> expected{{0.0, 0.0, 0.0, 0.0, 0.0, 0.0},
                                                        {0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
                                                        {0.75, 0.25, 0.25, 0.25, 0.75, 0.75},
                                                        {0.25, 0.75, 0.75, 0.75, 0.25, 0.25},
                                                        {0.375, 0.375, 0.625, 0.875, 0.375, 0.125},
                                                        {0.875, 0.875, 0.125, 0.375, 0.875, 0.625}};
        for (std::uint32_t i = 0; i < expected.size(); ++i)
            for (std::size_t d = 0; d < expected[i].size(); ++d)
                QCOMPARE(sobol(i, d), expected[i][d]);
        QCOMPARE(sobol(999, 5), 0.8447265625);
        QCOMPARE(sobol(999, 40), 0.3505859375);
        QCOMPARE(sobol(999, 63), 0.6337890625);
    }

    /// Any 2^k points have one point in each of 2^k equal stretches, in each dimension; scrambled too.
    void scrambledPointsStayBalanced() {
        for (const std::uint64_t scramble : {1U, 2U, 77U})
            for (std::size_t d = 0; d < kSobolDimensions; ++d) {
                std::set<int> stretches;
                for (std::uint32_t i = 0; i < 64; ++i)
                    stretches.insert(static_cast<int>(sobol(i, d, scramble) * 64));
                QCOMPARE(stretches.size(), 64U);
            }
        QVERIFY(sobol(0, 0, 1) != sobol(0, 0, 2));
        QVERIFY(sobol(0, 0, 1) != sobol(0, 1, 1));
    }

    void aHypercubeHasOnePointInEveryStratum() {
        const auto made = points(*makeLatinHypercubeSampler(), squareSpec(), 32);
        QCOMPARE(made.size(), 32U);
        for (const char* key : {"x", "y"})
            for (std::size_t begin : {std::size_t{0}, std::size_t{16}}) {
                std::set<int> strata;
                for (std::size_t i = begin; i < begin + 16; ++i)
                    strata.insert(static_cast<int>(made[i].real(key) * 16));
                QCOMPARE(strata.size(), 16U);
            }
        QVERIFY(made[0] != made[16]);
    }

    void aGridVisitsEveryPointOnceAndSaysWhenItIsThrough() {
        StudySpec spec;
        spec.space = {{"method", ChoiceDomain{{"lora", "full"}, {}, false}, {}},
                      {"rank", IntDomain{1, 3, 1, false}, {{{"method", {"lora"}}}}},
                      {"lr", RealDomain{1e-4, 1e-2, true, false}, {}}};
        spec.samplerOptions = {{"levels", std::int64_t{3}}};
        const auto sampler = makeGridSampler();
        const auto made = points(*sampler, spec, 100);
        QCOMPARE(made.size(), 12U); // (3 ranks + full) × 3 rates
        std::set<std::string> texts;
        for (const ParamValues& point : made)
            texts.insert(toJson(point));
        QCOMPARE(texts.size(), 12U);
        QVERIFY(texts.contains(toJson({{"method", std::string("full")}, {"lr", 1e-4}})));
        std::vector<ObservedTrial> trials;
        for (const ParamValues& point : made)
            trials.push_back({static_cast<std::int64_t>(trials.size()), point, TrialState::Complete, 0.0});
        Rng rng(1);
        const auto more = sampler->ask({spec, trials}, rng);
        QVERIFY(!more.has_value());
        QVERIFY(more.error().message.find("in 12 trials") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestDesigns)
#include "tst_designs.moc"
