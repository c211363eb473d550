#pragma once

#include "core/model/language_model.h"

namespace lathe {

/// Scores that are in memory at the same time where a loss is taken in pieces: 128 MB in fp32.
inline constexpr std::int64_t kLogitsAtOnce = std::int64_t{1} << 25U;

/// Cross entropy of tokens, summed: rows: [N, D], what the head reads; labels: [N] int64. Where the head is
/// frozen and N · V exceeds `logitsAtOnce`, a piece of the rows goes through the head at a time, and its
/// gradient is made at once, so that the scores of all rows are never in memory together (as in Liger Kernel,
/// Hsu et al. 2024, arXiv:2410.10989); the sum is then one of the pieces' sums.
[[nodiscard]] at::Tensor headLoss(LanguageModel& model, const at::Tensor& rows, const at::Tensor& labels,
                                  std::int64_t logitsAtOnce = kLogitsAtOnce);

} // namespace lathe
