#include "core/adapter/hetero_module.h"
#include "core/adapter/lora_site.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>

namespace lathe {

namespace {

class HeteroSite final : public SiteAdapter {
public:
    HeteroSite(std::shared_ptr<HeteroModule> module, double dropout, const AdapterContext& context,
               std::uint32_t number)
        : m_module(std::move(module)),
          m_lora({m_module->a, m_module->b, {}, {}, {}, {}, m_module->scale(), dropout}, context, number),
          m_context(context) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        const at::Tensor y = plain(x, base);
        return m_module->factor == 1 ? y : y * m_module->factor;
    }
    /// Off it is the plain projection; scored it is more than a low-rank path.
    std::optional<std::vector<LowRankSlot>> lowRankPaths(std::int64_t rows, std::int64_t width) override {
        if (m_module->factor != 1 || m_module->change.defined())
            return std::nullopt;
        if (!m_module->isOn)
            return std::vector<LowRankSlot>();
        return m_lora.lowRankPaths(rows, width);
    }
    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        return m_module->isOn ? m_lora.merged(weight, bias) : MergedLinear{weight, bias};
    }

private:
    [[nodiscard]] at::Tensor plain(const at::Tensor& x, const LinearBase& base) {
        if (!m_module->isOn)
            return base.forward(x);
        if (!m_module->change.defined())
            return m_lora.apply(x, base);
        const at::Tensor y = base.forward(x);
        return y + heteroChange(*m_module, x, m_context.strength).to(y.scalar_type());
    }

    std::shared_ptr<HeteroModule> m_module;
    LoraSite m_lora;
    const AdapterContext& m_context;
};

} // namespace

std::shared_ptr<SiteAdapter> makeHeteroSite(std::shared_ptr<HeteroModule> module, double dropout,
                                            const AdapterContext& context, std::uint32_t number) {
    return std::make_shared<HeteroSite>(std::move(module), dropout, context, number);
}

at::Tensor heteroChange(const HeteroModule& module, const at::Tensor& x, double strength) {
    const at::Tensor input = x.to(module.a.scalar_type());
    const at::Tensor y = module.change.defined() ? at::linear(input, module.change) * strength
                                                 : at::linear(at::linear(input, module.a), module.b) *
                                                       (module.scale() * strength);
    return y.to(x.scalar_type());
}

} // namespace lathe
