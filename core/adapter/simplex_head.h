#pragma once

#include "core/model/site_adapter.h"

namespace lathe {

class SimplexAdapter;

/// One layer of a head with M vertices: Σ αᵢ (Wᵢ x + bᵢ), with the coefficients of each text. All products
/// are made and then mixed, which is cheaper than weights for every text.
class SimplexHead final : public SiteAdapter {
public:
    /// weight: [M, out, in], bias: [M, out] or undefined; without weight the layer is the model's own, and
    /// all that happens is the dropout of the first layer's input. `isFirst`: whether it is that layer.
    SimplexHead(const SimplexAdapter& adapter, at::Tensor weight, at::Tensor bias, bool isFirst)
        : m_adapter(adapter), m_weight(std::move(weight)), m_bias(std::move(bias)), m_isFirst(isFirst) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override;
    /// At the point where every text is read; nothing where each has its own.
    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override;

private:
    const SimplexAdapter& m_adapter; // owns this
    at::Tensor m_weight, m_bias;
    bool m_isFirst;
};

} // namespace lathe
