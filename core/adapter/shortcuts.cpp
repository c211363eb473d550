#include "core/adapter/shortcuts.h"

#include "core/model/recompute.h"

#include <ATen/TensorOperators.h>
#include <algorithm>

namespace lathe {

namespace {

constexpr double kNormEps = 1e-6;

using Normer = std::function<at::Tensor(const at::Tensor&)>;

/// What the layers of one forward pass hand on.
struct Streams {
    at::Tensor layerInput; ///< of the present layer
    at::Tensor mlpInput;   ///< of the layer before
};

/// What both parts of a layer are made of. h: result of the block's part, x: the residual stream.
class LayerPart : public ResidualAdapter, public AcrossBlocks {
public:
    LayerPart(LayerShortcuts modules, const ShortcutSettings& settings, const AdapterContext& context,
              std::shared_ptr<Streams> streams)
        : m_modules(std::move(modules)),
          m_settings(settings),
          m_context(context),
          m_streams(std::move(streams)) {}

    bool reachesOtherBlocks() const override { return module(ShortcutKind::ShortcutFfn) != nullptr; }

protected:
    [[nodiscard]] const HeteroModule* module(ShortcutKind kind) const {
        return m_modules[static_cast<std::size_t>(kind)].get();
    }
    [[nodiscard]] Streams& streams() const { return *m_streams; }

    /// What is added in place of h: the adapted residual, and what comes from elsewhere by `kind`.
    [[nodiscard]] at::Tensor joined(const at::Tensor& h, const at::Tensor& x, ShortcutKind residual,
                                    ShortcutKind kind, const at::Tensor& source, const Normer& norm) const {
        const at::Tensor inner = withResidual(h, x, module(residual));
        const HeteroModule* shortcut = module(kind);
        if (shortcut == nullptr)
            return inner;
        if (!m_settings.isAsReleased || !norm)
            return withShortcut(inner, source, *shortcut);
        return withShortcut(norm(x + inner), source, *shortcut) - x; // the block adds x and norms again
    }

private:
    [[nodiscard]] at::Tensor change(const HeteroModule& module, const at::Tensor& x) const {
        if (!m_settings.hasNormedInput)
            return heteroChange(module, x, m_context.strength);
        const at::Tensor wide = x.to(module.a.scalar_type());
        const at::Tensor rms = (wide * wide).mean(-1, true).add(kNormEps).sqrt();
        return heteroChange(module, wide / rms, m_context.strength).to(x.scalar_type());
    }
    [[nodiscard]] at::Tensor withResidual(const at::Tensor& h, const at::Tensor& x,
                                          const HeteroModule* residual) const {
        if (residual == nullptr)
            return h;
        const at::Tensor sum = residual->isOn ? h + change(*residual, x) * residual->factor : h;
        return residual->factor == 1 ? sum : sum + x * (residual->factor - 1);
    }
    [[nodiscard]] at::Tensor withShortcut(const at::Tensor& sum, const at::Tensor& source,
                                          const HeteroModule& shortcut) const {
        if (!shortcut.isOn || shortcut.factor == 0)
            return sum;
        const at::Tensor added = change(shortcut, source);
        return sum + (shortcut.factor == 1 ? added : added * shortcut.factor);
    }

    LayerShortcuts m_modules;
    ShortcutSettings m_settings;
    const AdapterContext& m_context;
    std::shared_ptr<Streams> m_streams; // shared by the parts of all layers
};

class AttentionPart final : public LayerPart {
public:
    using LayerPart::LayerPart;
    at::Tensor apply(const at::Tensor& h, const at::Tensor& x, const Normer& norm) override {
        streams().layerInput = module(ShortcutKind::ShortcutSa) != nullptr ? x : at::Tensor();
        const at::Tensor before = std::exchange(streams().mlpInput, {});
        return joined(h, x, ShortcutKind::Residual1, ShortcutKind::ShortcutFfn, before, norm);
    }
};

class MlpPart final : public LayerPart {
public:
    MlpPart(LayerShortcuts modules, const ShortcutSettings& settings, const AdapterContext& context,
            std::shared_ptr<Streams> streams, bool isReadByNext)
        : LayerPart(std::move(modules), settings, context, std::move(streams)),
          m_isReadByNext(isReadByNext) {}

    bool reachesOtherBlocks() const override { return m_isReadByNext; }

    at::Tensor apply(const at::Tensor& h, const at::Tensor& x, const Normer& norm) override {
        if (m_isReadByNext)
            streams().mlpInput = x;
        const at::Tensor input = std::exchange(streams().layerInput, {});
        return joined(h, x, ShortcutKind::Residual2, ShortcutKind::ShortcutSa, input, norm);
    }

private:
    bool m_isReadByNext;
};

} // namespace

const std::array<const char*, 4>& shortcutNames() {
    static const std::array<const char*, 4> names{"residual_1", "residual_2", "shortcut_sa", "shortcut_ffn"};
    return names;
}

std::optional<ShortcutKind> shortcutNamed(const std::string& name) {
    const auto it = std::ranges::find(shortcutNames(), name);
    return it == shortcutNames().end()
               ? std::nullopt
               : std::optional(static_cast<ShortcutKind>(it - shortcutNames().begin()));
}

std::vector<ShortcutParts> makeShortcutParts(const std::vector<LayerShortcuts>& layers,
                                             const ShortcutSettings& settings,
                                             const AdapterContext& context) {
    const auto streams = std::make_shared<Streams>();
    const auto ffn = static_cast<std::size_t>(ShortcutKind::ShortcutFfn);
    std::vector<ShortcutParts> parts;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const bool isReadByNext = layer + 1 < layers.size() && layers[layer + 1][ffn] != nullptr;
        parts.push_back({std::make_shared<AttentionPart>(layers[layer], settings, context, streams),
                         std::make_shared<MlpPart>(layers[layer], settings, context, streams, isReadByNext)});
    }
    return parts;
}

} // namespace lathe
