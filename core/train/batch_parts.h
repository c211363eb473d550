#pragma once

#include "core/data/examples.h"
#include "core/model/language_model.h"

#include <cstdint>
#include <vector>

namespace lathe {

/// Whether a part of a batch's texts gives in a pass of its own what it gives in the whole: the model
/// computes on the CPU and turns positions by angles that do not depend on the longest text at hand.
[[nodiscard]] bool readsPartsAlike(const LanguageModel& model);

/// How many parts of a batch are worth computing at the same time on so many threads: each has rows, and
/// tokens enough to be more than overhead.
[[nodiscard]] std::size_t partsWorth(const Batch& batch, std::int64_t threads);

/// Tokens of a row that are no padding.
[[nodiscard]] std::int64_t realTokensOf(const Batch& batch, std::size_t row);

/// The rows in their order as so many batches with about equally many real tokens; none is empty. Contract:
/// 1 ≤ parts ≤ rows.
[[nodiscard]] std::vector<Batch> splitBatch(const Batch& batch, std::size_t parts);

} // namespace lathe
