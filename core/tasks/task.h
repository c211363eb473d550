#pragma once

#include "core/base/registry.h"
#include "core/data/preview.h"
#include "core/params/study_spec.h"
#include "core/tasks/answer_score.h"
#include "core/tasks/text_generator.h"
#include "core/tasks/verdict.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// What a task reads out of a row.
struct RowReading {
    PromptTemplate prompt;                    ///< where a row is a question and an answer
    std::string textColumn = "text";          ///< where a row is plain text
    LabelColumns labels = {};                 ///< where a row is a text with a label
    std::vector<std::string> labelNames = {}; ///< the labels there are; empty: those of the rows
};

/// How a model answers.
enum class AnswerForm {
    Text,   ///< token by token
    Label,  ///< by a head that tells labels apart
    Number, ///< by a head with one output
    Choice, ///< by the likeliest of a few continuations
    Loss    ///< not at all: a given text is more or less likely to it
};

/// Whether a head on top of the model answers, in place of its next tokens.
[[nodiscard]] constexpr bool isByHead(AnswerForm form) {
    return form == AnswerForm::Label || form == AnswerForm::Number;
}

/// What is asked of a model about one row.
struct Question {
    /// Text, Choice: what the model continues. Label, Number: the text that the head reads. Loss: the text
    /// whose likelihood is taken.
    std::string prompt;
    std::optional<std::string> pair; ///< Label, Number: the second text, where the task is about pairs
    /// Label: the labels by number (empty: those the head was trained with). Choice: what is weighed; each
    /// continues the prompt behind `choicePrefix`, and only its own tokens (with the prefix) are scored.
    std::vector<std::string> choices;
    std::string choicePrefix;
    std::string expected; ///< the right answer: text, one of `choices`, or a number; empty: the row has none
};

/// What a model made of a question; the part that the task's AnswerForm names is filled.
struct ModelAnswer {
    std::string text;                  ///< Text: the continuation without the prompt
    std::optional<std::int32_t> label; ///< Label: the likeliest, as an index into Question::choices
    std::optional<double> number;      ///< Number
    std::vector<double> choices;       ///< Choice: the summed log likelihood of each, in nats
    double lossSum = 0;                ///< Loss: nats over `lossTokens`
    std::int64_t lossTokens = 0;
};

/// What is asked of a model and how an answer is scored. Stateless; may be used from several threads.
///
/// Training reads rows by makeExamples() and hears from score() how the model does with the right answers
/// before its eyes. An evaluation puts a Question for each row (ask), gets a ModelAnswer, and the task judges
/// it row by row and sums the verdicts up.
class Task {
public:
    Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    virtual ~Task() = default;

    [[nodiscard]] virtual AnswerForm answerForm() const { return AnswerForm::Text; }
    /// The keys of score(), in the order of a report.
    [[nodiscard]] virtual std::vector<MetricInfo> metrics() const = 0;
    /// What a study of this task improves if nothing else is said; one of metrics().
    [[nodiscard]] virtual Objective objective() const = 0;

    /// A data file as this task's files are made: readTable(), but that some benchmarks have forms of their
    /// own. Errors as readTable().
    [[nodiscard]] virtual Result<Table> readRows(const std::filesystem::path& file) const;
    /// What the task reads where nothing else is said: its prompt and columns.
    [[nodiscard]] virtual RowReading usualReading() const;
    /// `given` with what the task itself prescribes in its place: the columns and labels of a benchmark, as
    /// this table has them. The other functions apply it themselves where they get a table; ask() wants one
    /// that was applied.
    [[nodiscard]] virtual RowReading readingOf(const Table& table, RowReading given) const;

    /// Input error if the rows lack a column the task reads; needs no tokenizer.
    [[nodiscard]] virtual Status checkRows(const Table& table, const RowReading& reading) const = 0;
    [[nodiscard]] virtual Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading,
                                                          const Tokenizer& tokenizer,
                                                          const ExampleOptions& options) const = 0;

    /// A row as the model will see it: the tokens and masks that makeExamples() gives of it. Contract: row <
    /// table.size().
    [[nodiscard]] virtual Result<RowPreview> previewRow(const Table& table, std::size_t row,
                                                        const RowReading& reading, const Tokenizer& tokenizer,
                                                        const ExampleOptions& options) const;

    /// The metrics of one evaluation, from the model's reading of the right answers.
    [[nodiscard]] virtual std::map<std::string, double> score(std::span<const ExampleScore> scores) const = 0;

    /// How answers are generated where nothing else is said.
    [[nodiscard]] virtual GenerationOptions generation() const { return {}; }
    /// The names summary() reports, the most telling first.
    [[nodiscard]] virtual std::vector<MetricInfo> answerMetrics() const = 0;
    /// What to ask about a row. A chat template needs the model's tokenizer; other prompts go without.
    /// Input error (its `where` is empty) if the row lacks a column that is needed, or its right answer is
    /// none: such a row is left out, with the reason.
    [[nodiscard]] virtual Result<Question> ask(const Row& row, const RowReading& reading,
                                               const Tokenizer* tokenizer) const = 0;
    /// What the answer to ask(row) is worth.
    [[nodiscard]] virtual RowVerdict judge(const Row& row, const Question& question,
                                           const ModelAnswer& answer) const = 0;
    /// The answerMetrics() of all rows.
    [[nodiscard]] std::vector<MetricValue> summary(std::span<const RowVerdict> verdicts,
                                                   const IntervalOptions& options = {}) const {
        return sumVerdicts(verdicts, answerMetrics(), options);
    }
};

/// Every task but those that users describe themselves.
void addBuiltinTasks(Registry<Task>& registry);

} // namespace lathe
