#include "core/tasks/answer_text.h"
#include "core/tasks/builtin_tasks.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// counts[expected][given].
using Confusion = std::vector<std::vector<double>>;

Confusion confusionOf(std::span<const ExampleScore> scores) {
    std::int32_t labels = 0;
    for (const ExampleScore& score : scores)
        labels = std::max({labels, score.expectedLabel + 1, score.givenLabel + 1});
    const auto size = static_cast<std::size_t>(labels);
    Confusion counts(size, std::vector<double>(size));
    for (const ExampleScore& score : scores)
        if (score.expectedLabel >= 0)
            ++counts[static_cast<std::size_t>(score.expectedLabel)]
                    [static_cast<std::size_t>(score.givenLabel)];
    return counts;
}

/// Mean of the F1 of each label that occurs, so that a rare label counts as much as a frequent one.
double macroF1(const Confusion& counts) {
    double sum = 0;
    double labels = 0;
    for (std::size_t label = 0; label < counts.size(); ++label) {
        double expected = 0;
        double given = 0;
        for (std::size_t other = 0; other < counts.size(); ++other) {
            expected += counts[label][other];
            given += counts[other][label];
        }
        if (expected == 0)
            continue;
        sum += 2 * counts[label][label] / (expected + given);
        ++labels;
    }
    return labels > 0 ? sum / labels : 0;
}

/// Matthews' correlation for any number of labels, Gorodkin 2004: (c s - p·t) / sqrt((s² - p·p)(s² - t·t))
/// with c right answers of s, p given and t expected counts; 0 where one of both is constant.
double matthews(const Confusion& counts) {
    double right = 0;
    double all = 0;
    double both = 0;
    double givenSquares = 0;
    double expectedSquares = 0;
    for (std::size_t label = 0; label < counts.size(); ++label) {
        double expected = 0;
        double given = 0;
        for (std::size_t other = 0; other < counts.size(); ++other) {
            expected += counts[label][other];
            given += counts[other][label];
        }
        right += counts[label][label];
        all += expected;
        both += expected * given;
        givenSquares += given * given;
        expectedSquares += expected * expected;
    }
    const double scale = (all * all - givenSquares) * (all * all - expectedSquares);
    return scale > 0 ? (right * all - both) / std::sqrt(scale) : 0;
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
        for (const std::string& column : {reading.labels.text, reading.labels.pair, reading.labels.label})
            if (!column.empty())
                LATHE_TRY(checkColumns(table, {"labels", "", "{" + column + "}", column, ""}));
        return ok();
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        return makeLabelExamples(table, reading.labels, reading.labelNames, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        const AnswerScore sum = sumUp(scores);
        const Confusion counts = confusionOf(scores);
        return {{"eval_accuracy", sum.accuracy()},
                {"eval_macro_f1", macroF1(counts)},
                {"eval_matthews", matthews(counts)},
                {"eval_loss", sum.meanLoss()}};
    }

    bool isCorrect(const AnswerPair& answer) const override {
        return normalisedAnswer(firstLine(answer.generated)) == normalisedAnswer(answer.expected);
    }
};

} // namespace

std::unique_ptr<Task> makeLabelTask() { return std::make_unique<LabelTask>(); }

} // namespace lathe
