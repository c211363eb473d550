#include "core/tasks/builtin_tasks.h"
#include "core/tasks/choices.h"
#include "core/tasks/prompted_task.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

constexpr const char* kChoicesColumn = "choices";
constexpr const char* kAnswerColumn = "answer";

/// Multiple choice by likelihood: nothing is generated, the choice that the model finds likeliest behind the
/// prompt is its answer. Training is on the template's answer column.
class ChoiceTask final : public PromptedTask {
public:
    AnswerForm answerForm() const override { return AnswerForm::Choice; }

    std::vector<MetricInfo> answerMetrics() const override {
        return answerMetricsOf({"accuracy", "accuracy_norm"});
    }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* tokenizer) const override {
        LATHE_ASSIGN(Question question, promptQuestion(row, reading, tokenizer));
        LATHE_ASSIGN(const std::string list, cellOf(row, kChoicesColumn));
        LATHE_ASSIGN(question.choices, choicesIn(list));
        question.choicePrefix = reading.prompt.answerPrefix;
        if (row.contains(kAnswerColumn))
            question.expected = cellOrNothing(row, kAnswerColumn);
        if (!question.expected.empty()) {
            LATHE_ASSIGN(question.expected, choiceNamed(question.expected, question.choices));
        }
        return question;
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return judgeChoice(question, answer);
    }
};

} // namespace

std::unique_ptr<Task> makeChoiceTask() { return std::make_unique<ChoiceTask>(); }

} // namespace lathe
