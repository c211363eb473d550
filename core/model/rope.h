#pragma once

#include "core/model/rope_spec.h"

#include <ATen/core/Tensor.h>

namespace lathe {

/// Rotary position embedding, Su et al. 2021 (arXiv:2104.09864). Frequencies and angles are computed in fp32
/// for every narrower dtype, and in fp64 for fp64.
class Rope {
public:
    Rope() = default;
    explicit Rope(RopeSpec spec) : m_spec(std::move(spec)) {}

    struct Angles {
        at::Tensor cos, sin; ///< [T, size] or [B, 1, T, size], in the compute dtype
    };
    /// Angles of positions first … first + count - 1.
    [[nodiscard]] Angles range(std::int64_t first, std::int64_t count,
                               const at::TensorOptions& options) const;
    /// positions: [B, T] int64.
    [[nodiscard]] Angles atPositions(const at::Tensor& positions, const at::TensorOptions& options) const;

    /// Whether it turns whole heads of `size` dimensions by halves, as rotateHalves() does.
    [[nodiscard]] bool turnsHalves(std::int64_t size) const {
        return !m_spec.isInterleaved && m_spec.size == size;
    }
    /// x: [B, heads, T, d], whose first `size` dimensions turn.
    [[nodiscard]] at::Tensor rotate(const at::Tensor& x, const Angles& angles) const;

private:
    [[nodiscard]] Angles fromPositions(const at::Tensor& positions, std::int64_t length,
                                       const at::TensorOptions& options) const;

    RopeSpec m_spec;
};

} // namespace lathe
