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
/// Numbers of texts or pairs of texts, told by a head of the model.
[[nodiscard]] std::unique_ptr<Task> makeRegressionTask();
/// Plain text, every token of it; reports the perplexity.
[[nodiscard]] std::unique_ptr<Task> makeTextTask();
/// Short answers to questions: exact match and F1 of words.
[[nodiscard]] std::unique_ptr<Task> makeQuestionAnsweringTask();
/// Summaries, by ROUGE.
[[nodiscard]] std::unique_ptr<Task> makeSummarisationTask();
/// Translations, by BLEU.
[[nodiscard]] std::unique_ptr<Task> makeTranslationTask();
/// The likeliest of the choices in the column "choices".
[[nodiscard]] std::unique_ptr<Task> makeChoiceTask();

/// The nine tasks of GLUE that have labels.
void addGlueTasks(Registry<Task>& registry);
/// The sets of word problems of LLM-Adapters, and the eight sets of common sense.
void addMathTasks(Registry<Task>& registry);
void addCommonsenseTasks(Registry<Task>& registry);

} // namespace lathe
