#include "core/train/memory_forecast.h"

#include <QTest>

using namespace lathe;

/// The formula against figures worked out by hand, of a LLaMA with 135 million parameters.
class TestMemoryForecast : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachPartFollowsItsFormula();
    void halfPrecisionHalvesWeightsAndActivationsOnly();
    void totalIsTheSum();

private:
    static constexpr MemoryDemand kDemand{134'515'008, 921'600, 30, 576, 49'152, 8 * 256, 4};
};

void TestMemoryForecast::eachPartFollowsItsFormula() {
    const MemoryForecast forecast = forecastMemory(kDemand);
    QCOMPARE(forecast.weights, 538'060'032.0);
    QCOMPARE(forecast.trained, 14'745'600.0);
    QCOMPARE(forecast.activations, 3'680'501'760.0);
    QCOMPARE(forecast.logits, 805'306'368.0);
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

void TestMemoryForecast::totalIsTheSum() {
    QCOMPARE(forecastMemory({}).total(), 0.0);
    QCOMPARE(forecastMemory(kDemand).total(), 5'038'613'760.0);
}

QTEST_GUILESS_MAIN(TestMemoryForecast)
#include "tst_memory_forecast.moc"
