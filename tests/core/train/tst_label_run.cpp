#include "core/base/files.h"
#include "core/model/tensor_file.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;

/// A decoder that learns to tell texts apart by a new head.
class TestLabelRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void accuracyRises_data();
    void accuracyRises();
    void theHeadIsInTheAdaptersFile();
    void theForecastCountsTheHead();
    void numbersAreLearnt();
    void resumedRunRepeatsTheUninterruptedOne();
    void aMissingColumnIsNamed();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues all = tinyRecipe(m_files.path());
        all.set("task", std::string("labels"));
        all.set("train_file", (m_files / "labels.jsonl").string());
        all.set("eval_file", (m_files / "labels.jsonl").string());
        for (const auto& [key, value] : changes.map())
            all.set(key, value);
        return all;
    }
    [[nodiscard]] std::filesystem::path newFolder() { return m_files / std::to_string(++m_folders); }

    TempFolder m_files;
    int m_folders = 0;
};

void TestLabelRun::initTestCase() {
    writeTinyProject(m_files);
    writeTinyLabels(m_files, 6);
}

void TestLabelRun::accuracyRises_data() {
    QTest::addColumn<QString>("method");
    QTest::newRow("LoRA") << "lora";
    QTest::newRow("all weights") << "full";
}

void TestLabelRun::accuracyRises() {
    QFETCH(QString, method);
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"method", method.toStdString()}, {"max_steps", 60L}}));
    QVERIFY2(result.has_value(), result.has_value() ? "" : result.error().text().c_str());
    const auto accuracy = recorder.series("eval_accuracy");
    QVERIFY(accuracy.at(0) < 0.8);
    QVERIFY2(accuracy.at(60) > 0.95, qPrintable(QString::number(accuracy.at(60))));
    QVERIFY(recorder.series("eval_matthews").contains(60));
}

void TestLabelRun::theHeadIsInTheAdaptersFile() {
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"max_steps", 2L}}));
    QVERIFY(result.has_value());
    const TensorFile file = TensorFile::open(result->adapterFolder / "adapter_model.safetensors").value();
    QVERIFY(file.entries().contains("base_model.model.score.weight"));
    QVERIFY((file.entries().at("base_model.model.score.weight").shape == std::vector<std::int64_t>{2, 16}));
    const json config = json::parse(readFile(result->adapterFolder / "adapter_config.json").value());
    QCOMPARE(config.at("task_type"), json("SEQ_CLS"));
    QCOMPARE(config.at("modules_to_save"), json({"classifier", "score"}));
    const json names = json::parse(readFile(result->adapterFolder / "id2label.json").value());
    QCOMPARE(names, json({{"0", "farm"}, {"1", "house"}}));
}

void TestLabelRun::theForecastCountsTheHead() {
    const auto cost = forecast(recipe());
    QVERIFY(cost.has_value());
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"max_steps", 1L}}));
    QVERIFY(result.has_value());
    QCOMPARE(result->metrics.at("trainable_parameters"), static_cast<double>(cost->trainableParameters));
}

/// A head with one output: its loss is the squared distance, so at the start, where all outputs are nearly 0,
/// about the mean of the squared numbers.
void TestLabelRun::numbersAreLearnt() {
    std::string rows;
    for (int i = 0; i < 24; ++i)
        rows += json{{"text", std::string(i % 2 == 0 ? "the cow" : "the dog") +
                                  std::string(static_cast<std::size_t>(i / 2), '!')},
                     {"label", i % 2 == 0 ? -1.0 : 1.5}}
                    .dump() +
                "\n";
    const auto file = m_files.write("numbers.jsonl", rows).string();
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"task", std::string("regression")},
                                             {"train_file", file},
                                             {"eval_file", file},
                                             {"max_steps", 60L}}));
    QVERIFY2(result.has_value(), result.has_value() ? "" : result.error().text().c_str());
    const auto loss = recorder.series("eval_loss");
    const double squares = (1.0 + 2.25) / 2;
    QVERIFY2(std::abs(loss.at(0) - squares) < 0.5, qPrintable(QString::number(loss.at(0))));
    QVERIFY2(loss.at(60) < 0.2, qPrintable(QString::number(loss.at(60))));
    QVERIFY(recorder.series("eval_pearson").at(60) > 0.95);
    const TensorFile head = TensorFile::open(result->adapterFolder / "adapter_model.safetensors").value();
    QVERIFY((head.entries().at("base_model.model.score.weight").shape == std::vector<std::int64_t>{1, 16}));
    QCOMPARE(json::parse(readFile(result->adapterFolder / "id2label.json").value()),
             (json{{"0", "LABEL_0"}}));
}

void TestLabelRun::resumedRunRepeatsTheUninterruptedOne() {
    const ParamValues values = recipe({{"max_steps", 20L}, {"eval_every", 5L}, {"dropout", 0.1}});
    RunRecorder whole(newFolder());
    QVERIFY(whole.run(values).has_value());
    RunRecorder parts(newFolder());
    parts.onPoint = [&parts](std::string_view, std::int64_t step) {
        if (step == 9)
            parts.stop.request_stop();
        return Verdict::Continue;
    };
    QVERIFY(!parts.run(values).has_value());
    parts.stop = {};
    parts.onPoint = {};
    QVERIFY(parts.run(values, true).has_value());
    for (const char* metric : {"loss", "eval_loss", "eval_accuracy"})
        QVERIFY2(parts.series(metric) == whole.series(metric), metric);
}

void TestLabelRun::aMissingColumnIsNamed() {
    const auto problems = preflight(recipe({{"label_column", std::string("class")}}));
    QCOMPARE(problems.size(), std::size_t{2}); // of either file
    for (const Problem& problem : problems)
        QVERIFY(problem.message.find("class") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestLabelRun)
#include "tst_label_run.moc"
