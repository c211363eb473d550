#include "core/tasks/builtin_tasks.h"
#include "core/tasks/task_parts.h"

namespace lathe {

namespace {

/// Numbers of texts or pairs of texts, told by a head with one output; its loss is the squared distance.
class RegressionTask final : public Task {
public:
    AnswerForm answerForm() const override { return AnswerForm::Number; }

    std::vector<MetricInfo> metrics() const override {
        return {{"eval_pearson", "Pearson correlation", true},
                {"eval_spearman", "Spearman correlation", true},
                {"eval_mae", "Mean absolute error", false},
                {"eval_loss", "Evaluation loss", false}};
    }

    Objective objective() const override { return {"eval_loss", false}; }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        return checkLabelColumns(table, readingOf(table, reading));
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeNumberExamples(table, readingOf(table, reading).labels, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        return scoreNumbers(scores);
    }

    std::vector<MetricInfo> answerMetrics() const override {
        return answerMetricsOf({"pearson", "spearman", "mse", "mae", "r2"});
    }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* /*tokenizer*/) const override {
        return numberQuestion(row, reading);
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return judgeNumber(question, answer);
    }
};

} // namespace

std::unique_ptr<Task> makeRegressionTask() { return std::make_unique<RegressionTask>(); }

} // namespace lathe
