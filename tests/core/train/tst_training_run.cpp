#include "core/base/cores.h"
#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "core/text/tokenizer.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

using namespace lathe;
using namespace lathe::test;
using namespace std::chrono_literals;

namespace {

ParamValues with(ParamValues recipe, const ParamValues& changes) {
    for (const auto& [key, value] : changes.map())
        recipe.set(key, value);
    return recipe;
}

QString textOf(const std::string& text) { return QString::fromStdString(text); }

/// Where two series differ, or nothing; numbers must be the same bit for bit.
QString difference(const RunRecorder::Series& actual, const RunRecorder::Series& expected) {
    for (const auto& [step, value] : expected) {
        const auto found = actual.find(step);
        if (found == actual.end())
            return QStringLiteral("step %1 is missing").arg(step);
        if (found->second != value)
            return QStringLiteral("step %1: %2, expected %3")
                .arg(step)
                .arg(found->second, 0, 'g', 17)
                .arg(value, 0, 'g', 17);
    }
    return actual.size() == expected.size() ? QString() : QStringLiteral("there are steps too many");
}

} // namespace

class TestTrainingRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void lossFalls_data();
    void lossFalls();
    void resumedRunRepeatsTheUninterruptedOne_data();
    void resumedRunRepeatsTheUninterruptedOne();
    void crashedRunGoesOnFromItsLastCheckpoint();
    void evaluationThatAStopCutShortIsMadeUpFor_data();
    void evaluationThatAStopCutShortIsMadeUpFor();
    void runThatMayFillMoreSlotsTakesTheirThreads();
    void pausedRunStandsStill();
    void stopEndsAPause();
    void prunedRunEndsAtOnceAndKeepsItsAdapter();
    void runThatDiedBetweenItsPruningAndItsEndIsPrunedWhereItWas();
    void runThatIsDoneIsNotPruned();
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

void TestTrainingRun::resumedRunRepeatsTheUninterruptedOne_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("precision");
    QTest::addColumn<QString>("start");
    for (const char* method : {"lora", "full"})
        for (const char* precision : {"float32", "bfloat16"})
            QTest::addRow("%s, %s", method, precision) << method << precision << "default";
    for (const char* start : {"eva", "pissa"})
        QTest::addRow("lora from %s", start) << "lora"
                                             << "float32" << start;
    // Their files hold a result; the networks that make it go on from the checkpoint.
    QTest::newRow("prefix, projected") << "prefix"
                                       << "float32"
                                       << "default";
    QTest::newRow("P-tuning, LSTM") << "p_tuning"
                                    << "float32"
                                    << "default";
}

void TestTrainingRun::resumedRunRepeatsTheUninterruptedOne() {
    QFETCH(QString, method);
    QFETCH(QString, precision);
    QFETCH(QString, start);
    const ParamValues values = recipe({{"method", method.toStdString()},
                                       {"precision", precision.toStdString()},
                                       {"lora_init", start.toStdString()},
                                       {"dropout", 0.1},
                                       {"virtual_tokens", 4L},
                                       {"prefix_projection", true},
                                       {"prefix_hidden_size", 8L},
                                       {"encoder_type", std::string("lstm")},
                                       {"encoder_hidden_size", 8L},
                                       {"encoder_dropout", 0.1},
                                       {"gradient_accumulation", 2L},
                                       {"max_steps", 12L}});
    RunRecorder whole(newFolder());
    QVERIFY(whole.run(values).has_value());

    const auto folder = newFolder();
    RunRecorder stopped(folder);
    stopped.onPoint = [&](std::string_view, std::int64_t step) {
        if (step == 7)
            stopped.stop.request_stop();
        return Verdict::Continue;
    };
    const auto first = stopped.run(values);
    QVERIFY(!first.has_value());
    QVERIFY(first.error().kind == Error::Kind::Cancelled);
    QCOMPARE(stopped.series("loss").rbegin()->first, 7);

    stopped.stop = {};
    stopped.onPoint = {};
    const auto second = stopped.run(values, true);
    QVERIFY2(second.has_value(), qPrintable(textOf(second ? "" : second.error().text())));
    for (const char* metric : {"loss", "grad_norm", "lr", "eval_loss", "eval_accuracy"})
        QCOMPARE(difference(stopped.series(metric), whole.series(metric)), QString());
    QCOMPARE(second->steps, 12);
}

void TestTrainingRun::crashedRunGoesOnFromItsLastCheckpoint() {
    RunRecorder whole(newFolder());
    QVERIFY(whole.run(recipe()).has_value());

    RunRecorder crashed(newFolder());
    crashed.onPoint = [](std::string_view metric, std::int64_t step) {
        if (metric == "loss" && step == 13)
            throw std::runtime_error("the process is gone");
        return Verdict::Continue;
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, (void)crashed.run(recipe()));

    crashed.onPoint = {};
    crashed.forgetPoints(); // as if none had been on disk yet
    QVERIFY(crashed.run(recipe(), true).has_value());
    const auto losses = crashed.series("loss");
    QVERIFY2(losses.contains(10), "the checkpoint brings back the points right before it");
    for (const auto& [step, loss] : losses)
        QCOMPARE(loss, whole.series("loss").at(step));
    for (std::int64_t step = 10; step <= 20; ++step)
        QVERIFY(losses.contains(step));
}

void TestTrainingRun::evaluationThatAStopCutShortIsMadeUpFor_data() {
    QTest::addColumn<qint64>("step");
    QTest::newRow("before training") << qint64{0};
    QTest::newRow("on the way") << qint64{8};
    QTest::newRow("after the last step") << qint64{20};
}

void TestTrainingRun::evaluationThatAStopCutShortIsMadeUpFor() {
    QFETCH(qint64, step);
    RunRecorder whole(newFolder());
    QVERIFY(whole.run(recipe()).has_value());

    RunRecorder stopped(newFolder());
    stopped.onEvent = [&](const Event& event) {
        const auto* progress = std::get_if<TrialProgress>(&event);
        if (progress != nullptr && progress->phase == "evaluating" && progress->done == step)
            stopped.stop.request_stop();
    };
    const auto first = stopped.run(recipe());
    QVERIFY(!first.has_value());
    QVERIFY(first.error().kind == Error::Kind::Cancelled);
    QVERIFY(!stopped.series("eval_loss").contains(step));

    stopped.stop = {};
    stopped.onEvent = {};
    QVERIFY(stopped.run(recipe(), true).has_value());
    QCOMPARE(difference(stopped.series("eval_loss"), whole.series("eval_loss")), QString());
    QCOMPARE(difference(stopped.series("loss"), whole.series("loss")), QString());
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
        QCOMPARE(difference(filling.series(metric), two.series(metric)), QString());
    QVERIFY2(!difference(filling.series("grad_norm"), one.series("grad_norm")).isEmpty(),
             "the batches were not computed in parts");
}

void TestTrainingRun::pausedRunStandsStill() {
    RunRecorder recorder(newFolder());
    recorder.onPoint = [&](std::string_view metric, std::int64_t step) {
        if (metric == "loss" && step == 3)
            recorder.pause->pause();
        return Verdict::Continue;
    };
    const auto begin = std::chrono::steady_clock::now();
    Result<TrialResult> result = inputError("", "did not run");
    std::jthread thread([&] { result = recorder.run(recipe()); });
    QVERIFY(recorder.waitFor(TrialState::Paused, 60s));
    const auto before = recorder.series("loss");
    constexpr auto kPause = 300ms; // dozens of steps' worth: a run that does not stand still would be done
    std::this_thread::sleep_for(kPause);
    const auto after = recorder.series("loss");
    recorder.pause->resume();
    thread.join();
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    QCOMPARE(before.rbegin()->first, 3);
    QCOMPARE(difference(after, before), QString());
    QVERIFY(result.has_value());
    QCOMPARE(result->steps, 20);
    QVERIFY2(result->seconds <= wall - std::chrono::duration<double>(kPause).count(),
             "a pause does not count as training time");
}

void TestTrainingRun::stopEndsAPause() {
    RunRecorder recorder(newFolder());
    recorder.pause->pause();
    Result<TrialResult> result = inputError("", "did not run");
    std::jthread thread([&] { result = recorder.run(recipe()); });
    QVERIFY(recorder.waitFor(TrialState::Paused, 60s));
    recorder.stop.request_stop();
    thread.join();
    QVERIFY(!result.has_value());
    QVERIFY(result.error().kind == Error::Kind::Cancelled);
    QVERIFY(recorder.series("loss").empty());
}

void TestTrainingRun::prunedRunEndsAtOnceAndKeepsItsAdapter() {
    RunRecorder recorder(newFolder());
    recorder.onPoint = [](std::string_view metric, std::int64_t step) {
        return metric == "eval_loss" && step == 8 ? Verdict::Prune : Verdict::Continue;
    };
    const auto result = recorder.run(recipe());
    QVERIFY(result.has_value());
    QVERIFY(result->wasPruned);
    QCOMPARE(result->steps, 8);
    QCOMPARE(recorder.series("loss").rbegin()->first, 8);
    QVERIFY(std::filesystem::exists(result->adapterFolder / "adapter_model.safetensors"));
    recorder.onPoint = {};
    const auto promoted = recorder.run(recipe(), true);
    QVERIFY(promoted.has_value() && !promoted->wasPruned);
    QCOMPARE(promoted->steps, 20);
    const std::vector<std::string> log = recorder.log();
    QVERIFY(std::ranges::find(log, "resumed at step 8") != log.end());
}

void TestTrainingRun::runThatDiedBetweenItsPruningAndItsEndIsPrunedWhereItWas() {
    RunRecorder recorder(newFolder());
    recorder.onPoint = [](std::string_view metric, std::int64_t step) {
        return metric == "eval_loss" && step == 8 ? Verdict::Prune : Verdict::Continue;
    };
    const auto before = recorder.run(recipe()); // as if nobody had heard of this result
    const auto after = recorder.run(recipe(), true);
    QVERIFY(before.has_value() && before->wasPruned);
    QVERIFY(after.has_value() && after->wasPruned);
    QCOMPARE(after->steps, 8);
    QVERIFY(after->metrics == before->metrics);
    QCOMPARE(recorder.series("loss").rbegin()->first, 8);
}

void TestTrainingRun::runThatIsDoneIsNotPruned() {
    RunRecorder recorder(newFolder());
    recorder.onPoint = [](std::string_view, std::int64_t step) {
        return step == 20 ? Verdict::Prune : Verdict::Continue;
    };
    const auto result = recorder.run(recipe());
    QVERIFY(result.has_value() && !result->wasPruned);
    QCOMPARE(result->steps, 20);
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
