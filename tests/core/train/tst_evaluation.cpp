#include "core/base/files.h"
#include "core/train/evaluation.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <cmath>
#include <map>
#include <sstream>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

/// What came out of an evaluation, and a way to cut it short.
struct Sitting {
    std::map<std::int64_t, PredictionRecord> rows;
    std::vector<std::size_t> batches; ///< rows of each call of take()
    std::string hash;
    std::int64_t total = 0;
    std::size_t stopAfter = 1'000'000; ///< calls of take()
    std::vector<EvaluationFigure> figures;
    std::string problem;

    void run(const EvaluationSpec& spec) {
        std::stop_source stop;
        EvaluationContext context;
        context.stop = stop.get_token();
        context.dataHash = hash;
        for (const auto& [number, row] : rows)
            context.done.push_back(row);
        context.begin = [this](std::int64_t count, const std::string& sha) {
            total = count;
            hash = sha;
            return ok();
        };
        std::size_t calls = 0;
        context.take = [&](std::span<const PredictionRecord> part) {
            for (const PredictionRecord& row : part)
                rows.insert_or_assign(row.row, row);
            batches.push_back(part.size());
            if (++calls == stopAfter)
                stop.request_stop();
            return ok();
        };
        context.tell = [](const EvaluationProgress&) {};
        context.tellFigures = [](const std::vector<EvaluationFigure>&) {};
        auto result = runEvaluation(spec, context);
        problem = result.has_value() ? std::string() : result.error().text();
        figures = result.value_or({});
    }
};

double figure(const Sitting& sitting, const std::string& name) {
    for (const EvaluationFigure& one : sitting.figures)
        if (one.name == name)
            return one.value;
    return std::nan("");
}

} // namespace

class TestEvaluation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void specsSurviveJson();
    void wrongSettingsAreNamed();
    void everyRowIsAskedAndJudged();
    void batchesDoNotChangeAnswers();
    void resumedEvaluationEqualsOneThatWasNotStopped();
    void changedDataIsRefused();
    void rowsThatCannotBeAskedKeepTheReason();
    void textsAreScoredByTheirLoss();
    void labelsNeedAHead();
    void unknownTaskIsNamed();

private:
    [[nodiscard]] EvaluationSpec spec(std::int64_t rows) const {
        EvaluationSpec spec;
        spec.model = sourceFile("resources/examples/base_model");
        spec.task = "classification";
        spec.dataFile = sourceFile("resources/examples/data/sentiment.test.jsonl");
        spec.reading.set("prompt_template", std::string("plain"));
        spec.generation.set("max_new_tokens", std::int64_t{4});
        spec.rowLimit = rows;
        spec.device = "cpu";
        spec.precision = "float32";
        return spec;
    }
    TempFolder m_folder;
};

void TestEvaluation::specsSurviveJson() {
    EvaluationSpec whole = spec(7);
    whole.name = "näme \"x\"";
    whole.adapters = {{{"/a", 1}, {"/b", -0.5}}, true};
    whole.seed = 0xFFFF'FFFF'FFFF'FFFEU;
    const auto back = evaluationSpecFromJson(toJson(whole));
    QVERIFY(back.has_value());
    QVERIFY(*back == whole);
    QVERIFY(!evaluationSpecFromJson("[]").has_value());
    QVERIFY(!evaluationSpecFromJson(R"({"batch_size":"many"})").has_value());
}

void TestEvaluation::wrongSettingsAreNamed() {
    const auto options = withOverrides({}, {{"beams", std::int64_t{4}}, {"top_p", 0.5}});
    QCOMPARE(options->beams, 4);
    QCOMPARE(options->topP, 0.5);
    QCOMPARE(withOverrides({}, {{"beam", std::int64_t{4}}}).error().where, std::string("beam"));
    QCOMPARE(withOverrides({}, {{"beams", 1.5}}).error().where, std::string("beams"));
}

void TestEvaluation::everyRowIsAskedAndJudged() {
    Sitting sitting;
    sitting.run(spec(10));
    QCOMPARE(sitting.problem, std::string());
    QCOMPARE(sitting.total, 10);
    QCOMPARE(sitting.rows.size(), 10U);
    std::int64_t right = 0;
    for (const auto& [number, row] : sitting.rows) {
        QCOMPARE(row.line, number + 1);
        QVERIFY(!row.prompt.empty() && !row.expected.empty() && row.problem.empty());
        QVERIFY(row.isCorrect.has_value());
        right += *row.isCorrect ? 1 : 0;
    }
    QCOMPARE(figure(sitting, "accuracy"), static_cast<double>(right) / 10);
    QCOMPARE(sitting.figures.front().count, 10);
    QVERIFY(sitting.figures.front().low.has_value());
    QCOMPARE(sitting.batches, (std::vector<std::size_t>{8, 2}));
}

/// Greedy answers are the likeliest tokens, whatever else is asked beside them.
void TestEvaluation::batchesDoNotChangeAnswers() {
    EvaluationSpec alone = spec(12);
    alone.batchSize = 1;
    Sitting one, eight;
    one.run(alone);
    eight.run(spec(12));
    QCOMPARE(one.rows.size(), 12U);
    for (const auto& [number, row] : one.rows)
        QCOMPARE(eight.rows.at(number).answer, row.answer);
}

void TestEvaluation::resumedEvaluationEqualsOneThatWasNotStopped() {
    EvaluationSpec drawn = spec(14);
    drawn.batchSize = 3;
    drawn.generation.set("temperature", 1.0); // so that a wrong seed would show
    Sitting whole, parts;
    whole.run(drawn);
    parts.stopAfter = 2;
    parts.run(drawn);
    QVERIFY(QString::fromStdString(parts.problem).contains("stopped"));
    QCOMPARE(parts.rows.size(), 6U);
    parts.stopAfter = 1'000'000;
    parts.run(drawn);
    QCOMPARE(parts.problem, std::string());
    QVERIFY(parts.rows == whole.rows);
    QVERIFY(parts.figures == whole.figures);
    QCOMPARE(parts.batches.size(), whole.batches.size()); // nothing was asked twice
}

void TestEvaluation::changedDataIsRefused() {
    EvaluationSpec changing = spec(0);
    changing.dataFile = m_folder.write("rows.jsonl", R"({"instruction":"Say it","output":"it"})"
                                                     "\n");
    Sitting sitting;
    sitting.run(changing);
    QCOMPARE(sitting.problem, std::string());
    m_folder.write("rows.jsonl", R"({"instruction":"Say that","output":"that"})"
                                 "\n");
    sitting.run(changing);
    QVERIFY(QString::fromStdString(sitting.problem).contains("has changed"));
}

void TestEvaluation::rowsThatCannotBeAskedKeepTheReason() {
    std::string endless;
    for (int i = 0; i < 3000; ++i)
        endless += "word ";
    std::ostringstream rows;
    rows << R"({"instruction":"Say it","output":"it"})"
         << "\n{broken\n"
         << R"({"instruction":")" << endless << R"(","output":"it"})"
         << "\n";
    EvaluationSpec odd = spec(0);
    odd.dataFile = m_folder.write("odd.jsonl", rows.str());
    Sitting sitting;
    sitting.run(odd);
    QCOMPARE(sitting.problem, std::string());
    QCOMPARE(sitting.total, 3); // two rows that were read, and the broken line
    QCOMPARE(sitting.rows.size(), 3U);
    QVERIFY(sitting.rows.at(0).problem.empty());
    QVERIFY(QString::fromStdString(sitting.rows.at(1).problem).contains("tokens"));
    QCOMPARE(sitting.rows.at(2).line, 2);
    QVERIFY(!sitting.rows.at(2).problem.empty());
    QCOMPARE(sitting.figures.front().count, 1);
}

void TestEvaluation::textsAreScoredByTheirLoss() {
    EvaluationSpec texts = spec(0);
    texts.task = "text";
    texts.dataFile = m_folder.write("texts.jsonl", R"({"text":"Anna has a red ball."})"
                                                   "\n"
                                                   R"({"text":"xq zz kj qqq vv w"})"
                                                   "\n");
    Sitting sitting;
    sitting.run(texts);
    QCOMPARE(sitting.problem, std::string());
    const double loss = figure(sitting, "loss");
    QVERIFY(std::isfinite(loss) && loss > 0);
    QVERIFY(std::abs(figure(sitting, "perplexity") - std::exp(loss)) < 1e-9 * std::exp(loss));
    QVERIFY(!sitting.rows.at(0).isCorrect.has_value());
    QVERIFY(sitting.rows.at(0).verdict != sitting.rows.at(1).verdict);
}

void TestEvaluation::labelsNeedAHead() {
    EvaluationSpec labels = spec(0);
    labels.task = "labels";
    labels.dataFile = m_folder.write("labels.jsonl", R"({"text":"good","label":"1"})"
                                                     "\n");
    Sitting sitting;
    sitting.run(labels);
    QVERIFY2(QString::fromStdString(sitting.problem).contains("has no head that tells labels apart"),
             sitting.problem.c_str());
}

void TestEvaluation::unknownTaskIsNamed() {
    EvaluationSpec unknown = spec(1);
    unknown.task = "nonsense";
    Sitting sitting;
    sitting.run(unknown);
    QVERIFY(QString::fromStdString(sitting.problem).startsWith("nonsense: is not known"));
}

QTEST_GUILESS_MAIN(TestEvaluation)
#include "tst_evaluation.moc"
