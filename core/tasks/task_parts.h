#pragma once

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

/// A verdict on two texts that are right if they are the same; without an expected one it stays open.
[[nodiscard]] RowVerdict compared(std::string extracted, std::string expected);

/// The label a head gives against the expected one, both among the question's choices.
[[nodiscard]] RowVerdict judgeLabel(const Question& question, const ModelAnswer& answer);

} // namespace lathe
