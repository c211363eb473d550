#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"
#include "core/tasks/prompted_task.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

class InstructionTask final : public PromptedTask {
public:
    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf({"accuracy"}); }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return compared(normalisedAnswer(answer.text), normalisedAnswer(question.expected));
    }
};

} // namespace

std::unique_ptr<Task> makeInstructionTask() { return std::make_unique<InstructionTask>(); }

} // namespace lathe
