#include "core/train/memory_forecast.h"

#include "core/train/head_loss.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr double kBytesPerTrained = 16;
constexpr double kRowsPerLayer = 26;
constexpr double kBytesPerLogit = 12;
constexpr double kProgramBytes = 125e6;
} // namespace

MemoryForecast forecastMemory(const MemoryDemand& demand) {
    const auto real = [](std::int64_t count) { return static_cast<double>(count); };
    MemoryForecast forecast;
    forecast.program = kProgramBytes;
    forecast.weights = demand.bytesPerValue * real(demand.parameters - demand.packed + demand.largestPacked) +
                       demand.packedBytes;
    forecast.trained = kBytesPerTrained * real(demand.trainable);
    const double layerRows =
        demand.isRecomputed ? real(demand.layers) + kRowsPerLayer : real(demand.layers) * kRowsPerLayer;
    forecast.activations = demand.bytesPerValue * layerRows * real(demand.tokens) * real(demand.hiddenSize);
    forecast.logits = kBytesPerLogit * std::min(real(demand.tokens) * real(demand.vocabularySize),
                                                real(std::max(kLogitsAtOnce, demand.vocabularySize)));
    return forecast;
}

} // namespace lathe
