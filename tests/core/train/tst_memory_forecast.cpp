#include "core/train/memory_forecast.h"

#include <QTest>

using namespace lathe;

/// The formula against figures worked out by hand, of a LLaMA with 135 million parameters.
class TestMemoryForecast : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachPartFollowsItsFormula();
    void halfPrecisionHalvesWeightsAndActivationsOnly();
    void codesTakeTheirOwnBytesAndOneMatrixIsUnpacked();
    void totalIsTheSum();
    void recomputedLayersKeepTheirInput();

private:
    static constexpr MemoryDemand kDemand{134'515'008, 921'600, 30, 576, 49'152, 8 * 256, 4, false};
};

void TestMemoryForecast::eachPartFollowsItsFormula() {
    const MemoryForecast forecast = forecastMemory(kDemand);
    QCOMPARE(forecast.weights, 538'060'032.0);
    QCOMPARE(forecast.trained, 14'745'600.0);
    QCOMPARE(forecast.activations, 3'680'501'760.0);
    QCOMPARE(forecast.logits, 402'653'184.0); // of 2^25 scores: 683 of 2048 rows at once
}

void TestMemoryForecast::halfPrecisionHalvesWeightsAndActivationsOnly() {
    MemoryDemand half = kDemand;
    half.bytesPerValue = 2;
    const MemoryForecast whole = forecastMemory(kDemand);
    const MemoryForecast forecast = forecastMemory(half);
    QCOMPARE(2 * forecast.weights, whole.weights);
    QCOMPARE(2 * forecast.activations, whole.activations);
    QCOMPARE(forecast.trained, whole.trained);
    QCOMPARE(forecast.logits, whole.logits);
}

void TestMemoryForecast::codesTakeTheirOwnBytesAndOneMatrixIsUnpacked() {
    MemoryDemand packed = kDemand;
    packed.packed = 106'168'320;
    packed.packedBytes = 53'084'160;
    packed.largestPacked = 884'736;
    const MemoryForecast forecast = forecastMemory(packed);
    QCOMPARE(forecast.weights, 28'346'688.0 * 4 + 53'084'160.0 + 884'736.0 * 4);
    QCOMPARE(forecast.total() - forecast.weights, forecastMemory(kDemand).total() - 538'060'032.0);
}

void TestMemoryForecast::totalIsTheSum() {
    QCOMPARE(forecastMemory({}).total(), 125e6); // the program itself
    QCOMPARE(forecastMemory(kDemand).total(), 4'760'960'576.0);
}

void TestMemoryForecast::recomputedLayersKeepTheirInput() {
    MemoryDemand recomputed = kDemand;
    recomputed.isRecomputed = true;
    const MemoryForecast whole = forecastMemory(kDemand);
    const MemoryForecast forecast = forecastMemory(recomputed);
    QCOMPARE(forecast.activations, 264'241'152.0); // 56 rows of the width for each token
    QCOMPARE(forecast.weights, whole.weights);
    QCOMPARE(forecast.logits, whole.logits);
}

QTEST_GUILESS_MAIN(TestMemoryForecast)
#include "tst_memory_forecast.moc"
