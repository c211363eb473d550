#pragma once

#include "core/data/example_list.h"
#include "core/train/recipe.h"

namespace lathe {

/// Everything a run reads from its data files.
struct TrainingData {
    ExampleList train;
    ExampleList eval;
    std::vector<std::string> dropped; ///< a sentence for each row that was left out, of either file
    std::size_t truncatedCount = 0;   ///< rows of either file that were cut
    std::int32_t padId = 0;
    std::vector<std::string> labelNames; ///< of labelled texts, by number
};

/// Reads, renders, tokenizes and splits. The split depends on the seed alone. Errors as readTable() and
/// makeExamples().
[[nodiscard]] Result<TrainingData> loadTrainingData(const ParamValues& recipe, const Task& task,
                                                    const Tokenizer& tokenizer, std::uint64_t seed);

/// The rows of a batch as makeBatch() wants them.
[[nodiscard]] Batch batchOf(const ExampleList& examples, std::span<const std::size_t> indices,
                            std::int32_t padId);

} // namespace lathe
