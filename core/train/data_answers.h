#pragma once

#include "core/data/data_record.h"
#include "core/data/preview.h"
#include "core/data/quality.h"
#include "core/data/table.h"
#include "core/data/token_lengths.h"
#include "core/params/param_schema.h"

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace lathe {

class Tokenizer;

/// A table and the recipe that is to read it.
struct DataQuestion {
    std::shared_ptr<const Table> table; ///< shared with whoever looks at it meanwhile
    ParamValues recipe;                 ///< every key of the schema
};

/// What a training would divide a table into.
struct DataDivision {
    std::vector<std::string> labels; ///< values of the label or answer column; empty: too many, or none
    std::vector<std::size_t> train;  ///< rows by label; one number where there are no labels
    std::vector<std::size_t> dev;
    std::vector<std::size_t> test;
    DataRecord record;
};

/// Answers about data by the very functions that a training uses. They block; several may be called at once.
/// All return an input error with what is wrong with the recipe's fields about data.
class DataAnswers {
public:
    using Progress = std::function<void(std::size_t done, std::size_t total)>;

    explicit DataAnswers(ParamSchema schema) : m_schema(std::move(schema)) {}

    /// A row as the model will see it. Contract: row < table size.
    [[nodiscard]] Result<RowPreview> look(const DataQuestion& question, std::size_t row);
    /// Counted once for as long as table, model and template stay.
    [[nodiscard]] Result<std::shared_ptr<const TokenLengths>>
    lengths(const DataQuestion& question, const Progress& progress, const std::stop_token& stop);
    [[nodiscard]] Result<std::vector<QualityFinding>>
    quality(const DataQuestion& question, const Progress& progress, const std::stop_token& stop);
    [[nodiscard]] Result<DataDivision> divide(const DataQuestion& question, const std::stop_token& stop);

private:
    [[nodiscard]] Result<std::shared_ptr<const Tokenizer>> tokenizer(const ParamValues& recipe);
    [[nodiscard]] Status check(const ParamValues& recipe) const;

    const ParamSchema m_schema;
    std::mutex m_mutex; // guards the following; held while a tokenizer is read, so that it is read once
    std::string m_model;
    std::shared_ptr<const Tokenizer> m_tokenizer; // shared with the answers being made
    DataQuestion m_counted;
    std::shared_ptr<const TokenLengths> m_lengths; // of m_counted; shared with those who asked
};

} // namespace lathe
