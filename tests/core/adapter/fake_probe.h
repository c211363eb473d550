#pragma once

#include "core/adapter/training_probe.h"
#include "core/model/language_model.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ones.h>

#include <map>

namespace lathe::test {

/// Batches of made-up tokens and labels, a function of their number, without a run.
class FakeProbe final : public TrainingProbe {
public:
    explicit FakeProbe(LanguageModel& model) : m_model(model) {}

    std::int64_t totalSteps() const override { return 40; }
    std::int64_t stepsPerEpoch() const override { return 10; }
    std::int64_t batches() const override { return 4; }
    at::Tensor loss(std::int64_t batch, Input input) override {
        ++losses;
        const at::Tensor logits = answers(batch, input);
        return at::cross_entropy_loss(logits, labels(batch, logits));
    }
    Fit fit(std::int64_t batch) override {
        const at::NoGradGuard noGrad;
        const at::Tensor logits = answers(batch, Input::Text);
        const at::Tensor due = labels(batch, logits);
        Fit fit;
        fit.labels = due.numel();
        fit.lossSum = at::cross_entropy_loss(logits, due, {}, at::Reduction::Sum).item<double>();
        fit.right = logits.argmax(-1).eq(due).sum().item<std::int64_t>();
        return fit;
    }
    void say(const std::string& text) override { said.push_back(text); }
    void warn(const std::string& text) override { warned.push_back(text); }
    void report(const std::string& metric, double value) override { reported[metric] = value; }

    int losses = 0; ///< that were asked for
    std::vector<std::string> said, warned;
    std::map<std::string, double> reported;

private:
    [[nodiscard]] at::Tensor answers(std::int64_t batch, Input input) const {
        const std::int64_t vocabulary = m_model.summary().vocabularySize;
        ModelInput text;
        text.ids = (at::arange(12, at::kLong) * (7 + batch) % (vocabulary - 3) + 3).view({2, 6});
        if (input == Input::Ones)
            text.embeddings =
                at::ones({2, 6, m_model.summary().embeddingWidth}, at::TensorOptions(m_model.dtype()));
        const at::Tensor logits = m_model.output(text);
        return logits.dim() == 3 ? logits.flatten(0, 1) : logits;
    }
    static at::Tensor labels(std::int64_t batch, const at::Tensor& logits) {
        return (at::arange(logits.size(0), at::kLong) * 5 + batch) % logits.size(1);
    }

    LanguageModel& m_model;
};

} // namespace lathe::test
