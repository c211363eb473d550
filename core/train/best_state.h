#pragma once

#include "core/adapter/adapter.h"

namespace lathe {

/// How an evaluation turned out, as far as the choice among states goes.
struct Standing {
    double metric = 0; ///< the task's objective
    double loss = 0;
    std::int64_t step = 0;
    bool operator==(const Standing&) const = default;
};

/// Whether a state is chosen before another: the better metric, else the lower loss, else the earlier step.
/// What is no number is worse than any. `isHighBetter`: of the metric.
[[nodiscard]] bool isChosenBefore(const Standing& one, const Standing& other, bool isHighBetter);

/// Input error where "keep_best" cannot be had: the adapter's places change while it trains, and those of an
/// earlier step are not kept.
[[nodiscard]] Status checkKeepBest(const ParamValues& recipe);

/// An adapter's tensors as they were at the best evaluation. The adapter outlives it; its parameters and
/// state are the same tensors all along.
class BestState {
public:
    BestState(const Adapter& adapter, bool isHighBetter);

    /// Keeps the tensors as they are now if they are the best so far. Returns whether they are.
    bool offer(const Standing& standing);
    /// Puts the kept ones back; nothing where none were.
    void restore();
    [[nodiscard]] std::optional<Standing> standing() const;
    /// For checkpoints; restored in place.
    [[nodiscard]] std::vector<NamedTensor> state() const;

private:
    bool m_isHighBetter;
    std::vector<at::Tensor> m_own;   // the adapter's
    std::vector<NamedTensor> m_kept; // of the same order
    at::Tensor m_standing;           // [4] fp64: whether there is one, metric, loss, step
};

} // namespace lathe
