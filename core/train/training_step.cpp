#include "core/train/training_step.h"

#include "core/kernels/parts_on_threads.h"
#include "core/kernels/work_scope.h"
#include "core/model/recompute.h"
#include "core/model/transformer.h"
#include "core/train/batch_parts.h"
#include "core/train/head_loss.h"
#include "core/train/mean_loss.h"
#include "core/train/own_gradients.h"
#include "core/train/prefix_cache.h"
#include "core/train/threads.h"
#include "core/train/work_kinds.h"

#include <ATen/ThreadLocalState.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <optional>
#include <torch/csrc/autograd/autograd.h>

namespace lathe {

namespace {

/// A right-padded causal batch needs no mask: no real token sees the padding behind it, and the padding's
/// results are not read. Returns [B, T], or [1, all real tokens] side by side.
template <typename Number>
at::Tensor wholeTensor(const std::vector<Number>& values, const Batch& batch, at::Device device,
                       BatchLayout layout) {
    if (layout == BatchLayout::Padded) {
        const std::vector<std::int64_t> shape{static_cast<std::int64_t>(batch.rows),
                                              static_cast<std::int64_t>(batch.length)};
        return at::tensor(values, at::kInt).view(shape).to(device, at::kLong, /*non_blocking=*/true);
    }
    std::vector<Number> real;
    for (std::size_t place = 0; place < values.size(); ++place)
        if (batch.mask[place] != 0)
            real.push_back(values[place]);
    return at::tensor(real, at::kInt).unsqueeze(0).to(device, at::kLong, /*non_blocking=*/true);
}

/// How many losses a batch has.
std::int64_t dueIn(const Batch& batch) {
    const std::size_t texts = batch.textLabels.size() + batch.textNumbers.size();
    return static_cast<std::int64_t>(texts == 0 ? batch.labelledTokens : texts);
}

/// Labelled texts are read whole, padding and all, by models that look both ways too.
void readWhole(const Batch& batch, at::Device device, BatchLayout layout, DeviceBatch& into) {
    into.textLabels =
        batch.textNumbers.empty()
            ? at::tensor(batch.textLabels, at::kInt).to(at::TensorOptions(at::kLong).device(device))
            : at::tensor(batch.textNumbers, at::kDouble).to(device);
    if (layout == BatchLayout::Padded && batch.realTokens < batch.rows * batch.length)
        into.input.mask = wholeTensor(batch.mask, batch, device, layout).to(at::kBool);
    if (!batch.typeIds.empty())
        into.input.types = wholeTensor(batch.typeIds, batch, device, layout);
}

/// The hidden states of the texts alone: vectors of a prompt stand before each, and nothing is due there.
at::Tensor withoutVirtualTokens(const at::Tensor& hidden, const ModelInput& input) {
    const std::int64_t count = input.tokens();
    if (input.lengths.empty())
        return hidden.narrow(1, hidden.size(1) - count, count);
    const auto texts = static_cast<std::int64_t>(input.lengths.size());
    const std::int64_t inFront = (hidden.size(1) - count) / texts;
    if (inFront == 0)
        return hidden;
    std::vector<std::int64_t> sizes;
    for (const std::int64_t length : input.lengths)
        sizes.insert(sizes.end(), {inFront, length});
    const std::vector<at::Tensor> parts = hidden.split_with_sizes(sizes, 1);
    std::vector<at::Tensor> kept;
    for (std::size_t part = 1; part < parts.size(); part += 2)
        kept.push_back(parts[part]);
    return at::cat(kept, 1);
}

/// What the head reads: [N, D] where labels are due, [B, D] of labelled texts.
at::Tensor headInput(LanguageModel& model, const DeviceBatch& batch) {
    const RowsBefore before(batch.place.tokens);
    if (auto* transformer = dynamic_cast<TransformerModel*>(&model);
        transformer != nullptr && transformer->virtualTokens() == nullptr)
        if (const auto places = batch.textLabels.defined() ? transformer->pooledPlaces(batch.input)
                                                           : std::optional(batch.rows))
            return transformer->hiddenAt(*places, batch.start, batch.input);
    LATHE_EXPECT(!batch.start.input.defined());
    const at::Tensor hidden = model.hidden(batch.input);
    if (batch.textLabels.defined())
        return model.pooled(hidden, batch.input);
    const at::Tensor text = withoutVirtualTokens(hidden, batch.input);
    return text.reshape({-1, hidden.size(-1)}).index_select(0, batch.rows);
}

/// In fp32, or fp64 for fp64 models.
at::Tensor wideLogits(LanguageModel& model, const at::Tensor& read) {
    const at::Tensor logits = model.logits(read);
    return logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
}

DeviceBatch deviceBatch(LanguageModel& model, const Batch& batch, PrefixCache* prefix) {
    const BatchLayout layout = layoutFor(model, batch);
    DeviceBatch onDevice = toDevice(batch, model.device(), layout);
    if (prefix != nullptr)
        onDevice.start = prefix->startOf(model, batch, layout);
    return onDevice;
}

at::Tensor summedLoss(LanguageModel& model, const DeviceBatch& batch) {
    const at::Tensor read = headInput(model, batch);
    const WorkScope scope(kLossScope);
    const RowsBefore before(batch.place.due);
    return batch.textLabels.defined() ? lossesOf(wideLogits(model, read), batch.due(), at::Reduction::Sum)
                                      : headLoss(model, read, batch.labels);
}

/// A part of a batch, and what its thread makes of it.
struct Part {
    Batch batch;
    PartPlace place;
    DeviceBatch onDevice;
    at::Tensor loss;
    std::optional<OwnGradients> gradients;
};

/// The parts on the model's device where that is not the business of their threads.
std::vector<Part> partsOf(LanguageModel& model, const StepTurn& turn, const Batch& batch, std::size_t count) {
    LATHE_EXPECT(model.readsSideBySide()); // so that there is no padding to be counted
    std::vector<Part> parts;
    PartPlace next;
    for (Batch& rows : splitBatch(batch, count)) {
        Part& part = parts.emplace_back();
        part.batch = std::move(rows);
        part.place = next;
        next.tokens += static_cast<std::int64_t>(part.batch.realTokens);
        next.due += dueIn(part.batch);
        if (turn.prefix != nullptr) // which serves one thread
            part.onDevice = deviceBatch(model, part.batch, turn.prefix);
    }
    return parts;
}

/// Computes a batch's loss and its gradients. A layer that is computed again in the backward pass asks the
/// graph for its leaves' gradients: it has no sink.
at::Tensor pulledLoss(LanguageModel& model, const DeviceBatch& batch, std::int64_t labelled,
                      GradientSink* sink) {
    std::optional<SinkScope> scope;
    if (sink != nullptr)
        scope.emplace(*sink);
    at::Tensor loss = summedLoss(model, batch) / labelled;
    loss.backward();
    return loss;
}

/// Each part of the batch on a thread of its own, forward and backward.
void addGradientsOfParts(LanguageModel& model, const StepTurn& turn, const Batch& batch, std::size_t count,
                         std::int64_t labelled, StepSums& sums) {
    std::vector<Part> parts = partsOf(model, turn, batch, count);
    const std::vector<at::Tensor> leaves = leavesOf(*turn.adapter);
    const at::ThreadLocalState state;
    const MoreThreads threads(static_cast<std::int64_t>(count));
    partsOnThreads(static_cast<std::int64_t>(count), [&](std::int64_t number) {
        const at::ThreadLocalStateGuard asCaller(state); // gradients are recorded, and time if it is
        Part& part = parts[static_cast<std::size_t>(number)];
        if (turn.prefix == nullptr)
            part.onDevice = deviceBatch(model, part.batch, nullptr);
        part.onDevice.place = part.place;
        if (part.onDevice.due().numel() == 0)
            return;
        part.gradients.emplace(leaves);
        part.loss = part.gradients->pull([&] { return summedLoss(model, part.onDevice) / labelled; });
    });
    for (const Part& part : parts) {
        sums.tokens += part.onDevice.tokens;
        if (!part.loss.defined())
            continue;
        part.gradients->addToLeaves();
        sums.add(part.loss);
    }
}

} // namespace

void StepSums::add(const at::Tensor& part) {
    const at::Tensor wide = part.detach().to(at::kDouble);
    loss = loss.defined() ? loss + wide : wide;
}

std::int64_t lossesDueIn(std::span<const Batch> batches) {
    std::int64_t due = 0;
    for (const Batch& batch : batches)
        due += dueIn(batch);
    return due;
}

at::Tensor lossesOf(const at::Tensor& logits, const at::Tensor& due, std::int64_t reduction) {
    if (due.is_floating_point())
        return at::mse_loss(logits.squeeze(-1), due.to(logits.scalar_type()), reduction);
    return at::cross_entropy_loss(logits, due, {}, reduction);
}

BatchLayout layoutFor(const LanguageModel& model, const Batch& batch) {
    if (!model.readsSideBySide())
        return BatchLayout::Padded;
    const bool hasPadding = batch.realTokens < batch.rows * batch.length;
    return batch.isPacked || (hasPadding && model.device().is_cpu()) ? BatchLayout::SideBySide
                                                                     : BatchLayout::Padded;
}

DeviceBatch toDevice(const Batch& batch, at::Device device, BatchLayout layout) {
    const WorkScope scope(kDataScope);
    DeviceBatch result;
    result.input.ids = wholeTensor(batch.ids, batch, device, layout);
    result.tokens = static_cast<std::int64_t>(batch.realTokens);
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> labels;
    std::int64_t begin = 0; // of the row in the flattened hidden states
    for (std::size_t row = 0; row < batch.rows; ++row) {
        const std::size_t before = rows.size();
        const std::int64_t real = realTokensOf(batch, row);
        if (layout == BatchLayout::SideBySide)
            result.input.lengths.push_back(real);
        for (std::size_t t = 1; t < batch.length; ++t) {
            const std::size_t place = row * batch.length + t;
            if (batch.labels[place] == kIgnoreLabel)
                continue;
            rows.push_back(begin + static_cast<std::int64_t>(t) - 1);
            labels.push_back(batch.labels[place]);
        }
        result.perExample.push_back(static_cast<std::int64_t>(rows.size() - before));
        begin += layout == BatchLayout::SideBySide ? real : static_cast<std::int64_t>(batch.length);
    }
    if (!batch.textLabels.empty() || !batch.textNumbers.empty())
        readWhole(batch, device, layout, result);
    const auto count = static_cast<std::int64_t>(rows.size());
    rows.insert(rows.end(), labels.begin(), labels.end());
    const at::Tensor both = at::tensor(rows, at::kLong).to(device, at::kLong, /*non_blocking=*/true);
    result.rows = both.narrow(0, 0, count);
    result.labels = both.narrow(0, count, count);
    return result;
}

at::Tensor labelledLogits(LanguageModel& model, const DeviceBatch& batch) {
    return wideLogits(model, headInput(model, batch));
}

at::Tensor meanLoss(LanguageModel& model, const DeviceBatch& batch) {
    LATHE_EXPECT(batch.due().numel() > 0);
    return lossesOf(labelledLogits(model, batch), batch.due(), at::Reduction::Sum) / batch.due().numel();
}

StepReport finishStep(const StepTurn& turn, StepSums sums) {
    const WorkScope scope(kOptimizerScope);
    Adapter& adapter = *turn.adapter;
    if (const at::Tensor penalty = adapter.penalty(); penalty.defined()) {
        penalty.backward();
        sums.add(penalty);
    }
    const at::Tensor norm = turn.optimizer->clipGradients(turn.maxNorm);
    adapter.beforeUpdate(turn.step);
    turn.optimizer->step(turn.learningRate);
    adapter.afterUpdate(turn.step);
    adapter.endTraining();
    // Read once, when everything is on its way: on a GPU each reading waits for all work before it.
    const at::Tensor read = at::stack({sums.loss, norm.to(sums.loss.device())}).cpu();
    return {read.const_data_ptr<double>()[0], read.const_data_ptr<double>()[1], sums.tokens};
}

StepReport trainingStep(LanguageModel& model, const StepTurn& turn) {
    const std::int64_t labelled = lossesDueIn(turn.microBatches);
    LATHE_EXPECT(labelled > 0);
    turn.adapter->beginStep(turn.step);
    turn.optimizer->zeroGradients();
    const RecomputeScope recompute(model, turn.isRecomputed);
    std::optional<GradientSink> sink; // of batches that are read whole
    StepSums sums;
    for (const Batch& batch : turn.microBatches) {
        if (const std::size_t parts = partsWorth(batch, turn.threads); parts > 1) {
            addGradientsOfParts(model, turn, batch, parts, labelled, sums);
            continue;
        }
        const DeviceBatch onDevice = deviceBatch(model, batch, turn.prefix);
        sums.tokens += onDevice.tokens;
        if (onDevice.due().numel() == 0)
            continue;
        if (!sink && !turn.isRecomputed)
            sink.emplace(leavesOf(*turn.adapter));
        sums.add(pulledLoss(model, onDevice, labelled, sink ? &*sink : nullptr));
    }
    if (sink)
        sink->addToLeaves();
    return finishStep(turn, std::move(sums));
}

StepReport trainingStep(LanguageModel& model, Adapter& adapter, FlatAdamW& optimizer,
                        std::span<const Batch> microBatches, std::int64_t step, double learningRate,
                        double maxNorm) {
    return trainingStep(model, {&adapter, &optimizer, microBatches, step, learningRate, maxNorm});
}

namespace {

/// given: [B] int64; losses: [B] fp64; both on the CPU.
std::vector<ExampleScore> scoreTexts(const Batch& batch, const at::Tensor& given, const at::Tensor& losses) {
    std::vector<ExampleScore> scores(batch.rows);
    for (std::size_t row = 0; row < batch.rows; ++row) {
        ExampleScore& score = scores[row];
        score.expectedLabel = batch.textLabels[row];
        score.givenLabel = static_cast<std::int32_t>(given.const_data_ptr<std::int64_t>()[row]);
        score.labelledTokens = 1;
        score.correctTokens = score.givenLabel == score.expectedLabel ? 1 : 0;
        score.lossSum = losses.const_data_ptr<double>()[row];
    }
    return scores;
}

/// given: [B] fp64; losses: [B] fp64; both on the CPU.
std::vector<ExampleScore> scoreNumbers(const Batch& batch, const at::Tensor& given,
                                       const at::Tensor& losses) {
    std::vector<ExampleScore> scores(batch.rows);
    for (std::size_t row = 0; row < batch.rows; ++row) {
        ExampleScore& score = scores[row];
        score.expectedNumber = batch.textNumbers[row];
        score.givenNumber = given.const_data_ptr<double>()[row];
        score.labelledTokens = 1;
        score.lossSum = losses.const_data_ptr<double>()[row];
    }
    return scores;
}

} // namespace

std::vector<ExampleScore> scoreLogits(const Batch& batch, const DeviceBatch& onDevice,
                                      const at::Tensor& logits) {
    const at::Tensor losses = lossesOf(logits, onDevice.due(), at::Reduction::None).to(at::kDouble).cpu();
    if (!batch.textNumbers.empty())
        return scoreNumbers(batch, logits.squeeze(-1).to(at::kDouble).cpu().contiguous(), losses);
    const at::Tensor given = logits.argmax(-1);
    if (onDevice.textLabels.defined())
        return scoreTexts(batch, given.cpu(), losses);
    std::vector<ExampleScore> scores(batch.rows);
    const at::Tensor hits = given.eq(onDevice.labels).cpu();
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

std::vector<ExampleScore> scoreBatch(LanguageModel& model, const Batch& batch, PrefixCache* prefix) {
    const at::NoGradGuard noGrad;
    const DeviceBatch onDevice = deviceBatch(model, batch, prefix);
    if (onDevice.due().numel() == 0)
        return std::vector<ExampleScore>(batch.rows);
    return scoreLogits(batch, onDevice, labelledLogits(model, onDevice));
}

} // namespace lathe
