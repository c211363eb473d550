#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

class InstructionTask final : public Task {
public:
    std::vector<MetricInfo> metrics() const override {
        return {{"eval_loss", "Evaluation loss", false},
                {"eval_accuracy", "Exact answers", true},
                {"eval_token_accuracy", "Right tokens", true}};
    }

    Objective objective() const override { return {"eval_loss", false}; }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        return checkColumns(table, reading.prompt);
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeInstructionExamples(table, reading.prompt, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        return {{"eval_loss", sum.meanLoss()},
                {"eval_accuracy", sum.accuracy()},
                {"eval_token_accuracy", sum.tokenAccuracy()}};
    }

    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf({"accuracy"}); }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* tokenizer) const override {
        return promptQuestion(row, reading, tokenizer);
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return compared(normalisedAnswer(answer.text), normalisedAnswer(question.expected));
    }
};

} // namespace

std::unique_ptr<Task> makeInstructionTask() { return std::make_unique<InstructionTask>(); }

} // namespace lathe
