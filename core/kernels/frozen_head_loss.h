#pragma once

#include "core/kernels/adapted_product.h"

#include <ATen/core/Tensor.h>
#include <memory>

namespace lathe {

/// Cross entropy behind a frozen head, Σ over the rows of log Σ_v e^(z_v) - z_label with z = H x + b, as one
/// node. The gradient of the rows, (softmax(z) - 1_label) H, is made in the forward pass, chunk by chunk of
/// rows, so that the logits of all rows are never there at once and are written once: compare the chunked
/// losses of Liger Kernel (arXiv:2410.10989), which need the head's gradient too. A packed table of tokens is
/// unpacked some of its rows at a time, twice for each chunk. rows: [n, D], contiguous, fp32 or fp64 on the
/// CPU; head: [V, D] and bias: [V] or undefined, of their dtype; labels: [n] int64.
/// Returns a scalar of their dtype. Contract: every label is in [0, V).
[[nodiscard]] at::Tensor frozenHeadLoss(const at::Tensor& rows, std::shared_ptr<const FrozenMatrix> head,
                                        const at::Tensor& bias, const at::Tensor& labels);

} // namespace lathe
