#pragma once

#include "core/model/language_model.h"
#include "core/tasks/answer_score.h"
#include "core/train/training_data.h"

#include <optional>

namespace lathe {

class PrefixCache;

/// Which examples are computed together, by index: those of like length.
[[nodiscard]] std::vector<std::vector<std::size_t>> scoringBatches(const ExampleList& examples,
                                                                   std::int64_t batchSize);

/// The model's reading of the right answers of some examples, batch by batch; examples of like length are
/// computed together, which saves padding and leaves the scores the same. Nothing where it was stopped.
/// `prefix`: as of StepTurn. `threads`: that take a batch each, where there is no prefix and their logits are
/// no more than kLogitsAtOnce; a batch gives what it gives on one thread bit for bit. More than one only
/// where parts of a batch may be computed at the same time.
[[nodiscard]] std::optional<std::vector<ExampleScore>>
scoreExamples(LanguageModel& model, const ExampleList& examples, std::int64_t batchSize, std::int32_t padId,
              const std::stop_token& stop, PrefixCache* prefix = nullptr, std::int64_t threads = 1);

} // namespace lathe
