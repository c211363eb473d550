#include "core/base/text.h"
#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"

#include <algorithm>

namespace lathe {

namespace {

class TextTask final : public Task {
public:
    std::vector<MetricInfo> metrics() const override {
        return {{"eval_loss", "Evaluation loss", false},
                {"eval_perplexity", "Perplexity", false},
                {"eval_token_accuracy", "Right tokens", true}};
    }

    Objective objective() const override { return {"eval_loss", false}; }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        const auto& columns = table.columns;
        if (std::find(columns.begin(), columns.end(), reading.textColumn) != columns.end())
            return ok();
        return inputError(table.source.string(),
                          "has no column \"" + reading.textColumn + "\"; its columns are " + joined(columns));
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeTextExamples(table, reading.textColumn, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        return {{"eval_loss", sum.meanLoss()},
                {"eval_perplexity", sum.perplexity()},
                {"eval_token_accuracy", sum.tokenAccuracy()}};
    }

    /// A continuation is right if it begins as the text goes on.
    bool isCorrect(const AnswerPair& answer) const override {
        return normalisedAnswer(answer.generated).starts_with(normalisedAnswer(answer.expected));
    }
};

} // namespace

std::unique_ptr<Task> makeTextTask() { return std::make_unique<TextTask>(); }

} // namespace lathe
