#include "core/tasks/builtin_tasks.h"
#include "core/tasks/label_metrics.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

LabelTally tallyOf(std::span<const ExampleScore> scores) {
    LabelTally tally;
    for (const ExampleScore& score : scores)
        tally.add({score.expectedLabel, score.givenLabel});
    return tally;
}

class LabelTask final : public Task {
public:
    AnswerForm answerForm() const override { return AnswerForm::Label; }

    std::vector<MetricInfo> metrics() const override {
        return {{"eval_accuracy", "Accuracy", true},
                {"eval_macro_f1", "Macro F1", true},
                {"eval_matthews", "Matthews correlation", true},
                {"eval_loss", "Evaluation loss", false}};
    }

    Objective objective() const override { return {"eval_accuracy", true}; }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        const LabelColumns labels = columnsIn(table, reading.labels);
        return requireColumns(table, {labels.text, labels.pair, labels.label});
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeLabelExamples(table, reading.labels, reading.labelNames, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        const LabelTally tally = tallyOf(scores);
        return {{"eval_accuracy", sum.accuracy()},
                {"eval_macro_f1", tally.macroF1()},
                {"eval_matthews", tally.matthews()},
                {"eval_loss", sum.meanLoss()}};
    }

    std::vector<MetricInfo> answerMetrics() const override {
        return answerMetricsOf({"accuracy", "macro_f1", "matthews"});
    }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* /*tokenizer*/) const override {
        Question question;
        LATHE_ASSIGN(question.prompt, cellOf(row, reading.labels.text));
        if (!reading.labels.pair.empty()) {
            LATHE_ASSIGN(question.pair, cellOf(row, reading.labels.pair));
        }
        question.choices = reading.labelNames;
        question.expected = cellOrNothing(row, reading.labels.label);
        return question;
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return judgeLabel(question, answer);
    }
};

} // namespace

std::unique_ptr<Task> makeLabelTask() { return std::make_unique<LabelTask>(); }

} // namespace lathe
