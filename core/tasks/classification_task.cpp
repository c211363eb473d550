#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"

namespace lathe {

namespace {

struct LabelCounts {
    std::int64_t hits = 0;
    std::int64_t expected = 0;
    std::int64_t said = 0;
};

double f1(const LabelCounts& counts) {
    const std::int64_t involved = counts.expected + counts.said;
    return involved > 0 ? 2 * static_cast<double>(counts.hits) / static_cast<double>(involved) : 0;
}

class ClassificationTask final : public Task {
public:
    std::vector<MetricInfo> metrics() const override {
        return {{"eval_accuracy", "Accuracy", true}, {"eval_loss", "Evaluation loss", false}};
    }

    Objective objective() const override { return {"eval_accuracy", true}; }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        return checkColumns(table, reading.prompt);
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeInstructionExamples(table, reading.prompt, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        return {{"eval_accuracy", sum.accuracy()}, {"eval_loss", sum.meanLoss()}};
    }

    bool isCorrect(const AnswerPair& answer) const override {
        return normalisedAnswer(firstLine(answer.generated)) == normalisedAnswer(answer.expected);
    }

    /// Adds "generated_macro_f1": the mean of the F1 of each label that is expected at least once, so that a
    /// rare label counts as much as a frequent one.
    std::map<std::string, double> scoreGenerated(std::span<const AnswerPair> answers) const override {
        auto metrics = Task::scoreGenerated(answers);
        if (answers.empty())
            return metrics;
        std::map<std::string, LabelCounts> labels;
        for (const AnswerPair& answer : answers) {
            const std::string wanted = normalisedAnswer(answer.expected);
            const std::string said = normalisedAnswer(firstLine(answer.generated));
            ++labels[wanted].expected;
            ++labels[said].said;
            labels[wanted].hits += wanted == said ? 1 : 0;
        }
        double sum = 0;
        std::int64_t expectedLabels = 0;
        for (const auto& [label, counts] : labels) {
            sum += f1(counts);
            expectedLabels += counts.expected > 0 ? 1 : 0;
        }
        metrics["generated_macro_f1"] = sum / static_cast<double>(expectedLabels);
        return metrics;
    }
};

} // namespace

std::unique_ptr<Task> makeClassificationTask() { return std::make_unique<ClassificationTask>(); }

} // namespace lathe
