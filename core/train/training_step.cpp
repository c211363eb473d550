#include "core/train/training_step.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>

namespace lathe {

namespace {

/// A right-padded causal batch needs no mask: no real token sees the padding behind it, and the padding's
/// results are not read.
at::Tensor idTensor(const Batch& batch, at::Device device) {
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(batch.rows),
                                          static_cast<std::int64_t>(batch.length)};
    const at::Tensor ids = at::tensor(batch.ids, at::kInt).view(shape);
    return ids.to(at::TensorOptions(at::kLong).device(device));
}

at::Tensor lossSums(const at::Tensor& logits, const at::Tensor& labels, std::int64_t reduction) {
    return at::cross_entropy_loss(logits, labels, {}, reduction);
}

} // namespace

DeviceBatch toDevice(const Batch& batch, at::Device device) {
    DeviceBatch result;
    result.input.ids = idTensor(batch, device);
    result.tokens = static_cast<std::int64_t>(batch.realTokens);
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> labels;
    for (std::size_t row = 0; row < batch.rows; ++row) {
        const std::size_t before = rows.size();
        for (std::size_t t = 1; t < batch.length; ++t) {
            const std::size_t place = row * batch.length + t;
            if (batch.labels[place] == kIgnoreLabel)
                continue;
            rows.push_back(static_cast<std::int64_t>(place) - 1);
            labels.push_back(batch.labels[place]);
        }
        result.perExample.push_back(static_cast<std::int64_t>(rows.size() - before));
    }
    result.rows = at::tensor(rows, at::kLong).to(device);
    result.labels = at::tensor(labels, at::kLong).to(device);
    return result;
}

at::Tensor labelledLogits(LanguageModel& model, const DeviceBatch& batch) {
    const at::Tensor hidden = model.hidden(batch.input);
    // Vectors of a prompt stand before the text, and nothing is due there.
    const at::Tensor text = hidden.narrow(1, hidden.size(1) - batch.input.tokens(), batch.input.tokens());
    const at::Tensor chosen = text.reshape({-1, hidden.size(-1)}).index_select(0, batch.rows);
    const at::Tensor logits = model.logits(chosen);
    return logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
}

StepReport trainingStep(LanguageModel& model, Adapter& adapter, FlatAdamW& optimizer,
                        std::span<const Batch> microBatches, std::int64_t step, double learningRate,
                        double maxNorm) {
    std::int64_t labelled = 0;
    for (const Batch& batch : microBatches)
        labelled += static_cast<std::int64_t>(batch.labelledTokens);
    LATHE_EXPECT(labelled > 0);
    adapter.beginStep(step);
    optimizer.zeroGradients();
    StepReport report;
    for (const Batch& batch : microBatches) {
        const DeviceBatch onDevice = toDevice(batch, model.device());
        report.tokens += onDevice.tokens;
        if (onDevice.labels.numel() == 0)
            continue;
        const at::Tensor loss =
            lossSums(labelledLogits(model, onDevice), onDevice.labels, at::Reduction::Sum) / labelled;
        loss.backward();
        report.loss += loss.item<double>();
    }
    if (const at::Tensor penalty = adapter.penalty(); penalty.defined()) {
        penalty.backward();
        report.loss += penalty.item<double>();
    }
    report.gradientNorm = optimizer.clipGradients(maxNorm);
    optimizer.step(learningRate);
    adapter.afterUpdate(step);
    adapter.endTraining();
    return report;
}

std::vector<ExampleScore> scoreBatch(LanguageModel& model, const Batch& batch) {
    const at::NoGradGuard noGrad;
    const DeviceBatch onDevice = toDevice(batch, model.device());
    std::vector<ExampleScore> scores(batch.rows);
    if (onDevice.labels.numel() == 0)
        return scores;
    const at::Tensor logits = labelledLogits(model, onDevice);
    const at::Tensor losses = lossSums(logits, onDevice.labels, at::Reduction::None).to(at::kDouble).cpu();
    const at::Tensor hits = logits.argmax(-1).eq(onDevice.labels).cpu();
    const double* loss = losses.const_data_ptr<double>();
    const bool* hit = hits.const_data_ptr<bool>();
    std::int64_t place = 0;
    for (std::size_t row = 0; row < batch.rows; ++row) {
        scores[row].labelledTokens = onDevice.perExample[row];
        for (std::int64_t i = 0; i < onDevice.perExample[row]; ++i, ++place) {
            scores[row].lossSum += loss[place];
            scores[row].correctTokens += hit[place] ? 1 : 0;
        }
    }
    return scores;
}

} // namespace lathe
