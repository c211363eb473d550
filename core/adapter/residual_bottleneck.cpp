#include "core/adapter/residual_bottleneck.h"

#include "core/adapter/adapter_hub_config.h"
#include "core/adapter/peft_folder.h"

#include <ATen/ops/layer_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <algorithm>

namespace lathe {

namespace {

using Skip = ResidualLayout::Skip;

constexpr double kNormEps = 1e-5; // torch's for a LayerNorm that says nothing
constexpr std::uint32_t kDepthStream = 1U << 31U;

struct NormParts {
    at::Tensor weight, bias; // [D] each; undefined: there is none
    [[nodiscard]] at::Tensor forward(const at::Tensor& x) const {
        return weight.defined() ? at::layer_norm(x, {x.size(-1)}, weight, bias, kNormEps) : x;
    }
};

struct ResidualParts {
    Bottleneck bottleneck;
    NormParts before, after;
};

/// One place in the residual stream; the formulas are at ResidualLayout.
class ResidualSite final : public ResidualAdapter {
public:
    ResidualSite(ResidualParts parts, const ResidualLayout& layout, double dropout,
                 const AdapterContext& context, std::uint32_t number)
        : m_parts(std::move(parts)),
          m_layout(layout),
          m_dropout(dropout),
          m_context(context),
          m_number(number) {}

    at::Tensor apply(const at::Tensor& h, const at::Tensor& x,
                     const std::function<at::Tensor(const at::Tensor&)>& norm) override {
        const at::ScalarType wide = m_parts.bottleneck.down.scalar_type();
        if (m_layout.isParallel)
            return h + scaled(m_parts.after.forward(path(x.to(wide)))).to(h.scalar_type());
        const at::Tensor sum = m_layout.isOriginalNormBefore ? h + x : h;
        const bool isNormed = m_layout.isOriginalNormBefore && norm;
        const at::Tensor z = (isNormed ? norm(sum) : sum).to(wide);
        const at::Tensor skip = m_layout.skip == Skip::BeforeNorm ? h.to(wide)
                                : m_layout.skip == Skip::AfterAdd ? sum.to(wide)
                                                                  : z;
        const at::Tensor up = path(z);
        at::Tensor out =
            m_layout.isSkipBeforeNorm ? m_parts.after.forward(up + skip) : m_parts.after.forward(up) + skip;
        if (!m_layout.isOriginalNormAfter)
            out = out - x.to(wide); // the block adds it
        if (m_context.strength != 1)
            out = h.to(wide) + (out - h.to(wide)) * m_context.strength;
        return out.to(h.scalar_type());
    }

private:
    [[nodiscard]] at::Tensor path(const at::Tensor& z) const {
        at::Tensor up = m_parts.bottleneck.forward(m_parts.before.forward(z));
        const DropoutClock& clock = m_context.clock;
        if (clock.isTraining && m_layout.stochasticDepth > 0) // of whole batches: no recipe sets it
            up = up * dropoutMask({up.size(0), 1, 1}, m_layout.stochasticDepth, clock,
                                  m_number | kDepthStream, up.device())
                          .to(up.scalar_type());
        if (clock.isTraining && m_dropout > 0)
            up =
                up * rowDropoutMask(up.sizes(), m_dropout, clock, m_number, up.device()).to(up.scalar_type());
        return up;
    }
    [[nodiscard]] at::Tensor scaled(const at::Tensor& change) const {
        return m_context.strength == 1 ? change : change * m_context.strength;
    }

    ResidualParts m_parts;
    ResidualLayout m_layout;
    double m_dropout;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

} // namespace

ResidualLayout ResidualLayout::of(BottleneckMethod method) {
    ResidualLayout layout;
    layout.isParallel = method == BottleneckMethod::Parallel;
    layout.isOriginalNormBefore = method == BottleneckMethod::AdapterP;
    return layout;
}

std::int64_t countOf(const ResidualBottleneckSettings& settings, const Site& site) {
    BottleneckSettings sized = settings.common;
    sized.size = settings.sizeAt(site.layer);
    const std::int64_t norms =
        (settings.layout.hasNormBefore ? 2 : 0) + (settings.layout.hasNormAfter ? 2 : 0);
    return bottleneckCount(sized, site.in, site.out, true) + norms * site.out;
}

ResidualBottleneckAdapter::ResidualBottleneckAdapter(LanguageModel& model,
                                                     ResidualBottleneckSettings settings,
                                                     std::vector<Site> sites, std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_settings(std::move(settings)),
      m_sites(std::move(sites)) {
    std::uint32_t number = 0;
    for (const Site& site : m_sites) {
        Rng rng(mixSeed(mixSeed(seed, 0x72657369), number)); // "resi"; a stream of its own for each site
        addSite(site, number++, rng);
    }
}

void ResidualBottleneckAdapter::addSite(const Site& site, std::uint32_t number, Rng& rng) {
    const std::string path = adapterHubPath(site, model().summary().architecture, m_settings.name);
    const BottleneckSettings& common = m_settings.common;
    const ResidualLayout& layout = m_settings.layout;
    const std::int64_t width = site.in;
    const std::int64_t size = m_settings.sizeAt(site.layer);
    const auto zeros = [&](const std::string& name, std::int64_t count) {
        return addParameter(path + name, at::zeros({count}, tensorOptions()));
    };
    const auto ones = [&](const std::string& name, std::int64_t count) {
        return addParameter(path + name, at::ones({count}, tensorOptions()));
    };
    ResidualParts parts;
    if (layout.hasNormBefore)
        parts.before = {ones("adapter_norm_before.weight", width), zeros("adapter_norm_before.bias", width)};
    const std::string down = layout.hasNormBefore ? "adapter_down.1." : "adapter_down.0.";
    Bottleneck& bottleneck = parts.bottleneck;
    bottleneck.activation = activationNamed(common.nonLinearity);
    bottleneck.fixedScale = common.scale.value;
    if (common.scale.kind != BottleneckScale::Kind::Fixed)
        bottleneck.scale = ones("scaling", common.scale.kind == BottleneckScale::Kind::Channel ? width : 1);
    bottleneck.down =
        addParameter(path + down + "weight", bottleneckStart(common.init, size, width, false, rng));
    bottleneck.downBias = zeros(down + "bias", size);
    bottleneck.up =
        addParameter(path + "adapter_up.weight", bottleneckStart(common.init, width, size, true, rng));
    bottleneck.upBias = zeros("adapter_up.bias", width);
    if (layout.hasNormAfter)
        parts.after = {ones("adapter_norm_after.weight", width), zeros("adapter_norm_after.bias", width)};
    place(site, std::make_shared<ResidualSite>(std::move(parts), layout, common.dropout, context(), number));
}

Status ResidualBottleneckAdapter::save(const std::filesystem::path& folder,
                                       const AdapterOrigin& origin) const {
    return writeAdapterHubFolder(folder, origin, model().summary(), m_settings, m_sites, parameters());
}

Result<std::unique_ptr<Adapter>> loadAdapterHub(LanguageModel& model, const std::filesystem::path& folder) {
    LATHE_ASSIGN(const AdapterHubFolder files, readAdapterHubFolder(folder, model.summary()));
    auto adapter =
        std::make_unique<ResidualBottleneckAdapter>(model, files.settings, files.sites, std::uint64_t{0});
    adapter->trainAlso(files.heads);
    LATHE_TRY(setParameters(*adapter, files.tensors, files.tensorsPath, files.doubled));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
