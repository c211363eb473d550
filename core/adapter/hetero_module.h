#pragma once

#include "core/adapter/adapter.h"

#include <memory>
#include <vector>

namespace lathe {

/// Dimension letters: R rank.

/// A module of the supernet: a LoRA product beside a projection, or a shortcut connection, which can be on or
/// off. Off, it computes nothing.
struct HeteroModule {
    std::string name; ///< of the projection, or "model.layers.0.residual_1"
    std::string kind; ///< "q_proj", "residual_1"
    std::int64_t layer = 0;
    bool isShortcut = false;
    Site site; ///< of a projection
    std::int64_t rank = 8;
    double alpha = 16;
    at::Tensor a; ///< [R, in], a leaf
    at::Tensor b; ///< [out, R], a leaf
    bool isOn = true;
    double score = 0; ///< the last one

    /// While the module is scored: a leaf [out, in] that stands in for s B A, or undefined.
    at::Tensor change;
    /// While the module is scored: what its whole output is multiplied by, the frozen path included.
    double factor = 1;

    [[nodiscard]] double scale() const { return alpha / static_cast<double>(rank); }
    [[nodiscard]] std::int64_t parameters() const { return a.numel() + b.numel(); }
    /// Off: its leaves get no gradient, so that an optimiser leaves them and their moments alone.
    void setOn(bool on) {
        isOn = on;
        for (at::Tensor* leaf : {&a, &b})
            leaf->requires_grad_(on);
    }
};

/// Shared by the adapter, which switches modules, and by their parts in the model, which outlive neither.
using HeteroModules = std::vector<std::shared_ptr<HeteroModule>>;

/// The part of a LoRA module: y = W x + c + s B A dropout(x), or y = W x + c.
[[nodiscard]] std::shared_ptr<SiteAdapter> makeHeteroSite(std::shared_ptr<HeteroModule> module,
                                                          double dropout, const AdapterContext& context,
                                                          std::uint32_t number);

/// s B A x of a module in x's dtype; what stands in for the product while it is scored.
[[nodiscard]] at::Tensor heteroChange(const HeteroModule& module, const at::Tensor& x, double strength);

} // namespace lathe
