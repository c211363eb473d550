#include "core/tasks/prompted_task.h"

#include "core/tasks/task_parts.h"

namespace lathe {

std::vector<MetricInfo> PromptedTask::metrics() const {
    return {{"eval_loss", "Evaluation loss", false},
            {"eval_accuracy", "Exact answers", true},
            {"eval_token_accuracy", "Right tokens", true}};
}

Status PromptedTask::checkRows(const Table& table, const RowReading& reading) const {
    return checkColumns(table, readingOf(table, reading).prompt);
}

Result<ExampleSet> PromptedTask::makeExamples(const Table& table, const RowReading& reading,
                                              const Tokenizer& tokenizer,
                                              const ExampleOptions& options) const {
    return makeInstructionExamples(table, readingOf(table, reading).prompt, tokenizer, options);
}

std::map<std::string, double> PromptedTask::score(std::span<const ExampleScore> scores) const {
    const AnswerScore sum = sumUp(scores);
    return {{"eval_loss", sum.meanLoss()},
            {"eval_accuracy", sum.accuracy()},
            {"eval_token_accuracy", sum.tokenAccuracy()}};
}

Result<Question> PromptedTask::ask(const Row& row, const RowReading& reading,
                                   const Tokenizer* tokenizer) const {
    return promptQuestion(row, reading, tokenizer);
}

} // namespace lathe
