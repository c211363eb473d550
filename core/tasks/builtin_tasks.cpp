#include "core/tasks/builtin_tasks.h"

#include <algorithm>

namespace lathe {

std::map<std::string, double> Task::scoreGenerated(std::span<const AnswerPair> answers) const {
    if (answers.empty())
        return {};
    const auto right = std::count_if(answers.begin(), answers.end(),
                                     [this](const AnswerPair& answer) { return isCorrect(answer); });
    return {{"generated_accuracy", static_cast<double>(right) / static_cast<double>(answers.size())}};
}

void addBuiltinTasks(Registry<Task>& registry) {
    registry.add({"instruction", "Instructions", "Follow an instruction; the loss is taken on the answer."},
                 makeInstructionTask);
    registry.add({"classification", "Classification", "Answer with one of a few labels."},
                 makeClassificationTask);
    registry.add({"labels", "Labels of texts",
                  "Tell labels apart by a head that is trained along; for encoders and decoders."},
                 makeLabelTask);
    registry.add({"text", "Plain text", "Continue text; the loss is taken on every token."}, makeTextTask);
}

} // namespace lathe
