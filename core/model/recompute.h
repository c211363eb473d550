#pragma once

#include <ATen/core/Tensor.h>
#include <functional>

namespace lathe {

class LanguageModel;
class TransformerModel;

/// What gradients flow back to from a part of a model that is computed twice.
struct RecomputeInputs {
    at::Tensor x;
    at::Tensor keys, values; ///< of a trained prefix; undefined: there is none
};
using RecomputedPart = std::function<at::Tensor(const RecomputeInputs& inputs)>;

/// Gradient checkpointing, Chen et al. 2016 (arXiv:1604.06174): part(inputs), of which nothing but the inputs
/// is kept for the backward pass, where the part is computed once more. Trained leaves inside of the part get
/// their gradients then and there, so backward() is the way to have them, not grad(). Gradients are those of
/// the plain part bit for bit. Nothing is kept and nothing computed twice where the result needs no gradient.
/// Contract: the part is a function of its inputs and of what stays as it is until the backward pass.
[[nodiscard]] at::Tensor recomputed(const RecomputedPart& part, const RecomputeInputs& inputs);

/// While it lives, training passes through the model keep the input of each block alone, if `isOn`. Blocks
/// whose adapters hand tensors on to other blocks keep everything. For loss.backward() only.
class RecomputeScope {
public:
    RecomputeScope(LanguageModel& model, bool isOn);
    RecomputeScope(const RecomputeScope&) = delete;
    RecomputeScope& operator=(const RecomputeScope&) = delete;
    ~RecomputeScope();

private:
    TransformerModel* m_model;
};

/// What an adapter's part is besides if it reads tensors of other blocks of the same pass, or leaves some to
/// them.
class AcrossBlocks {
public:
    AcrossBlocks() = default;
    AcrossBlocks(const AcrossBlocks&) = delete;
    AcrossBlocks& operator=(const AcrossBlocks&) = delete;
    virtual ~AcrossBlocks() = default;

    [[nodiscard]] virtual bool reachesOtherBlocks() const = 0;
};

} // namespace lathe
