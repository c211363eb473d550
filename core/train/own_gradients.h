#pragma once

#include "core/adapter/adapter.h"
#include "core/kernels/gradient_sink.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <vector>

namespace lathe {

/// What an adapter trains.
inline std::vector<at::Tensor> leavesOf(const Adapter& adapter) {
    std::vector<at::Tensor> leaves;
    for (const auto& [name, parameter] : adapter.parameters())
        leaves.push_back(parameter);
    return leaves;
}

/// The gradients of a loss by an adapter's leaves, as one thread makes them.
class OwnGradients {
public:
    explicit OwnGradients(const std::vector<at::Tensor>& leaves) : m_sink(leaves) {}

    /// lossOf() computes the loss. Returns it without its graph, which goes here and not on the thread that
    /// adds up.
    template <typename LossOf>
    at::Tensor pull(const LossOf& lossOf) {
        const SinkScope scope(m_sink);
        const at::Tensor loss = lossOf();
        m_leaves = m_sink.askedOfGraph();
        m_gradients = torch::autograd::grad({loss}, m_leaves, {}, false, false, /*allow_unused=*/true);
        return loss.detach();
    }

    void addToLeaves() const {
        m_sink.addToLeaves();
        for (std::size_t i = 0; i < m_gradients.size(); ++i)
            if (m_gradients[i].defined())
                add(m_leaves[i], m_gradients[i]);
    }

private:
    static void add(const at::Tensor& leaf, const at::Tensor& gradient) {
        const at::NoGradGuard noGrad;
        if (leaf.grad().defined())
            leaf.mutable_grad().add_(gradient);
        else // of a leaf that the optimiser does not know
            leaf.mutable_grad() = gradient.clone();
    }

    GradientSink m_sink;
    std::vector<at::Tensor> m_leaves, m_gradients; // undefined: the graph has none
};

} // namespace lathe
