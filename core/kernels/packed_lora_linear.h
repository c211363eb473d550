#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>

namespace lathe {

/// What one trial has of a packed projection. Dimension letters: R the trial's own rank, n its own rows.
struct PackedSlot {
    std::int64_t rows = 0; ///< n, behind those of the slots before; 0: the slot is empty
    at::Tensor a, b;       ///< [R, in] and [out, R]; undefined: this trial has no adapter here
    double scale = 1;
    at::Tensor mask; ///< [n, in], or undefined
};

/// A frozen projection under the LoRA paths of several trials as one node: one product with W for the rows of
/// all, and for each slot loraLinear()'s path over its own rows, of its own rank, scale and mask. Nothing
/// reads two slots' numbers at once, so a NaN of one stays in its rows; forward and backward of a slot are
/// the calls that loraLinear() makes for these rows alone. (A single product with all A stacked and foreign
/// columns masked would be R-fold work, and 0 · NaN would leak; compare PLoRA, arXiv:2508.02932.)
/// x: [..., in] of Σ n rows, weight: [out, in], bias: [out], frozen, or undefined; dtypes as loraLinear()'s,
/// all slots of one. Returns [..., out] in W's dtype.
[[nodiscard]] at::Tensor packedLoraLinear(const at::Tensor& x, const at::Tensor& weight,
                                          const at::Tensor& bias, std::span<const PackedSlot> parts);

} // namespace lathe
