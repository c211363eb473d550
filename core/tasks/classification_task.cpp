#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"
#include "core/tasks/prompted_task.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

class ClassificationTask final : public PromptedTask {
public:
    std::vector<MetricInfo> metrics() const override {
        return {{"eval_accuracy", "Accuracy", true}, {"eval_loss", "Evaluation loss", false}};
    }

    Objective objective() const override { return {"eval_accuracy", true}; }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        return {{"eval_accuracy", sum.accuracy()}, {"eval_loss", sum.meanLoss()}};
    }

    GenerationOptions generation() const override {
        GenerationOptions options;
        options.maxNewTokens = 32;
        return options;
    }

    std::vector<MetricInfo> answerMetrics() const override {
        return answerMetricsOf({"accuracy", "macro_f1"});
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return compared(normalisedAnswer(firstLine(answer.text)), normalisedAnswer(question.expected));
    }
};

} // namespace

std::unique_ptr<Task> makeClassificationTask() { return std::make_unique<ClassificationTask>(); }

} // namespace lathe
