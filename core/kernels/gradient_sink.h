#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// Where block nodes put the gradients of their factors instead of handing them to LibTorch's graph, whose
/// bookkeeping for some seventy small tensors takes a twelfth of a small model's step. Outlives the graph.
class GradientSink {
public:
    /// leaves: of an adapter. Those that are not trained, or not without gaps on the CPU in the first one's
    /// dtype, fp32 or fp64, are left to the graph.
    explicit GradientSink(std::span<const at::Tensor> leaves);
    /// A node will put the gradients of these here. False where the sink does not have all that are trained:
    /// then they are the graph's business.
    [[nodiscard]] bool take(std::span<const at::Tensor> factors);
    /// The factor's gradient grows by this. Undefined: by nothing. Contract: it was taken.
    void add(const at::Tensor& factor, const at::Tensor& gradient);
    /// What a node reads as well, so that it gets a backward pass whatever else is asked for.
    [[nodiscard]] const at::Tensor& anchor() const { return m_anchor; }

    /// What the graph is to be asked for: all leaves, as one whose gradient comes here may also reach the
    /// loss past the nodes, and the anchor, from which all nodes are reached.
    [[nodiscard]] std::vector<at::Tensor> askedOfGraph() const;
    /// Adds what was put here to the leaves' gradients.
    void addToLeaves() const;

private:
    struct Place {
        at::Tensor leaf;
        std::int64_t begin = 0; // in m_sums
        bool isTaken = false;
    };
    [[nodiscard]] Place* placeOf(const at::Tensor& leaf);

    std::vector<Place> m_places; // by the addresses of their tensors
    std::vector<at::Tensor> m_others;
    std::int64_t m_count = 0; // numbers of all of them
    at::Tensor m_sums;        // their gradients one behind the other; undefined until one is taken
    at::Tensor m_anchor;
};

/// While it lives, the nodes that are computed on this thread use the sink. They do not nest.
class SinkScope {
public:
    explicit SinkScope(GradientSink& sink);
    SinkScope(const SinkScope&) = delete;
    SinkScope& operator=(const SinkScope&) = delete;
    ~SinkScope();

    /// This thread's; null where there is none.
    [[nodiscard]] static GradientSink* sink();
};

} // namespace lathe
