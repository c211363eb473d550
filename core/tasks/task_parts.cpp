#include "core/tasks/task_parts.h"

#include "core/base/text.h"

#include <algorithm>

namespace lathe {

Result<std::string> cellOf(const Row& row, const std::string& column) {
    if (const auto cell = row.find(column); cell != row.end())
        return cell->second;
    std::vector<std::string> names;
    for (const auto& [name, value] : row)
        names.push_back(name);
    return inputError("", "the row has no column \"" + column + "\"; its columns are " +
                              (names.empty() ? "none" : joined(names)));
}

std::string cellOrNothing(const Row& row, const std::string& column) {
    const auto cell = row.find(column);
    return cell == row.end() ? std::string() : cell->second;
}

Status requireColumns(const Table& table, std::initializer_list<std::string> columns) {
    for (const std::string& column : columns)
        if (!column.empty() && std::ranges::find(table.columns, column) == table.columns.end())
            return inputError(table.source.string(),
                              "has no column \"" + column + "\"; its columns are " + joined(table.columns));
    return ok();
}

Result<Question> promptQuestion(const Row& row, const RowReading& reading, const Tokenizer* tokenizer) {
    auto asked = askedIn(reading.prompt, row, tokenizer);
    if (!asked)
        return inputError("", asked.error().text());
    Question question;
    question.prompt = std::move(asked->prompt);
    question.expected = std::move(asked->expected);
    return question;
}

RowVerdict compared(std::string extracted, std::string expected) {
    RowVerdict verdict;
    if (!expected.empty())
        verdict.isCorrect = extracted == expected;
    verdict.extracted = std::move(extracted);
    verdict.expected = std::move(expected);
    return verdict;
}

RowVerdict judgeLabel(const Question& question, const ModelAnswer& answer) {
    const auto& choices = question.choices;
    const auto given = answer.label.value_or(-1);
    const bool isKnown = given >= 0 && static_cast<std::size_t>(given) < choices.size();
    RowVerdict verdict =
        compared(isKnown ? choices[static_cast<std::size_t>(given)] : std::string(), question.expected);
    const auto expected = std::ranges::find(choices, question.expected);
    if (expected != choices.end())
        verdict.parts["labels"] = {static_cast<double>(expected - choices.begin()),
                                   static_cast<double>(isKnown ? given : -1)};
    return verdict;
}

} // namespace lathe
