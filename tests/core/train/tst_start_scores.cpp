#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <algorithm>

using namespace lathe;
using namespace lathe::test;

namespace {

ParamValues with(ParamValues recipe, const ParamValues& changes) {
    for (const auto& [key, value] : changes.map())
        recipe.set(key, value);
    return recipe;
}

bool tookFigures(const RunRecorder& recorder) {
    return std::ranges::any_of(recorder.log(), [](const std::string& line) {
        return line.find("another trial was, which starts the same") != std::string::npos;
    });
}

} // namespace

class TestStartScores : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void freshAdaptersScoreAlikeBitForBit_data();
    void freshAdaptersScoreAlikeBitForBit();
    void laterTrialsTakeTheFiguresOfTheFirst();
    void whatIsFeltAtOnceIsEvaluated_data();
    void whatIsFeltAtOnceIsEvaluated();
    void anotherModelInTheFolderIsEvaluated();

private:
    ParamValues recipe(const ParamValues& changes = {}) const {
        return with(tinyRecipe(m_files->path()), with({{"max_steps", std::int64_t{2}},
                                                       {"warmup_steps", std::int64_t{0}},
                                                       {"pack_trials", std::string("never")}},
                                                      changes));
    }
    RunRecorder& run(const ParamValues& values, std::shared_ptr<PackDesk> desk, std::uint64_t seed = 42) {
        m_runs.push_back(std::make_unique<RunRecorder>(*m_files / ("run" + std::to_string(m_runs.size()))));
        m_runs.back()->desk = std::move(desk);
        m_runs.back()->seed = seed;
        m_evaluations = 0;
        m_runs.back()->onEvent = [this](const Event& event) {
            if (const auto* progress = std::get_if<TrialProgress>(&event))
                m_evaluations += progress->phase == "evaluating" ? 1 : 0;
        };
        const auto result = m_runs.back()->run(values);
        m_problem = result.has_value() ? std::string() : result.error().text();
        return *m_runs.back();
    }

    std::unique_ptr<TempFolder> m_files;
    std::vector<std::unique_ptr<RunRecorder>> m_runs;
    std::string m_problem; // of the last run
    int m_evaluations = 0; // likewise
};

void TestStartScores::init() {
    m_runs.clear();
    m_files = std::make_unique<TempFolder>();
    TinySizes sizes;
    sizes.width = 64; // ranks up to 32
    writeTinyProject(*m_files, sizes);
}

void TestStartScores::freshAdaptersScoreAlikeBitForBit_data() {
    QTest::addColumn<QString>("precision");
    QTest::addColumn<QString>("targets");
    for (const char* precision : {"float32", "bfloat16", "mixed"})
        for (const char* targets : {"all-linear", "q_proj,v_proj"})
            QTest::addRow("%s, %s", precision, targets) << precision << targets;
}

/// What lets trials share the figures: evaluated one by one they are the same.
void TestStartScores::freshAdaptersScoreAlikeBitForBit() {
    QFETCH(const QString, precision);
    QFETCH(const QString, targets);
    std::vector<RunRecorder::Series> losses;
    std::uint64_t seed = 1;
    for (const std::int64_t rank : {1, 2, 3, 8, 13, 32})
        for (const double dropout : {0.0, 0.3}) {
            const auto values = recipe({{"precision", precision.toStdString()},
                                        {"target_modules", targets.toStdString()},
                                        {"rank", rank},
                                        {"alpha", 3.0 * static_cast<double>(rank)},
                                        {"dropout", dropout},
                                        {"lora_init", std::string(seed % 2 == 0 ? "gaussian" : "default")}});
            losses.push_back(run(values, nullptr, seed++).series("eval_loss"));
            QVERIFY2(m_problem.empty(), m_problem.c_str());
            QCOMPARE(losses.back().at(0), losses.front().at(0));
        }
    QVERIFY(losses.back().at(2) != losses.front().at(2)); // they did train
}

void TestStartScores::laterTrialsTakeTheFiguresOfTheFirst() {
    const auto desk = makePackDesk();
    const RunRecorder& first = run(recipe(), desk);
    QCOMPARE(m_evaluations, 2);
    const ParamValues other = recipe({{"rank", std::int64_t{7}}, {"dropout", 0.2}, {"learning_rate", 0.001}});
    const RunRecorder& second = run(other, desk, 43);
    QCOMPARE(m_evaluations, 1);
    const RunRecorder& alone = run(other, nullptr, 43);
    QVERIFY(!tookFigures(first));
    QVERIFY(tookFigures(second));
    for (const char* metric : {"eval_loss", "eval_perplexity", "eval_token_accuracy", "loss"})
        QVERIFY2(second.series(metric) == alone.series(metric), metric);
    QVERIFY(second.series("eval_loss").at(0) == first.series("eval_loss").at(0));
}

void TestStartScores::whatIsFeltAtOnceIsEvaluated_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addRow("DoRA") << "use_dora"
                          << "true";
    QTest::addRow("PiSSA") << "lora_init"
                           << "pissa";
    QTest::addRow("precision") << "precision"
                               << "bfloat16";
    QTest::addRow("method") << "method"
                            << "adapter_p";
    QTest::addRow("fewer rows") << "eval_rows"
                                << "3";
    QTest::addRow("other rows") << "eval_file"
                                << "train.jsonl";
    QTest::addRow("untrained weights") << "init"
                                       << "random";
}

void TestStartScores::whatIsFeltAtOnceIsEvaluated() {
    QFETCH(const QString, key);
    QFETCH(const QString, value);
    const auto desk = makePackDesk();
    run(recipe(), desk);
    ParamValues changed = recipe();
    if (key == "use_dora")
        changed.set("use_dora", true);
    else if (key == "eval_rows")
        changed.set("eval_rows", std::int64_t{3});
    else if (key == "eval_file")
        changed.set("eval_file", (*m_files / value.toStdString()).string());
    else
        changed.set(key.toStdString(), value.toStdString());
    const RunRecorder& other = run(changed, desk);
    QVERIFY2(m_problem.empty(), m_problem.c_str());
    QCOMPARE(m_evaluations, 2);
    QVERIFY(!tookFigures(other));
    QVERIFY(!other.series("eval_loss").empty());
}

void TestStartScores::anotherModelInTheFolderIsEvaluated() {
    const auto desk = makePackDesk();
    const double before = run(recipe(), desk).series("eval_loss").at(0);
    const auto model = randomModel(*m_files / "model", 8);
    QVERIFY(model.has_value());
    QVERIFY(saveModel(**model, *m_files / "model", *m_files / "model", at::kFloat).has_value());
    const RunRecorder& after = run(recipe(), desk);
    QVERIFY(!tookFigures(after));
    QVERIFY(after.series("eval_loss").at(0) != before);
}

QTEST_GUILESS_MAIN(TestStartScores)
#include "tst_start_scores.moc"
