#pragma once

#include "core/train/training_data.h"

#include <vector>

namespace lathe {

/// Endless batches of a training set, in an order that depends on the seed alone: row by row, or, where short
/// rows are packed, by the sequences that they fill together. Its position is one number, so that a run can
/// go on exactly where it stopped.
class BatchSource {
public:
    /// Labelled texts are never packed: each has one answer, whatever room it takes.
    BatchSource(ExampleList rows, const RecipeView& recipe, const Task& task, std::uint64_t seed);

    [[nodiscard]] Batch next(std::int32_t padId);
    [[nodiscard]] std::size_t batchesPerEpoch() const { return m_cursor.batchesPerEpoch(); }
    [[nodiscard]] std::int64_t batchesDone() const { return m_cursor.batchesDone(); }
    void seek(std::int64_t batchesDone) { m_cursor.seek(batchesDone); }
    /// How many sequences the rows share; 0: each has its own.
    [[nodiscard]] std::size_t packs() const { return m_packs.size(); }

private:
    ExampleList m_rows;
    std::vector<std::vector<std::size_t>> m_packs; // rows that share a sequence; empty: each has its own
    BatchCursor m_cursor;                          // over the packs, or the rows
};

} // namespace lathe
