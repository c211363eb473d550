#include "core/tasks/builtin_tasks.h"
#include "core/tasks/glue_file.h"
#include "core/tasks/task_parts.h"

#include <algorithm>

namespace lathe {

namespace {

using Names = std::vector<std::string>;

/// A task of GLUE, Wang et al. 2018 (arXiv:1804.07461): columns by the names that GLUE's own files have, then
/// those of the exports of Hugging Face's data sets; labels in the order of these data sets.
struct GlueTaskInfo {
    PartInfo info;
    Names texts;
    Names pairs; ///< empty: single sentences
    Names labels;
    Names labelNames; ///< empty: a number
    Names metrics;    ///< without "eval_" and the loss; the first is the objective
    Names headerless; ///< columns of a file without a header
};

const std::vector<GlueTaskInfo>& glueTasks() {
    static const std::vector<GlueTaskInfo> all{
        {{"cola", "GLUE CoLA", "Whether a sentence is grammatical."},
         {"sentence"},
         {},
         {"label"},
         {"unacceptable", "acceptable"},
         {"matthews", "accuracy"},
         {"source", "label", "mark", "sentence"}},
        {{"sst2", "GLUE SST-2", "Whether a sentence of a film review is positive."},
         {"sentence"},
         {},
         {"label"},
         {"negative", "positive"},
         {"accuracy"},
         {}},
        {{"mrpc", "GLUE MRPC", "Whether two sentences of the news mean the same."},
         {"#1 String", "sentence1"},
         {"#2 String", "sentence2"},
         {"Quality", "label"},
         {"not_equivalent", "equivalent"},
         {"f1", "accuracy"},
         {}},
        {{"stsb", "GLUE STS-B", "How similar two sentences are, from 0 to 5."},
         {"sentence1"},
         {"sentence2"},
         {"score", "label"},
         {},
         {"spearman", "pearson"},
         {"genre", "file", "year", "id", "score", "sentence1", "sentence2"}},
        {{"qqp", "GLUE QQP", "Whether two questions ask the same."},
         {"question1"},
         {"question2"},
         {"is_duplicate", "label"},
         {"not_duplicate", "duplicate"},
         {"f1", "accuracy"},
         {}},
        {{"mnli", "GLUE MNLI", "Whether a sentence follows from another, contradicts it, or neither."},
         {"sentence1", "premise"},
         {"sentence2", "hypothesis"},
         {"gold_label", "label"},
         {"entailment", "neutral", "contradiction"},
         {"accuracy"},
         {}},
        {{"qnli", "GLUE QNLI", "Whether a sentence answers a question."},
         {"question"},
         {"sentence"},
         {"label"},
         {"entailment", "not_entailment"},
         {"accuracy"},
         {}},
        {{"rte", "GLUE RTE", "Whether a sentence follows from another."},
         {"sentence1"},
         {"sentence2"},
         {"label"},
         {"entailment", "not_entailment"},
         {"accuracy"},
         {}},
        {{"wnli", "GLUE WNLI", "Whether a pronoun means what a sentence puts in its place."},
         {"sentence1"},
         {"sentence2"},
         {"label"},
         {"not_entailment", "entailment"},
         {"accuracy"},
         {}},
    };
    return all;
}

/// The first of the names that the table has; the first of all where it has none, which is then missed.
std::string columnIn(const Table& table, const Names& names) {
    for (const std::string& name : names)
        if (std::ranges::find(table.columns, name) != table.columns.end())
            return name;
    return names.empty() ? std::string() : names.front();
}

class GlueTask final : public Task {
public:
    explicit GlueTask(const GlueTaskInfo& glue) : m_glue(glue) {}

    AnswerForm answerForm() const override {
        return m_glue.labelNames.empty() ? AnswerForm::Number : AnswerForm::Label;
    }

    std::vector<MetricInfo> metrics() const override {
        std::vector<MetricInfo> infos;
        for (const MetricInfo& info : answerMetrics())
            infos.push_back({"eval_" + info.name, info.label, info.isHigherBetter});
        infos.push_back({"eval_loss", "Evaluation loss", false});
        return infos;
    }

    Objective objective() const override { return {"eval_" + m_glue.metrics.front(), true}; }

    Result<Table> readRows(const std::filesystem::path& file) const override {
        const std::string ending = file.extension().string();
        return ending == ".tsv" || ending == ".txt" ? readGlueFile(file, m_glue.headerless) : readTable(file);
    }

    RowReading readingOf(const Table& table, RowReading given) const override {
        given.labels = {columnIn(table, m_glue.texts), columnIn(table, m_glue.pairs),
                        columnIn(table, m_glue.labels)};
        given.labelNames = m_glue.labelNames;
        return given;
    }

    Status checkRows(const Table& table, const RowReading& reading) const override {
        return checkLabelColumns(table, readingOf(table, reading));
    }

    Result<ExampleSet> makeExamples(const Table& table, const RowReading& reading, const Tokenizer& tokenizer,
                                    const ExampleOptions& options) const override {
        const RowReading glue = readingOf(table, reading);
        if (answerForm() == AnswerForm::Number)
            return makeNumberExamples(table, glue.labels, tokenizer, options);
        return makeLabelExamples(table, glue.labels, glue.labelNames, tokenizer, options);
    }

    std::map<std::string, double> score(std::span<const ExampleScore> scores) const override {
        if (answerForm() == AnswerForm::Number) {
            auto numbers = scoreNumbers(scores);
            numbers.erase("eval_mae");
            return numbers;
        }
        const LabelTally tally = tallyOf(scores);
        const std::map<std::string, double> figures{
            {"accuracy", tally.accuracy()}, {"f1", tally.f1()}, {"matthews", tally.matthews()}};
        std::map<std::string, double> reported{{"eval_loss", sumUp(scores).meanLoss()}};
        for (const std::string& name : m_glue.metrics)
            reported["eval_" + name] = figures.at(name);
        return reported;
    }

    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf(m_glue.metrics); }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* /*tokenizer*/) const override {
        return answerForm() == AnswerForm::Number ? numberQuestion(row, reading)
                                                  : labelQuestion(row, reading);
    }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return answerForm() == AnswerForm::Number ? judgeNumber(question, answer)
                                                  : judgeLabel(question, answer);
    }

private:
    const GlueTaskInfo& m_glue;
};

} // namespace

void addGlueTasks(Registry<Task>& registry) {
    for (const GlueTaskInfo& glue : glueTasks())
        registry.add(glue.info, [&glue] { return std::make_unique<GlueTask>(glue); });
}

} // namespace lathe
