#pragma once

#include "core/data/data_record.h"
#include "core/data/example_list.h"
#include "core/data/token_cache.h"
#include "core/train/recipe.h"

#include <stop_token>

namespace lathe {

/// Everything a run reads from its data files.
struct TrainingData {
    ExampleList train;
    ExampleList eval;
    ExampleList test; ///< measured once, at the end; may be empty
    std::int32_t padId = 0;
    std::vector<std::string> labelNames; ///< of labelled texts, by number
    DataRecord record;
};

/// Reads, renders, tokenizes and splits. The split depends on the recipe and the seed alone. Input error if a
/// file has no usable row, or more bad ones than the recipe allows; else as readTable(), Task::makeExamples()
/// and splitRows(); Cancelled.
[[nodiscard]] Result<TrainingData> loadTrainingData(const ParamValues& recipe, const Task& task,
                                                    const Tokenizer& tokenizer, std::uint64_t seed,
                                                    const TokenCacheSettings& cache = {},
                                                    const std::stop_token& stop = {});

/// What a person should know of the data before training: rows that were left out (the first by line), rows
/// that were cut, rows that are in two parts.
[[nodiscard]] std::vector<std::string> dataWarnings(const DataRecord& record);

/// The rows of a batch as makeBatch() wants them.
[[nodiscard]] Batch batchOf(const ExampleList& examples, std::span<const std::size_t> indices,
                            std::int32_t padId);

} // namespace lathe
