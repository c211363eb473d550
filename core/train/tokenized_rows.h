#pragma once

#include "core/data/token_cache.h"
#include "core/train/recipe.h"

#include <span>
#include <stop_token>

namespace lathe {

/// Rows of a table as a task reads them. A view: nothing of it is kept.
struct RowRequest {
    const Table& table;
    const ParamValues& recipe;
    const RecipeView& view;
    const Task& task;
    const Tokenizer& tokenizer;
    std::stop_token stop;
};

/// The examples of some rows, ascending; each knows its row of the table. `dropped` holds what became of
/// these rows alone. From the cache where they are there; else tokenized in pieces, so that memory does not
/// grow with the rows, and kept. Errors as Task::makeExamples(); Cancelled.
[[nodiscard]] Result<StoredExamples>
tokenizedRows(const RowRequest& request, std::span<const std::size_t> rows, const TokenCache& cache);

/// Fields of the recipe's data section that do not change what a row becomes.
[[nodiscard]] bool changesTokens(const std::string& key);

} // namespace lathe
