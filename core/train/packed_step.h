#pragma once

#include "core/adapter/packed_lora.h"
#include "core/train/training_step.h"

namespace lathe {

/// A frozen base as several trials share it, with a place for all their adapters at once.
struct PackedBase {
    explicit PackedBase(std::unique_ptr<LanguageModel> shared) : model(std::move(shared)), lora(*model) {}

    std::unique_ptr<LanguageModel> model;
    PackedLora lora; // after the model
};

/// Whether several trials can step on this model at once, each exactly as alone: it answers with the next
/// token, reads texts side by side, computes on the CPU (on a GPU a trial alone pads its batches, and draws
/// its dropout for the padding too), and turns its positions by angles that do not depend on the longest text
/// at hand.
[[nodiscard]] bool canShareSteps(const LanguageModel& model);

/// What trainingStep() takes, of one trial.
struct PackedTurn {
    StepTurn step;
    const PackedMember* member = nullptr; ///< of step.adapter
};

/// The gradients of one step of each trial, in one forward and backward pass for each round of micro-batches,
/// left in the optimisers' buffers; finishStep() makes updates of them. Each trial's loss is the mean over
/// its own labelled tokens, and no number of one trial enters another's: its gradients are those of a step
/// alone, to the rounding of the products with the base. Contract: canShareSteps(); some token of each is
/// labelled; `base` serves no other thread meanwhile.
[[nodiscard]] std::vector<StepSums> packedGradients(PackedBase& base, std::span<const PackedTurn> turns);

} // namespace lathe
