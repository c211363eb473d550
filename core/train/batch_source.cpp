#include "core/train/batch_source.h"

#include "core/data/packing.h"

namespace lathe {

namespace {

constexpr std::uint64_t kOrderStream = 0x64617461; // "data": apart from what else the seed is for

std::vector<std::vector<std::size_t>> packsOf(const ExampleList& rows, const RecipeView& recipe,
                                              const Task& task, std::uint64_t seed) {
    if (!recipe.isPacked || task.answerForm() == AnswerForm::Label)
        return {};
    std::vector<std::size_t> lengths;
    for (std::size_t i = 0; i < rows.size(); ++i)
        lengths.push_back(rows.length(i));
    return packRows(lengths, recipe.examples.maxLength, seed);
}

} // namespace

BatchSource::BatchSource(ExampleList rows, const RecipeView& recipe, const Task& task, std::uint64_t seed)
    : m_rows(std::move(rows)),
      m_packs(packsOf(m_rows, recipe, task, seed)),
      m_cursor(m_packs.empty() ? m_rows.size() : m_packs.size(), static_cast<std::size_t>(recipe.batchSize),
               mixSeed(seed, kOrderStream)) {}

Batch BatchSource::next(std::int32_t padId) {
    const std::vector<std::size_t> chosen = m_cursor.next();
    if (m_packs.empty())
        return batchOf(m_rows, chosen, padId);
    std::vector<std::size_t> rows;
    for (const std::size_t pack : chosen)
        rows.insert(rows.end(), m_packs[pack].begin(), m_packs[pack].end());
    Batch batch = batchOf(m_rows, rows, padId);
    batch.isPacked = true;
    return batch;
}

} // namespace lathe
