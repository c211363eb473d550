#pragma once

#include "core/tasks/task.h"

namespace lathe {

/// What tasks have in common that put a row as a prompt and train on the answer behind it.
class PromptedTask : public Task {
public:
    std::vector<MetricInfo> metrics() const override;
    /// The loss, because a free answer is seldom right word for word.
    Objective objective() const override { return {"eval_loss", false}; }
    Status checkRows(const Table& table, const RowReading& reading) const override;
    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override;
    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override;
    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* tokenizer) const override;
};

} // namespace lathe
