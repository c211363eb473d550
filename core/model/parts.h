#pragma once

#include "core/kernels/block_nodes.h"
#include "core/model/language_model.h"
#include "core/model/transformer_spec.h"

#include <ATen/core/Tensor.h>
#include <memory>
#include <optional>

namespace lathe {

/// y = W x + b with a place for adapters.
class Projection {
public:
    Projection(const LinearSpec& spec, const LanguageModel& model);

    /// x: [..., in]. Returns [..., out].
    [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;
    [[nodiscard]] AdapterStack<SiteAdapter>& adapters() { return m_adapters; }
    /// frozenProjection() of it.
    [[nodiscard]] std::optional<AdaptedProjection> atOnce(std::int64_t rows, at::ScalarType dtype) const;

private:
    [[nodiscard]] at::Tensor weight() const; // [out, in]

    at::Tensor m_weight; // [out, in], or [in, out] where it is transposed
    at::Tensor m_bias;   // [out] or undefined
    bool m_isTransposed;
    FrozenMatrixCache m_frozen;
    AdapterStack<SiteAdapter> m_adapters;
};

/// A projection of `rows` rows that is frozen itself, with the low-rank paths of its adapters, as the nodes
/// of a block take it; nothing where it is trained, not of `dtype`, or has adapters that are more than
/// low-rank paths of it.
[[nodiscard]] std::optional<AdaptedProjection>
frozenProjection(const at::Tensor& weight, const at::Tensor& bias, const AdapterStack<SiteAdapter>& adapters,
                 const FrozenMatrixCache& cache, std::int64_t rows, at::ScalarType dtype);

/// LayerNorm (Ba et al. 2016, arXiv:1607.06450) or RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467).
class Norm {
public:
    Norm(const NormSpec& spec, const LanguageModel& model);

    /// x: [..., size]. Returns its shape.
    [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;
    /// The norm as the nodes of a block take it; nothing where it is trained, or has other tensors than
    /// those.
    [[nodiscard]] std::optional<RowNorm> atOnce(at::ScalarType dtype) const;

private:
    NormSpec::Kind m_kind;
    std::int64_t m_size;
    double m_eps;
    at::Tensor m_weight; // [size] or undefined
    at::Tensor m_bias;   // [size] or undefined
};

[[nodiscard]] at::Tensor activate(Activation activation, const at::Tensor& x);

/// Feed-forward part of a block; gated: Shazeer 2020 (arXiv:2002.05202).
class Mlp {
public:
    Mlp(const MlpSpec& spec, const LanguageModel& model);

    /// x: [B, T, D]. Returns [B, T, D].
    [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;
    [[nodiscard]] std::vector<Projection>& inputs() { return m_inputs; }
    [[nodiscard]] Projection& output() { return m_output; }
    /// Fills in the feed-forward part of `tail`; false where the nodes of a block do not know it.
    [[nodiscard]] bool addTo(BlockTail& tail, std::int64_t rows, at::ScalarType dtype) const;

private:
    [[nodiscard]] at::Tensor gated(const at::Tensor& x) const;

    std::vector<Projection> m_inputs;
    bool m_isGated;
    Activation m_activation;
    Projection m_output;
};

} // namespace lathe
