#pragma once

#include "core/adapter/training_probe.h"
#include "core/model/language_model.h"
#include "core/train/training_data.h"

#include <functional>
#include <vector>

namespace lathe {

/// What a run tells an adapter that scores its modules. Its batches are rows of the training data in an order
/// of their own, a function of the seed, so that a resumed run has the same; each row is in at most one.
class RunProbe final : public TrainingProbe {
public:
    struct Facts {
        std::int64_t totalSteps = 1;
        std::int64_t stepsPerEpoch = 1;
        std::int64_t batchSize = 1;
        std::uint64_t seed = 0;
    };
    struct Outlets {
        std::function<void(const std::string&)> say, warn;
        std::function<void(const std::string&, double)> report;
    };

    /// `model` outlives the probe.
    RunProbe(LanguageModel& model, const TrainingData& data, const Facts& facts, Outlets outlets);

    std::int64_t totalSteps() const override { return m_facts.totalSteps; }
    std::int64_t stepsPerEpoch() const override { return m_facts.stepsPerEpoch; }
    std::int64_t batches() const override { return static_cast<std::int64_t>(m_batchCount); }
    at::Tensor loss(std::int64_t batch, Input input) override;
    Fit fit(std::int64_t batch) override;
    void say(const std::string& text) override { m_outlets.say(text); }
    void warn(const std::string& text) override { m_outlets.warn(text); }
    void report(const std::string& metric, double value) override { m_outlets.report(metric, value); }

    /// The training rows of a batch.
    [[nodiscard]] const std::vector<std::size_t>& rows(std::int64_t batch);

private:
    [[nodiscard]] Batch batchAt(std::int64_t batch);

    LanguageModel& m_model;
    ExampleList m_rows;
    std::int32_t m_padId;
    Facts m_facts;
    Outlets m_outlets;
    BatchCursor m_cursor;
    std::size_t m_batchCount;
    std::vector<std::vector<std::size_t>> m_chosen; // those that were asked for, and the ones before
};

} // namespace lathe
