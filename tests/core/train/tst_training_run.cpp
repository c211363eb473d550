#include "core/base/cores.h"
#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "core/text/tokenizer.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace lathe;
using namespace lathe::test;

namespace {

ParamValues with(ParamValues recipe, const ParamValues& changes) {
    for (const auto& [key, value] : changes.map())
        recipe.set(key, value);
    return recipe;
}

QString textOf(const std::string& text) { return QString::fromStdString(text); }

} // namespace

class TestTrainingRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void lossFalls_data();
    void lossFalls();
    void runThatMayFillMoreSlotsTakesTheirThreads();
    void lossThatIsNoNumberEndsTheRun();
    void learningRateThatIsNoNumberIsRefused();
    void rowsLeftOutAndCutAreLogged();
    void pretrainedModelLoads();
    void bfloat16StaysCloseToFloat32_data();
    void bfloat16StaysCloseToFloat32();
    void forecastCountsWhatIsTrained_data();
    void forecastCountsWhatIsTrained();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        return with(tinyRecipe(m_files.path()), changes);
    }
    [[nodiscard]] std::filesystem::path newFolder() { return m_files / std::to_string(++m_folders); }

    TempFolder m_files;
    int m_folders = 0;
};

void TestTrainingRun::lossFalls_data() {
    QTest::addColumn<QString>("method");
    QTest::newRow("LoRA") << "lora";
    QTest::newRow("all weights") << "full";
}

void TestTrainingRun::lossFalls() {
    QFETCH(QString, method);
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"method", method.toStdString()}, {"max_steps", 40L}}));
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    const auto losses = recorder.series("eval_loss");
    QCOMPARE(losses.begin()->first, 0);
    QCOMPARE(losses.rbegin()->first, 40);
    QVERIFY2(losses.at(40) < 0.7 * losses.at(0),
             qPrintable(QStringLiteral("%1 to %2").arg(losses.at(0)).arg(losses.at(40))));
    QCOMPARE(result->metrics.at("eval_loss"), losses.at(40));
    QCOMPARE(result->steps, 40);
}

/// Two threads of its own, or one and an empty slot's: the parts of a batch are the same.
void TestTrainingRun::runThatMayFillMoreSlotsTakesTheirThreads() {
    if (availableCores() < 2)
        QSKIP("needs two cores");
    const ParamValues wide = recipe({{"batch_size", std::int64_t{16}}, {"max_steps", std::int64_t{8}}});
    RunRecorder two(newFolder());
    QVERIFY(two.run(with(wide, {{"threads", std::int64_t{2}}})).has_value());
    RunRecorder one(newFolder());
    QVERIFY(one.run(wide).has_value());
    RunRecorder filling(newFolder());
    filling.slotsToFill = [] { return std::size_t{2}; };
    QVERIFY(filling.run(wide).has_value());
    for (const char* metric : {"loss", "grad_norm", "eval_loss"})
        QCOMPARE(difference(filling.series(metric), two.series(metric)), std::string());
    QVERIFY2(!difference(filling.series("grad_norm"), one.series("grad_norm")).empty(),
             "the batches were not computed in parts");
}

void TestTrainingRun::lossThatIsNoNumberEndsTheRun() {
    const TempFolder files;
    writeTinyProject(files);
    const auto broken = loadModel(files / "model").value();
    at::Tensor(broken->weight("model.norm.weight")).fill_(std::numeric_limits<float>::quiet_NaN());
    QVERIFY(saveModel(*broken, files / "model", files / "model", at::kFloat).has_value());
    RunRecorder recorder(files / "run");
    const auto result = recorder.run(tinyRecipe(files.path()));
    QVERIFY(!result.has_value());
    QCOMPARE(textOf(result.error().text()),
             QStringLiteral("loss: became NaN at step 1; lower the learning rate or clip the gradients"));
    QVERIFY(std::isnan(recorder.series("loss").at(1)));
}

void TestTrainingRun::learningRateThatIsNoNumberIsRefused() {
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"learning_rate", std::numeric_limits<double>::quiet_NaN()}}));
    QVERIFY(!result.has_value());
    QVERIFY(result.error().kind == Error::Kind::Input);
    QVERIFY2(textOf(result.error().text()).contains("learning_rate"),
             qPrintable(textOf(result.error().text())));
    QVERIFY(recorder.series("loss").empty());
}

void TestTrainingRun::rowsLeftOutAndCutAreLogged() {
    const std::string good = R"({"instruction": "Say a.", "output": "a"})"
                             "\n";
    const std::string words(200, 'w');
    const auto train = m_files.write("faulty.jsonl", good + "{broken\n" +
                                                         R"({"instruction": "Say b.", "output": ""})"
                                                         "\n" +
                                                         R"({"instruction": "Say w.", "output": ")" + words +
                                                         "\"}\n" + good);
    const auto eval = m_files.write("faulty_eval.jsonl", "[1]\n" + good);
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"train_file", train.string()},
                                             {"eval_file", eval.string()},
                                             {"max_steps", 1L},
                                             {"max_bad_rows", 0.5}}));
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    QStringList log;
    for (const std::string& line : recorder.log())
        log << textOf(line);
    const QString all = log.join('\n');
    for (const char* expected : {"faulty.jsonl, line 2 was left out: ", "faulty.jsonl, line 3 was left out: ",
                                 "faulty_eval.jsonl, line 1 was left out: ", "1 rows were cut"})
        QVERIFY2(all.contains(expected), qPrintable(all));
}

void TestTrainingRun::pretrainedModelLoads() {
    const ParamValues values =
        recipe({{"method", std::string("full")}, {"init", std::string("random")}, {"max_steps", 30L}});
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(values);
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    QVERIFY(recorder.series("eval_loss").at(30) < 0.7 * recorder.series("eval_loss").at(0));

    RunRecorder again(newFolder());
    const auto loaded = again.run(recipe({{"model", result->adapterFolder.string()}, {"max_steps", 1L}}));
    QVERIFY2(loaded.has_value(), qPrintable(textOf(loaded ? "" : loaded.error().text())));
    // Saved in bfloat16, which keeps three digits of each weight.
    const double expected = recorder.series("eval_loss").at(30);
    QVERIFY2(std::abs(again.series("eval_loss").at(0) - expected) < 0.02 * expected,
             qPrintable(QStringLiteral("%1, %2").arg(again.series("eval_loss").at(0)).arg(expected)));
}

void TestTrainingRun::bfloat16StaysCloseToFloat32_data() { lossFalls_data(); }

void TestTrainingRun::bfloat16StaysCloseToFloat32() {
    QFETCH(QString, method);
    const ParamValues values = recipe({{"method", method.toStdString()}, {"max_steps", 10L}});
    RunRecorder exact(newFolder());
    QVERIFY(exact.run(values).has_value());
    RunRecorder rounded(newFolder());
    QVERIFY(rounded.run(with(values, {{"precision", std::string("bfloat16")}})).has_value());
    const auto expected = exact.series("loss");
    const auto actual = rounded.series("loss");
    // Each activation is rounded to 8 bits of mantissa (0.4 %), here over two layers and ten steps.
    for (const auto& [step, loss] : expected)
        QVERIFY2(std::abs(actual.at(step) - loss) < 0.02 * loss,
                 qPrintable(QStringLiteral("step %1: %2, %3").arg(step).arg(actual.at(step)).arg(loss)));
    QVERIFY(actual != expected);
}

void TestTrainingRun::forecastCountsWhatIsTrained_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("targets");
    QTest::newRow("all projections") << "lora"
                                     << "all-linear";
    QTest::newRow("two modules") << "lora"
                                 << "q_proj,v_proj";
    QTest::newRow("one site by its path") << "lora"
                                          << "layers.1.mlp.down_proj";
    QTest::newRow("all weights") << "full"
                                 << "all-linear";
}

void TestTrainingRun::forecastCountsWhatIsTrained() {
    QFETCH(QString, method);
    QFETCH(QString, targets);
    RunRecorder recorder(newFolder());
    const ParamValues values = recipe(
        {{"method", method.toStdString()}, {"target_modules", targets.toStdString()}, {"max_steps", 1L}});
    const auto result = recorder.run(values);
    QVERIFY(result.has_value());
    const auto file = TensorFile::open(
        result->adapterFolder / (method == "full" ? "model.safetensors" : "adapter_model.safetensors"));
    QVERIFY(file.has_value());
    std::int64_t count = 0;
    for (const auto& [name, entry] : file->entries())
        count += file->tensor(name).value().numel();
    const auto cost = forecast(values);
    QVERIFY(cost.has_value());
    QCOMPARE(cost->trainableParameters, count);
    QCOMPARE(cost->baseParameters, readModelSummary(m_files / "model").value().parameters);
    const auto beforeData = forecast(recipe({{"method", method.toStdString()},
                                             {"target_modules", targets.toStdString()},
                                             {"train_file", std::string()}}));
    QVERIFY(beforeData.has_value());
    QCOMPARE(beforeData->memoryBytes, cost->memoryBytes);
}

QTEST_GUILESS_MAIN(TestTrainingRun)
#include "tst_training_run.moc"
