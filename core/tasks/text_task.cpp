#include "core/tasks/builtin_tasks.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

class TextTask final : public Task {
public:
    AnswerForm answerForm() const override { return AnswerForm::Loss; }

    std::vector<MetricInfo> metrics() const override {
        return {{"eval_loss", "Evaluation loss", false},
                {"eval_perplexity", "Perplexity", false},
                {"eval_token_accuracy", "Right tokens", true}};
    }

    Objective objective() const override { return {"eval_loss", false}; }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        return requireColumns(table, {textColumnIn(table, reading.textColumn)});
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeTextExamples(table, reading.textColumn, tokenizer, options);
    }

    Result<RowPreview> previewRow(const Table& table, std::size_t row, const RowReading& reading,
                                  const Tokenizer& tokenizer, const ExampleOptions& options) const override {
        return previewText(table, row, reading.textColumn, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        return {{"eval_loss", sum.meanLoss()},
                {"eval_perplexity", sum.perplexity()},
                {"eval_token_accuracy", sum.tokenAccuracy()}};
    }

    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf({"perplexity", "loss"}); }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* /*tokenizer*/) const override {
        Question question;
        LATHE_ASSIGN(question.prompt, cellOf(row, reading.textColumn));
        return question;
    }

    RowVerdict judge(const Row& /*row*/, const Question& /*question*/,
                     const ModelAnswer& answer) const override {
        RowVerdict verdict;
        if (answer.lossTokens > 0) {
            const auto tokens = static_cast<double>(answer.lossTokens);
            verdict.scores["loss"] = answer.lossSum / tokens;
            verdict.parts["loss"] = {answer.lossSum, tokens};
        }
        return verdict;
    }
};

} // namespace

std::unique_ptr<Task> makeTextTask() { return std::make_unique<TextTask>(); }

} // namespace lathe
