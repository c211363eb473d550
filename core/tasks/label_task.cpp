#include "core/tasks/builtin_tasks.h"
#include "core/tasks/label_metrics.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

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
        return checkLabelColumns(table, readingOf(table, reading));
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        const RowReading settled = readingOf(table, reading);
        return makeLabelExamples(table, settled.labels, settled.labelNames, tokenizer, options);
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
        return labelQuestion(row, reading);
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return judgeLabel(question, answer);
    }
};

} // namespace

std::unique_ptr<Task> makeLabelTask() { return std::make_unique<LabelTask>(); }

} // namespace lathe
