#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

using namespace lathe;
using namespace lathe::test;
using namespace std::chrono_literals;

namespace {

QString textOf(const std::string& text) { return QString::fromStdString(text); }

} // namespace

/// Runs that are stopped, paused, pruned or gone on the way, and what becomes of them.
class TestTrainingStops : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void resumedRunRepeatsTheUninterruptedOne_data();
    void resumedRunRepeatsTheUninterruptedOne();
    void crashedRunGoesOnFromItsLastCheckpoint();
    void evaluationThatAStopCutShortIsMadeUpFor_data();
    void evaluationThatAStopCutShortIsMadeUpFor();
    void pausedRunStandsStill();
    void stopEndsAPause();
    void prunedRunEndsAtOnceAndKeepsItsAdapter();
    void runThatDiedBetweenItsPruningAndItsEndIsPrunedWhereItWas();
    void runThatIsDoneIsNotPruned();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues values = tinyRecipe(m_files.path());
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    [[nodiscard]] std::filesystem::path newFolder() { return m_files / std::to_string(++m_folders); }

    TempFolder m_files;
    int m_folders = 0;
};

void TestTrainingStops::resumedRunRepeatsTheUninterruptedOne_data() {
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

void TestTrainingStops::resumedRunRepeatsTheUninterruptedOne() {
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
        QCOMPARE(difference(stopped.series(metric), whole.series(metric)), std::string());
    QCOMPARE(second->steps, 12);
}

void TestTrainingStops::crashedRunGoesOnFromItsLastCheckpoint() {
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

void TestTrainingStops::evaluationThatAStopCutShortIsMadeUpFor_data() {
    QTest::addColumn<qint64>("step");
    QTest::newRow("before training") << qint64{0};
    QTest::newRow("on the way") << qint64{8};
    QTest::newRow("after the last step") << qint64{20};
}

void TestTrainingStops::evaluationThatAStopCutShortIsMadeUpFor() {
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
    QCOMPARE(difference(stopped.series("eval_loss"), whole.series("eval_loss")), std::string());
    QCOMPARE(difference(stopped.series("loss"), whole.series("loss")), std::string());
}

void TestTrainingStops::pausedRunStandsStill() {
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
    QCOMPARE(difference(after, before), std::string());
    QVERIFY(result.has_value());
    QCOMPARE(result->steps, 20);
    QVERIFY2(result->seconds <= wall - std::chrono::duration<double>(kPause).count(),
             "a pause does not count as training time");
}

void TestTrainingStops::stopEndsAPause() {
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

void TestTrainingStops::prunedRunEndsAtOnceAndKeepsItsAdapter() {
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

void TestTrainingStops::runThatDiedBetweenItsPruningAndItsEndIsPrunedWhereItWas() {
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

void TestTrainingStops::runThatIsDoneIsNotPruned() {
    RunRecorder recorder(newFolder());
    recorder.onPoint = [](std::string_view, std::int64_t step) {
        return step == 20 ? Verdict::Prune : Verdict::Continue;
    };
    const auto result = recorder.run(recipe());
    QVERIFY(result.has_value() && !result->wasPruned);
    QCOMPARE(result->steps, 20);
}

QTEST_GUILESS_MAIN(TestTrainingStops)
#include "tst_training_stops.moc"
