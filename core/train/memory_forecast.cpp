#include "core/train/memory_forecast.h"

namespace lathe {

namespace {
constexpr double kBytesPerTrained = 16;
constexpr double kRowsPerLayer = 26;
constexpr double kBytesPerLogit = 8;
} // namespace

MemoryForecast forecastMemory(const MemoryDemand& demand) {
    const auto real = [](std::int64_t count) { return static_cast<double>(count); };
    MemoryForecast forecast;
    forecast.weights = demand.bytesPerValue * real(demand.parameters);
    forecast.trained = kBytesPerTrained * real(demand.trainable);
    forecast.activations = demand.bytesPerValue * kRowsPerLayer * real(demand.tokens) * real(demand.layers) *
                           real(demand.hiddenSize);
    forecast.logits = kBytesPerLogit * real(demand.tokens) * real(demand.vocabularySize);
    return forecast;
}

} // namespace lathe
