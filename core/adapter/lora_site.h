#pragma once

#include "core/adapter/adapter.h"

namespace lathe {

/// The tensors of one adapted module. Dimension letters: R rank.
struct LoraTensors {
    at::Tensor a;              ///< [R, in]
    at::Tensor b;              ///< [out, R]
    at::Tensor bias;           ///< of B, [out], or undefined
    at::Tensor magnitude;      ///< DoRA's, [out], or undefined
    at::Tensor fixedA, fixedB; ///< what PiSSA and OLoRA take out of W at the start, or undefined
    double scale = 1;          ///< s
    double dropout = 0;
};

/// What the adapter adds to W before any scaling of rows: s (B A - B₀ A₀), [out, in].
[[nodiscard]] at::Tensor loraChange(const LoraTensors& tensors);

/// A low-rank product beside a projection, Hu et al. 2021 (arXiv:2106.09685): y = W x + c + s (B A dropout(x)
/// + d - B₀ A₀ x), where c and d are biases. With A₀ and B₀ (the start of A and B in PiSSA and OLoRA) it
/// computes what they do on the reduced weight W - s B₀ A₀, and leaves W alone. Computed in fp32 (fp64 for
/// fp64 models) whatever the base's dtype.
class LoraSite final : public SiteAdapter {
public:
    /// `context` outlives the site; `number` tells its dropout masks from others'. Contract: no magnitude.
    LoraSite(LoraTensors tensors, const AdapterContext& context, std::uint32_t number);

    [[nodiscard]] at::Tensor apply(const at::Tensor& x, const LinearBase& base) override;
    [[nodiscard]] std::optional<std::vector<LowRankSlot>> lowRankPaths(std::int64_t rows,
                                                                       std::int64_t width) override;
    [[nodiscard]] std::optional<MergedLinear> merged(const at::Tensor& weight,
                                                     const at::Tensor& bias) const override;

private:
    LoraTensors m_tensors;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

/// DoRA, Liu et al. 2024 (arXiv:2402.09353): y = c + g ⊙ (W + s B A) x, g = m / ‖W + s B A‖ with the norm of
/// each row, a constant in the backward pass. With dropout as PEFT: y = W x + c + (g - 1) ⊙ W x' + g ⊙ s B A
/// x', x' = dropout(x). Between strength 0 and 1 the weight is interpolated linearly. The norm is computed
/// without a matrix of W's size.
class DoraSite final : public SiteAdapter {
public:
    /// As LoraSite's. Contract: a magnitude.
    DoraSite(LoraTensors tensors, const AdapterContext& context, std::uint32_t number);

    [[nodiscard]] at::Tensor apply(const at::Tensor& x, const LinearBase& base) override;
    [[nodiscard]] std::optional<MergedLinear> merged(const at::Tensor& weight,
                                                     const at::Tensor& bias) const override;

private:
    /// What is added to the base's result. x: the input; seen: what is left of it after the dropout; product:
    /// W seen; all in the adapter's dtype.
    [[nodiscard]] at::Tensor change(const at::Tensor& x, const at::Tensor& seen, const at::Tensor& product,
                                    const at::Tensor& factor) const;

    LoraTensors m_tensors;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

/// ‖W + s (B A - B₀ A₀)‖ of each row, [out], without gradients, in the tensors' dtype. weight: [out, in].
[[nodiscard]] at::Tensor doraNorm(const at::Tensor& weight, const LoraTensors& tensors);

/// LoRA of a token table E [V, width]: row(E) + s A[:, token]ᵀ Bᵀ; A: [R, V], B: [width, R]. With a magnitude
/// DoRA, whose norm is that of each column of E + s (B A)ᵀ.
class LoraTable final : public EmbeddingAdapter {
public:
    /// `table`: the model's; `context` outlives the part.
    LoraTable(LoraTensors tensors, at::Tensor table, const AdapterContext& context);

    [[nodiscard]] at::Tensor apply(const at::Tensor& ids, const at::Tensor& looked) override;
    [[nodiscard]] at::Tensor change() const override;

private:
    LoraTensors m_tensors;
    at::Tensor m_table;
    const AdapterContext& m_context;
};

} // namespace lathe
