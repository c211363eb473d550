#pragma once

#include "core/tasks/label_metrics.h"
#include "core/tasks/task.h"

#include <initializer_list>

namespace lathe {

/// The value of a column. Input error (its `where` is empty) naming the columns there are.
[[nodiscard]] Result<std::string> cellOf(const Row& row, const std::string& column);
/// The same, but empty text where the row lacks it.
[[nodiscard]] std::string cellOrNothing(const Row& row, const std::string& column);

/// Input error if the table lacks one of the columns; empty names are passed over.
[[nodiscard]] Status requireColumns(const Table& table, std::initializer_list<std::string> columns);

/// A question in the words of the reading's prompt template, its answer in the template's answer column.
[[nodiscard]] Result<Question> promptQuestion(const Row& row, const RowReading& reading,
                                              const Tokenizer* tokenizer);

/// A question for a head: the text or pair of texts, and the label as the row writes it.
[[nodiscard]] Result<Question> headQuestion(const Row& row, const LabelColumns& columns);

/// The same with the reading's labels as choices; the expected one may be written as its number.
[[nodiscard]] Result<Question> labelQuestion(const Row& row, const RowReading& reading);

/// The same with a number in the place of the label. Input error (its `where` is empty) if it is none.
[[nodiscard]] Result<Question> numberQuestion(const Row& row, const RowReading& reading);

/// Input error if the table lacks a column of the labelled texts.
[[nodiscard]] Status checkLabelColumns(const Table& table, const RowReading& reading);

/// The number a head gives beside the expected one.
[[nodiscard]] RowVerdict judgeNumber(const Question& question, const ModelAnswer& answer);

/// A verdict on two texts that are right if they are the same; without an expected one it stays open.
[[nodiscard]] RowVerdict compared(std::string extracted, std::string expected);

/// "eval_pearson", "eval_spearman", "eval_mae" and "eval_loss" of a head with one output.
[[nodiscard]] std::map<std::string, double> scoreNumbers(std::span<const ExampleScore> scores);

[[nodiscard]] LabelTally tallyOf(std::span<const ExampleScore> scores);

/// The label a head gives against the expected one, both among the question's choices.
[[nodiscard]] RowVerdict judgeLabel(const Question& question, const ModelAnswer& answer);

} // namespace lathe
