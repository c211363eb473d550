#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>
#include <vector>

namespace lathe {

/// What an adapter that decides where parameters go may ask of the run it is trained in: the loss on fixed
/// batches of the training data, each the same whenever it is asked for. To ask changes nothing in the run:
/// neither the order of its data nor its random numbers. Belongs to the run's thread.
class TrainingProbe {
public:
    TrainingProbe() = default;
    TrainingProbe(const TrainingProbe&) = delete;
    TrainingProbe& operator=(const TrainingProbe&) = delete;
    virtual ~TrainingProbe() = default;

    /// What the model reads in a batch: its texts, or vectors of ones in the place of all token vectors.
    enum class Input { Text, Ones };
    /// How the model answers a batch.
    struct Fit {
        double lossSum = 0;
        std::int64_t right = 0; ///< of the labels
        std::int64_t labels = 0;
        bool isLabelling = false; ///< texts have labels, so that `right` says more than the loss
    };

    [[nodiscard]] virtual std::int64_t totalSteps() const = 0;
    [[nodiscard]] virtual std::int64_t stepsPerEpoch() const = 0;
    /// Batches there are; from 0.
    [[nodiscard]] virtual std::int64_t batches() const = 0;
    /// Mean loss of a batch over its labels, a scalar with its graph; undefined where it has none.
    [[nodiscard]] virtual at::Tensor loss(std::int64_t batch, Input input) = 0;
    /// Without a graph.
    [[nodiscard]] virtual Fit fit(std::int64_t batch) = 0;

    /// Into the run's log.
    virtual void say(const std::string& text) = 0;
    virtual void warn(const std::string& text) = 0;
    /// Into the run's figures, at its present step.
    virtual void report(const std::string& metric, double value) = 0;
};

} // namespace lathe
