#pragma once

#include "core/adapter/adapter_method.h"
#include "core/data/examples.h"
#include "core/model/block_start.h"
#include "core/tasks/answer_score.h"
#include "core/train/flat_adamw.h"

#include <span>

namespace lathe {

class PrefixCache;

/// Where a part of a batch begins: rows of the blocks, and of the head, in the parts before it.
struct PartPlace {
    std::int64_t tokens = 0, due = 0;
};

/// A batch on the model's device, with the places where a label is due: the loss is taken there and nowhere
/// else.
struct DeviceBatch {
    ModelInput input;
    at::Tensor textLabels; ///< [B] of labelled texts, then rows and labels are empty: int64, or fp64 numbers
    at::Tensor rows;   ///< [N] int64: index into the flattened [B·T] hidden states (without those of virtual
                       ///< tokens) of the token before each labelled one
    at::Tensor labels; ///< [N] int64
    std::vector<std::int64_t> perExample; ///< labelled tokens of each row of the batch; their sum is N
    std::int64_t tokens = 0;              ///< real tokens, padding left out
    BlockStart start = {};                ///< what is known of the pass already
    PartPlace place = {};                 ///< of a part of a batch

    /// What the loss is taken against: labels of tokens, or of texts.
    [[nodiscard]] const at::Tensor& due() const { return textLabels.defined() ? textLabels : labels; }
};

/// How the rows of a batch stand.
enum class BatchLayout {
    Padded,    ///< one below the other, [B, T], filled up to the longest
    SideBySide ///< one behind the other in a single row, without padding; each still sees itself alone
};
/// Side by side where the rows were packed, or where the batch has padding and the model computes on the CPU,
/// where attention row by row costs nothing; padded where the model cannot read several texts in a row.
[[nodiscard]] BatchLayout layoutFor(const LanguageModel& model, const Batch& batch);
[[nodiscard]] DeviceBatch toDevice(const Batch& batch, at::Device device,
                                   BatchLayout layout = BatchLayout::Padded);

/// Logits where labels are due: [N, V], fp32 (fp64 for fp64 models). Only those rows go through the head. Of
/// labelled texts: [B, labels].
[[nodiscard]] at::Tensor labelledLogits(LanguageModel& model, const DeviceBatch& batch);

/// What one optimiser step did.
struct StepReport {
    /// Mean over the labelled tokens (or texts) of all micro-batches, before the update, and the adapter's
    /// penalty.
    double loss = 0;
    double gradientNorm = 0; ///< before clipping
    std::int64_t tokens = 0;
};

/// What a step is made of.
struct StepTurn {
    Adapter* adapter = nullptr;
    FlatAdamW* optimizer = nullptr;
    std::span<const Batch> microBatches;
    std::int64_t step = 0; ///< from 0
    double learningRate = 0;
    double maxNorm = 0; ///< 0: no clipping
    /// Keep the input of each block alone and compute the block again in the backward pass: the same numbers
    /// in less memory.
    bool isRecomputed = false;
    /// What the frozen blocks below the adapter make of each row, if it is kept.
    PrefixCache* prefix = nullptr;
    /// Threads that take a part of the rows each, from the first layer to the last: they wait for each other
    /// once a step, not in every operation. 1: operations share the threads.
    std::int64_t threads = 1;
};

/// What the backward passes of a step leave besides the gradients.
struct StepSums {
    at::Tensor loss; ///< fp64, on the model's device
    std::int64_t tokens = 0;

    void add(const at::Tensor& part);
};

/// How many losses the micro-batches have together: labelled tokens, or texts.
[[nodiscard]] std::int64_t lossesDueIn(std::span<const Batch> batches);
/// Cross entropy of labels; of numbers the squared distance to the head's one output, [B, 1].
[[nodiscard]] at::Tensor lossesOf(const at::Tensor& logits, const at::Tensor& due, std::int64_t reduction);
/// The adapter's penalty, clipping and the update, once the gradients of all micro-batches are there.
[[nodiscard]] StepReport finishStep(const StepTurn& turn, StepSums sums);

/// One optimiser step: forward and backward over the micro-batches, each weighted by its labelled tokens (or
/// texts), so
/// that accumulation gives what one large batch would; clipping at `maxNorm` (0: none); AdamW. The gradients
/// of parts of a batch are summed in their order, so that a step depends on the number of threads, in the
/// last digits, but not on their pace. Contract: some token is labelled.
[[nodiscard]] StepReport trainingStep(LanguageModel& model, Adapter& adapter, FlatAdamW& optimizer,
                                      std::span<const Batch> microBatches, std::int64_t step,
                                      double learningRate, double maxNorm);
[[nodiscard]] StepReport trainingStep(LanguageModel& model, const StepTurn& turn);

/// What such logits come to, example by example; those that are log probabilities too.
[[nodiscard]] std::vector<ExampleScore> scoreLogits(const Batch& batch, const DeviceBatch& onDevice,
                                                    const at::Tensor& logits);
/// How the model reads one batch with the right answers before its eyes, example by example. No gradients.
/// `prefix`: as of StepTurn.
[[nodiscard]] std::vector<ExampleScore> scoreBatch(LanguageModel& model, const Batch& batch,
                                                   PrefixCache* prefix = nullptr);

} // namespace lathe
