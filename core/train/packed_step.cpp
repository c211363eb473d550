#include "core/train/packed_step.h"

#include "core/base/contract.h"
#include "core/kernels/frozen_head_loss.h"
#include "core/model/recompute.h"
#include "core/model/transformer.h"
#include "core/train/batch_parts.h"
#include "core/train/own_gradients.h"
#include "core/train/prefix_cache.h"

#include <ATen/ops/cat.h>
#include <algorithm>
#include <iterator>
#include <optional>
#include <torch/csrc/autograd/autograd.h>

namespace lathe {

namespace {

/// The batches of one round behind each other, and whose they are.
struct Round {
    std::vector<std::size_t> turns;   // who takes part
    std::vector<std::int64_t> counts; // labelled tokens of each
    std::vector<PackedRows> rows;
    ModelInput input;
    at::Tensor chosen; // [N] int64: rows of the flattened hidden states that the head reads
    std::vector<at::Tensor> labels;
    BlockStart start;
};

/// Whether all keep what the same blocks make of their rows.
bool shareStart(std::span<const PackedTurn> turns) {
    const PrefixCache* first = turns.front().step.prefix;
    return first != nullptr && std::ranges::all_of(turns, [first](const PackedTurn& turn) {
               return turn.step.prefix != nullptr && turn.step.prefix->block() == first->block();
           });
}

/// Texts of like length stand as rows of a batch, which attend in one call; others side by side. Either way
/// the flattened hidden states are the same.
void arrange(Round& round, const std::vector<at::Tensor>& ids) {
    ModelInput& input = round.input;
    input.ids = ids.size() == 1 ? ids.front() : at::cat(ids, 1);
    const auto& lengths = input.lengths;
    if (std::ranges::all_of(lengths, [&](std::int64_t length) { return length == lengths.front(); })) {
        const auto texts = static_cast<std::int64_t>(lengths.size());
        input.ids = input.ids.view({texts, lengths.front()});
        if (round.start.input.defined())
            round.start.input = round.start.input.view({texts, lengths.front(), -1});
        input.lengths.clear();
    }
}

/// Of the micro-batches of this number, where something is due.
Round roundOf(LanguageModel& model, std::span<const PackedTurn> turns, std::size_t number,
              std::vector<StepSums>& sums) {
    Round round;
    const bool isStarted = shareStart(turns);
    std::vector<at::Tensor> ids, chosen, starts;
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto& batches = turns[i].step.microBatches;
        if (number >= batches.size())
            continue;
        DeviceBatch batch = toDevice(batches[number], model.device(), BatchLayout::SideBySide);
        sums[i].tokens += batch.tokens;
        if (batch.labels.numel() == 0)
            continue;
        round.turns.push_back(i);
        round.counts.push_back(batch.labels.numel());
        round.rows.push_back({turns[i].member, batch.tokens, batch.labels.numel()});
        round.labels.push_back(batch.labels);
        ids.push_back(batch.input.ids);
        chosen.push_back(batch.rows + begin);
        round.input.lengths.insert(round.input.lengths.end(), batch.input.lengths.begin(),
                                   batch.input.lengths.end());
        begin += batch.tokens;
        if (isStarted) {
            round.start = turns[i].step.prefix->startOf(model, batches[number], BatchLayout::SideBySide);
            starts.push_back(round.start.input);
        }
    }
    if (!ids.empty()) {
        round.start.input = starts.empty() ? at::Tensor() : at::cat(starts, 1);
        arrange(round, ids);
        round.chosen = at::cat(chosen);
    }
    return round;
}

/// The losses of the round's trials where the head is frozen and nothing but a product: of its rows in
/// `read`.
std::vector<at::Tensor> lossesBehind(const AdaptedProjection& head, const Round& round,
                                     const at::Tensor& read, const std::vector<std::int64_t>& due) {
    const auto parts = read.split_with_sizes(round.counts, 0);
    std::vector<at::Tensor> losses;
    for (std::size_t i = 0; i < parts.size(); ++i)
        losses.push_back(frozenHeadLoss(parts[i].contiguous(), head.matrix, head.bias, round.labels[i]) /
                         due[round.turns[i]]);
    return losses;
}

/// A loss for each of the round's trials, which backward() takes as roots of their own: nothing is added up
/// across trials.
std::vector<at::Tensor> lossesOfRound(PackedBase& base, const Round& round,
                                      const std::vector<std::int64_t>& due) {
    base.lora.setRows(round.rows);
    auto& transformer = dynamic_cast<TransformerModel&>(*base.model);
    const at::Tensor read = transformer.hiddenAt(round.chosen, round.start, round.input);
    if (const auto head = transformer.plainHead(read))
        return lossesBehind(*head, round, read, due);
    const at::Tensor logits = base.model->logits(read);
    const at::Tensor wide = logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
    // Split, not narrow: the backward pass of one split writes each gradient once.
    const auto parts = wide.split_with_sizes(round.counts, 0);
    std::vector<at::Tensor> losses;
    for (std::size_t i = 0; i < parts.size(); ++i)
        losses.push_back(lossesOf(parts[i], round.labels[i], at::Reduction::Sum) / due[round.turns[i]]);
    return losses;
}

std::vector<at::Tensor> leavesOf(std::span<const PackedTurn> turns) {
    std::vector<at::Tensor> leaves;
    for (const PackedTurn& turn : turns)
        std::ranges::copy(leavesOf(*turn.step.adapter), std::back_inserter(leaves));
    return leaves;
}

} // namespace

bool canShareSteps(const LanguageModel& model) {
    return model.summary().head == HeadKind::CausalLm && readsPartsAlike(model);
}

std::vector<StepSums> packedGradients(PackedBase& base, std::span<const PackedTurn> turns) {
    std::vector<StepSums> sums(turns.size());
    std::vector<std::int64_t> due;
    std::size_t rounds = 0;
    for (const PackedTurn& turn : turns) {
        due.push_back(lossesDueIn(turn.step.microBatches));
        LATHE_EXPECT(due.back() > 0);
        rounds = std::max(rounds, turn.step.microBatches.size());
        turn.step.adapter->beginStep(turn.step.step);
        turn.step.optimizer->zeroGradients();
    }
    const bool isRecomputed =
        std::ranges::any_of(turns, [](const PackedTurn& turn) { return turn.step.isRecomputed; });
    const RecomputeScope recompute(*base.model, isRecomputed);
    GradientSink sink(leavesOf(turns));
    for (std::size_t number = 0; number < rounds; ++number) {
        base.lora.setRows({}); // what lies below is computed without adapters
        const Round round = roundOf(*base.model, turns, number, sums);
        if (round.turns.empty())
            continue;
        std::optional<SinkScope> scope; // as in a step alone
        if (!isRecomputed)
            scope.emplace(sink);
        const std::vector<at::Tensor> losses = lossesOfRound(base, round, due);
        torch::autograd::backward(losses);
        scope.reset();
        for (std::size_t i = 0; i < losses.size(); ++i)
            sums[round.turns[i]].add(losses[i]);
    }
    base.lora.setRows({});
    sink.addToLeaves();
    return sums;
}

} // namespace lathe
