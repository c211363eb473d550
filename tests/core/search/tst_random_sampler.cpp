#include "core/search/builtin_search.h"

#include <QtTest>

using namespace lathe;

namespace {

StudySpec sampleSpec() {
    StudySpec spec;
    spec.space = {{"rate", RealDomain{1e-5, 1, true}, {}}, {"rank", IntDomain{1, 64}, {}}};
    return spec;
}

ParamValues pointOf(const StudySpec& spec, std::uint64_t seed, std::span<const ObservedTrial> trials = {}) {
    Rng rng(seed);
    return makeRandomSampler()->ask({spec, trials}, rng).value();
}

} // namespace

/// What every sampler promises is in tests/contract; here is what is the random one's own.
class TestRandomSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theHistoryPlaysNoPart() {
        const StudySpec spec = sampleSpec();
        const std::vector<ObservedTrial> trials{{0, pointOf(spec, 1), TrialState::Complete, 0.5}};
        QVERIFY(pointOf(spec, 2) == pointOf(spec, 2, trials));
    }

    void otherSeedsGiveOtherPoints() { QVERIFY(pointOf(sampleSpec(), 1) != pointOf(sampleSpec(), 2)); }

    void hasNoState() { QVERIFY(makeRandomSampler()->state().empty()); }

    void aSpaceThatHoldsNoPointIsAnError() {
        StudySpec spec = sampleSpec();
        spec.space.push_back({"empty", ChoiceDomain{}, {}});
        Rng rng(1);
        QVERIFY(!makeRandomSampler()->ask({spec, {}}, rng).has_value());
    }
};

QTEST_GUILESS_MAIN(TestRandomSampler)
#include "tst_random_sampler.moc"
