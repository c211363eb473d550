#include "core/tasks/answer_extraction.h"
#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"
#include "core/tasks/characters.h"
#include "core/tasks/choices.h"
#include "core/tasks/prompted_task.h"
#include "core/tasks/short_answer.h"
#include "core/tasks/task_file.h"
#include "core/tasks/task_parts.h"
#include "core/tasks/text_scores.h"

#include <algorithm>
#include <cmath>
#include <regex>

namespace lathe {

namespace {

std::string matchOf(std::string_view text, const AnswerExtraction& extraction) {
    constexpr std::size_t kMostBytes = 4000;
    const std::string end(text.substr(text.size() - std::min(text.size(), kMostBytes)));
    const std::regex pattern(extraction.pattern);
    std::string found;
    for (auto match = std::sregex_iterator(end.begin(), end.end(), pattern); match != std::sregex_iterator();
         ++match) {
        found = (*match)[match->size() > 1 ? 1 : 0].str();
        if (extraction.which == AnswerExtraction::Which::First)
            break;
    }
    return found;
}

using Compare = TaskDescription::Compare;

bool isSame(const std::string& expected, const std::string& given, const TaskDescription& task) {
    switch (task.compare) {
    case Compare::Exact:
        return expected == given;
    case Compare::Words:
        return isExactMatch(expected, given);
    case Compare::Number: {
        const auto right = numberOf(expected);
        const auto said = numberOf(given);
        return right && said && std::abs(*right - *said) <= task.tolerance;
    }
    case Compare::Normalised:
        return normalisedAnswer(expected) == normalisedAnswer(given);
    }
    return false;
}

/// A free text of a described task.
RowVerdict judgeText(const TaskDescription& task, const Question& question, const ModelAnswer& answer) {
    RowVerdict verdict =
        scoredText(extractAnswer(answer.text, task.extraction), question.expected, task.metrics);
    verdict.isCorrect.reset();
    if (question.expected.empty())
        return verdict;
    const std::vector<std::string> right = rightAnswersIn(question.expected);
    const auto same = std::ranges::find_if(
        right, [&](const std::string& each) { return isSame(each, verdict.extracted, task); });
    verdict.isCorrect = same != right.end();
    const auto expected = numberOf(question.expected);
    const auto given = numberOf(verdict.extracted);
    if (expected && given)
        verdict.parts["numbers"] = {*expected, *given};
    if (!task.reading.labelNames.empty()) {
        const auto place = [&](const std::string& label) {
            const auto& names = task.reading.labelNames;
            const auto name =
                std::ranges::find_if(names, [&](const auto& each) { return isSame(each, label, task); });
            return name == names.end() ? -1.0 : static_cast<double>(name - names.begin());
        };
        verdict.parts["labels"] = {place(question.expected), place(verdict.extracted)};
    }
    return verdict;
}

class DescribedTask final : public PromptedTask {
public:
    explicit DescribedTask(TaskDescription task) : m_task(std::move(task)), m_trained(makeTrained()) {}

    AnswerForm answerForm() const override { return m_task.form; }
    std::vector<MetricInfo> metrics() const override { return m_trained->metrics(); }
    Objective objective() const override { return m_trained->objective(); }
    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        return m_trained->score(scores);
    }
    RowReading usualReading() const override { return m_task.reading; }
    RowReading readingOf(const Table& table, RowReading /*given*/) const override {
        return m_trained->readingOf(table, m_task.reading);
    }
    Status checkRows(const Table& table, const RowReading& /*reading*/) const override {
        return m_trained->checkRows(table, m_task.reading);
    }
    Result<ExampleSet> makeExamples(const Table& table, const RowReading& /*reading*/,
                                    const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return m_trained->makeExamples(table, m_task.reading, tokenizer, options);
    }
    GenerationOptions generation() const override { return m_task.generation; }
    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf(m_task.metrics); }

    Result<RowPreview> previewRow(const Table& table, std::size_t row, const RowReading& /*reading*/,
                                  const Tokenizer& tokenizer, const ExampleOptions& options) const override {
        return m_trained->previewRow(table, row, m_task.reading, tokenizer, options);
    }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* tokenizer) const override {
        LATHE_ASSIGN(Question question, m_trained->ask(row, reading, tokenizer));
        if (m_task.isExpectedExtracted)
            question.expected = extractAnswer(question.expected, m_task.extraction);
        if (m_task.form == AnswerForm::Choice)
            LATHE_TRY(addChoices(row, question));
        if (m_task.form == AnswerForm::Text && m_task.compare == Compare::Number &&
            !question.expected.empty() && !numberOf(question.expected))
            return inputError("", "the right answer \"" + question.expected + "\" is not a number");
        return question;
    }

    RowVerdict judge(const Row& row, const Question& question, const ModelAnswer& answer) const override {
        if (m_task.form == AnswerForm::Text)
            return judgeText(m_task, question, answer);
        return m_task.form == AnswerForm::Choice ? judgeChoice(question, answer)
                                                 : m_trained->judge(row, question, answer);
    }

private:
    /// The built-in task that reads such rows and trains on them.
    [[nodiscard]] std::unique_ptr<Task> makeTrained() const {
        switch (m_task.form) {
        case AnswerForm::Label:
            return makeLabelTask();
        case AnswerForm::Number:
            return makeRegressionTask();
        case AnswerForm::Loss:
            return makeTextTask();
        case AnswerForm::Text:
        case AnswerForm::Choice:
            break;
        }
        return makeInstructionTask();
    }

    Status addChoices(const Row& row, Question& question) const {
        question.choicePrefix = m_task.reading.prompt.answerPrefix;
        question.choices = m_task.choices;
        if (!m_task.choicesColumn.empty()) {
            LATHE_ASSIGN(const std::string list, cellOf(row, m_task.choicesColumn));
            LATHE_ASSIGN(question.choices, choicesIn(list));
        }
        if (!question.expected.empty()) {
            LATHE_ASSIGN(question.expected, choiceNamed(question.expected, question.choices));
        }
        return ok();
    }

    TaskDescription m_task;
    std::unique_ptr<Task> m_trained;
};

} // namespace

std::string extractAnswer(std::string_view text, const AnswerExtraction& extraction) {
    using By = AnswerExtraction::By;
    switch (extraction.by) {
    case By::Whole:
        return std::string(trimmed(text));
    case By::FirstLine:
        return std::string(firstLine(text));
    case By::LastNumber:
        return lastNumber(text).value_or("");
    case By::FirstWord:
        return firstOfWords(text, extraction.words);
    case By::LastWord:
        return lastOfWords(text, extraction.words);
    case By::Pattern:
        return matchOf(text, extraction);
    }
    return {};
}

std::unique_ptr<Task> makeDescribedTask(TaskDescription description) {
    return std::make_unique<DescribedTask>(std::move(description));
}

} // namespace lathe
