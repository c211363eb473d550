#include "core/tasks/task_parts.h"

#include "core/base/numbers.h"
#include "core/base/text.h"
#include "core/tasks/answer_extraction.h"
#include "core/tasks/number_metrics.h"

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

Result<Question> headQuestion(const Row& row, const LabelColumns& columns) {
    Question question;
    LATHE_ASSIGN(question.prompt, cellOf(row, columns.text));
    if (!columns.pair.empty()) {
        LATHE_ASSIGN(question.pair, cellOf(row, columns.pair));
    }
    question.expected = cellOrNothing(row, columns.label);
    return question;
}

Result<Question> labelQuestion(const Row& row, const RowReading& reading) {
    LATHE_ASSIGN(Question question, headQuestion(row, reading.labels));
    question.choices = reading.labelNames;
    if (question.choices.empty() || question.expected.empty())
        return question;
    const auto number = labelNumber(question.expected, question.choices);
    if (!number)
        return inputError("",
                          "the label \"" + question.expected + "\" is none of " + joined(question.choices));
    question.expected = question.choices[*number];
    return question;
}

Result<Question> numberQuestion(const Row& row, const RowReading& reading) {
    LATHE_ASSIGN(Question question, headQuestion(row, reading.labels));
    if (!question.expected.empty() && !numberOf(question.expected))
        return inputError("", "the label \"" + question.expected + "\" is not a number");
    return question;
}

Status checkLabelColumns(const Table& table, const RowReading& reading) {
    return requireColumns(table, {reading.labels.text, reading.labels.pair, reading.labels.label});
}

RowVerdict compared(std::string extracted, std::string expected) {
    RowVerdict verdict;
    if (!expected.empty())
        verdict.isCorrect = extracted == expected;
    verdict.extracted = std::move(extracted);
    verdict.expected = std::move(expected);
    return verdict;
}

std::map<std::string, double> scoreNumbers(std::span<const ExampleScore> scores) {
    std::vector<double> expected;
    std::vector<double> given;
    for (const ExampleScore& score : scores) {
        expected.push_back(score.expectedNumber);
        given.push_back(score.givenNumber);
    }
    return {{"eval_pearson", pearson(expected, given)},
            {"eval_spearman", spearman(expected, given)},
            {"eval_mae", meanAbsoluteError(expected, given)},
            {"eval_loss", sumUp(scores).meanLoss()}};
}

LabelTally tallyOf(std::span<const ExampleScore> scores) {
    LabelTally tally;
    for (const ExampleScore& score : scores)
        tally.add({score.expectedLabel, score.givenLabel});
    return tally;
}

RowVerdict judgeNumber(const Question& question, const ModelAnswer& answer) {
    RowVerdict verdict;
    verdict.expected = question.expected;
    if (answer.number)
        verdict.extracted = csvNumber(*answer.number);
    const auto expected = numberOf(question.expected);
    if (expected && answer.number)
        verdict.parts["numbers"] = {*expected, *answer.number};
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
