#include "tests/contract/sampler_contract.h"

#include <QtTest>

using namespace lathe;

namespace {

Registry<Sampler> samplers() {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    return registry;
}

test::SamplerContract contractOf(const QString& id) {
    return test::SamplerContract([id = id.toStdString()] { return std::move(samplers().make(id)).value(); });
}

void addRows() {
    QTest::addColumn<QString>("id");
    for (const PartInfo& info : samplers().list())
        QTest::newRow(info.id.c_str()) << QString::fromStdString(info.id);
}

void verify(std::string (test::SamplerContract::*promise)() const) {
    QFETCH(QString, id);
    const test::SamplerContract contract = contractOf(id);
    const std::string problem = (contract.*promise)();
    QVERIFY2(problem.empty(), problem.c_str());
}

} // namespace

class TestSamplerContract : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySamplerHasALabelAndASummary() {
        for (const PartInfo& info : samplers().list())
            QVERIFY2(!info.label.empty() && !info.summary.empty(), info.id.c_str());
    }
    void optionsHaveValidFallbacks_data() { addRows(); }
    void optionsHaveValidFallbacks() {
        QFETCH(QString, id);
        const auto sampler = samplers().make(id.toStdString());
        QVERIFY(validate(sampler.value()->options(), {}).empty());
    }
    void pointsLieInTheirDomains_data() { addRows(); }
    void pointsLieInTheirDomains() { verify(&test::SamplerContract::pointsLieInTheirDomains); }
    void conditionsDecideWhichKeysAreThere_data() { addRows(); }
    void conditionsDecideWhichKeysAreThere() {
        verify(&test::SamplerContract::conditionsDecideWhichKeysAreThere);
    }
    void logarithmicRangesAreSearchedInTheLogarithm_data() { addRows(); }
    void logarithmicRangesAreSearchedInTheLogarithm() {
        verify(&test::SamplerContract::logarithmicRangesAreSearchedInTheLogarithm);
    }
    void theSameSeedGivesTheSamePoints_data() { addRows(); }
    void theSameSeedGivesTheSamePoints() { verify(&test::SamplerContract::theSameSeedGivesTheSamePoints); }
    void aResumedSearchEqualsOneWithoutPause_data() { addRows(); }
    void aResumedSearchEqualsOneWithoutPause() {
        verify(&test::SamplerContract::aResumedSearchEqualsOneWithoutPause);
    }
    void severalObjectivesAreSearchedOrRefused_data() { addRows(); }
    void severalObjectivesAreSearchedOrRefused() {
        verify(&test::SamplerContract::severalObjectivesAreSearchedOrRefused);
    }
    void forbiddenPointsAreNeverProposed_data() { addRows(); }
    void forbiddenPointsAreNeverProposed() {
        verify(&test::SamplerContract::forbiddenPointsAreNeverProposed);
    }
    void anEmptySpaceGivesAnEmptyPoint_data() { addRows(); }
    void anEmptySpaceGivesAnEmptyPoint() { verify(&test::SamplerContract::anEmptySpaceGivesAnEmptyPoint); }
};

QTEST_GUILESS_MAIN(TestSamplerContract)
#include "tst_sampler_contract.moc"
