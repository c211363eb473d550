#pragma once

#include "core/tasks/task.h"

#include <memory>

namespace lathe {

/// Answers to instructions; the objective is the loss, because a free answer is seldom right word for word.
[[nodiscard]] std::unique_ptr<Task> makeInstructionTask();
/// Answers out of a few labels; the objective is how many are right.
[[nodiscard]] std::unique_ptr<Task> makeClassificationTask();
/// Labels of texts or pairs of texts, told by a head of the model.
[[nodiscard]] std::unique_ptr<Task> makeLabelTask();
/// Plain text, every token of it; reports the perplexity.
[[nodiscard]] std::unique_ptr<Task> makeTextTask();

} // namespace lathe
