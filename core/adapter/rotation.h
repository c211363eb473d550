#pragma once

#include <ATen/core/Tensor.h>

namespace lathe {

/// Rotations by Cayley's transform of skew-symmetric matrices. Dimension letters: K blocks, S their size.

/// Where the entries of a skew matrix stand in its upper triangle, row by row without the diagonal; made
/// once, as it takes copies to the device.
class SkewPlaces {
public:
    SkewPlaces(std::int64_t size, const at::TensorOptions& options);
    /// upper: [K, S(S-1)/2]. Returns [K, S, S].
    [[nodiscard]] at::Tensor matrices(const at::Tensor& upper) const;

private:
    std::int64_t m_size;
    at::Tensor m_index; // [S S] int64
    at::Tensor m_sign;  // [S S]: 1 above the diagonal, -1 below, 0 on it
};
/// (I - Q)(I + Q)⁻¹. skew: [K, S, S].
[[nodiscard]] at::Tensor cayley(const at::Tensor& skew);
/// The Neumann series of (I + Q)(I - Q)⁻¹, the transform of -Q, as PEFT cuts it off: I + 2Q + 2Q² + … +
/// 2Qⁿ⁻² + Qⁿ⁻¹ with n = `terms`, but I + 2Q + 2Q² + Q³ for three terms as for four.
[[nodiscard]] at::Tensor cayleyNeumann(const at::Tensor& skew, std::int64_t terms);

/// x R with R block-diagonal. x: [..., K S]; blocks: [K, S, S], or [1, S, S] for all of them.
[[nodiscard]] at::Tensor rotate(const at::Tensor& x, const at::Tensor& blocks);

} // namespace lathe
