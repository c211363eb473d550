#pragma once

#include "core/base/registry.h"
#include "core/data/examples.h"
#include "core/params/study_spec.h"
#include "core/tasks/answer_score.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// A number a task reports at each evaluation.
struct MetricInfo {
    std::string name;  ///< "eval_loss"
    std::string label; ///< "Evaluation loss"
    bool isHigherBetter = false;
};

/// What a task reads out of a row.
struct RowReading {
    PromptTemplate prompt;                    ///< where a row is a question and an answer
    std::string textColumn = "text";          ///< where a row is plain text
    LabelColumns labels = {};                 ///< where a row is a text with a label
    std::vector<std::string> labelNames = {}; ///< the labels there are; empty: those of the rows
};

/// How a model answers.
enum class AnswerForm {
    Text, ///< token by token
    Label ///< by a head that tells labels apart
};

/// A generated answer and the right one.
struct AnswerPair {
    std::string generated;
    std::string expected;
};

/// What is asked of a model and how an answer is scored. Stateless; may be used from several threads.
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

    /// Input error if the rows lack a column the task reads; needs no tokenizer.
    [[nodiscard]] virtual Status checkRows(const Table& table, const RowReading& reading) const = 0;
    [[nodiscard]] virtual Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading,
                                                          const Tokenizer& tokenizer,
                                                          const ExampleOptions& options) const = 0;

    /// The metrics of one evaluation, from the model's reading of the right answers.
    [[nodiscard]] virtual std::map<std::string, double> score(std::span<const ExampleScore> scores) const = 0;
    /// Whether a generated answer counts as right.
    [[nodiscard]] virtual bool isCorrect(const AnswerPair& answer) const = 0;
    /// Metrics of freely generated answers: "generated_accuracy", and others where the task has them.
    [[nodiscard]] virtual std::map<std::string, double>
    scoreGenerated(std::span<const AnswerPair> answers) const;
};

/// "instruction", "classification", "labels" and "text".
void addBuiltinTasks(Registry<Task>& registry);

} // namespace lathe
