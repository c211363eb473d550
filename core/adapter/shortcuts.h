#pragma once

#include "core/adapter/hetero_module.h"

#include <array>
#include <optional>

namespace lathe {

/// LoRA-adapted shortcut connections of HeteroLoRA, Zhang et al. 2024 (arXiv:2406.14956): low-rank maps
/// without a bias that are added to the residual stream. With their B at 0 the model is the base.
enum class ShortcutKind {
    Residual1,  ///< around the attention
    Residual2,  ///< around the feed-forward part
    ShortcutSa, ///< from a layer's input to its output
    ShortcutFfn ///< from where a layer's feed-forward part reads to where the next one's does
};
/// "residual_1", "residual_2", "shortcut_sa", "shortcut_ffn".
[[nodiscard]] const std::array<const char*, 4>& shortcutNames();
[[nodiscard]] std::optional<ShortcutKind> shortcutNamed(const std::string& name);

struct ShortcutSettings {
    /// As the authors' program computes post-norm models: what comes from elsewhere is added behind the
    /// norm, and the norm applied again, even to nothing. A fresh adapter changes the model then.
    bool isAsReleased = false;
    bool hasNormedInput = false; ///< the map reads x / rms(x)
};

/// The shortcuts of one layer by kind; null where there is none.
using LayerShortcuts = std::array<std::shared_ptr<HeteroModule>, 4>;

/// The two parts that a layer's shortcuts need in the model.
struct ShortcutParts {
    std::shared_ptr<ResidualAdapter> attention; ///< where its result joins the residual stream
    std::shared_ptr<ResidualAdapter> mlp;
};
/// Parts for layers in their order from the first to the last, which hand the streams on to each other; one
/// forward pass goes through them at a time. In a post-norm block what is added goes through the norm of the
/// sum. `layers`: one entry each, empty entries where a layer has none.
[[nodiscard]] std::vector<ShortcutParts> makeShortcutParts(const std::vector<LayerShortcuts>& layers,
                                                           const ShortcutSettings& settings,
                                                           const AdapterContext& context);

} // namespace lathe
