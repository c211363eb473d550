#pragma once

#include "core/data/quality.h"
#include "core/data/splits.h"
#include "core/train/tokenized_rows.h"
#include "core/train/training_data.h"

namespace lathe {

/// How a recipe divides its training file. `runSeed` counts where the recipe names no seed of its own,
/// `labelColumn` where it names no column.
[[nodiscard]] SplitOptions splitOptions(const ParamValues& recipe, const std::string& labelColumn,
                                        std::uint64_t runSeed);

/// The steps of loadTrainingData(). Used once.
class DataLoader {
public:
    DataLoader(const ParamValues& recipe, const Task& task, const Tokenizer& tokenizer, std::uint64_t seed,
               TokenCache cache, std::stop_token stop);

    [[nodiscard]] Result<TrainingData> load();

private:
    /// A file with the rows that are left of it, and where they went.
    struct Source {
        Table table;
        std::vector<std::size_t> rows;
        std::size_t record = 0; ///< of m_data.record.files
    };
    using Rows = std::vector<std::size_t>;

    [[nodiscard]] Result<Rows> rowsAfter(const std::vector<std::string>& fixes, const Table& table) const;
    [[nodiscard]] Result<Source> open(const std::string& file, const std::string& role);
    [[nodiscard]] Result<ExampleList> tokenize(const Source& source, const Rows& rows);
    [[nodiscard]] Status divide();
    [[nodiscard]] Status divideExamples(const SplitOptions& options);
    [[nodiscard]] Status divideTexts(const SplitOptions& options);
    [[nodiscard]] Status readPart(const std::string& file, const std::string& role, ExampleList& part);
    [[nodiscard]] Status noteOverlaps(const SplitRows& rows);
    [[nodiscard]] Status noteOverlap(const CheckedTable& other);
    void notePart(const std::string& name, const std::string& role, const ExampleList& examples, Rows rows);
    void noteSplit(const SplitOptions& options, const std::string& hash);

    const ParamValues& m_recipe;
    RecipeView m_view;
    const Task& m_task;
    const Tokenizer& m_tokenizer;
    std::uint64_t m_seed;
    TokenCache m_cache;
    std::stop_token m_stop;
    TrainingData m_data;
    std::optional<Source> m_train;
    Rows m_trainRows; ///< of the training file, ascending
};

} // namespace lathe
