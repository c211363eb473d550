#include "core/base/files.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <cstdlib>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Where packaging/test_models puts a published encoder.
fs::path encoderFolder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    const fs::path base = cache != nullptr  ? fs::path(cache)
                          : home != nullptr ? fs::path(home) / ".cache"
                                            : fs::path();
    return base / "lathe" / "test_models" / "minilm";
}

std::vector<json> linesOf(const fs::path& file) {
    std::vector<json> lines;
    std::istringstream text(readFile(file).value());
    for (std::string line; std::getline(text, line);)
        lines.push_back(json::parse(line));
    return lines;
}

} // namespace

/// HeteroLoRA inside a run.
class TestAllocationRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }
    void resumedRunHasTheSameOnSet_data();
    void resumedRunHasTheSameOnSet();
    void crashedRunForgetsWhatCameAfterItsCheckpoint();
    void historyTellsOfEveryChoice();
    void controlsHaveTheSameBudget();
    void shortcutsAreWarnedOfBeforeTraining();
    void mrpcSmokeGivesValuesMost();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues all = tinyRecipe(m_files.path());
        all.set("method", std::string("heterolora"));
        all.set("budget_unit", std::string("modules"));
        all.set("budget_share", 0.5);
        all.set("score_batches", std::int64_t{2});
        for (const auto& [key, value] : changes.map())
            all.set(key, value);
        return all;
    }
    [[nodiscard]] fs::path newFolder() { return m_files / std::to_string(++m_folders); }

    TempFolder m_files;
    int m_folders = 0;
};

void TestAllocationRun::resumedRunHasTheSameOnSet_data() {
    QTest::addColumn<QString>("allocation");
    QTest::addColumn<QString>("proxy");
    QTest::addColumn<QString>("shortcuts");
    QTest::newRow("dynamic") << "dynamic"
                             << "grad_norm"
                             << "all";
    QTest::newRow("random") << "dynamic"
                            << "constant"
                            << "none";
    QTest::newRow("static") << "static"
                            << "snip"
                            << "none";
    QTest::newRow("ranks") << "ranks"
                           << "grad_norm"
                           << "none";
}

void TestAllocationRun::resumedRunHasTheSameOnSet() {
    QFETCH(QString, allocation);
    QFETCH(QString, proxy);
    QFETCH(QString, shortcuts);
    const ParamValues values = recipe({{"allocation", allocation.toStdString()},
                                       {"proxy", proxy.toStdString()},
                                       {"shortcuts", shortcuts.toStdString()},
                                       {"allocation_steps", std::int64_t{2}},
                                       {"rank_most", std::int64_t{8}},
                                       {"dropout", 0.1},
                                       {"weight_decay", 0.01},
                                       {"gradient_accumulation", std::int64_t{2}},
                                       {"max_steps", std::int64_t{12}}});
    const auto wholeFolder = newFolder();
    RunRecorder whole(wholeFolder);
    const auto uninterrupted = whole.run(values);
    QVERIFY2(uninterrupted.has_value(), uninterrupted ? "" : uninterrupted.error().text().c_str());

    const auto folder = newFolder();
    RunRecorder stopped(folder);
    stopped.onPoint = [&](std::string_view, std::int64_t step) {
        if (step == 7)
            stopped.stop.request_stop();
        return Verdict::Continue;
    };
    QVERIFY(!stopped.run(values).has_value());
    stopped.stop = {};
    stopped.onPoint = {};
    const auto resumed = stopped.run(values, true);
    QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().text().c_str());
    for (const char* metric : {"loss", "grad_norm", "eval_loss"})
        QVERIFY2(stopped.series(metric) == whole.series(metric), metric);
    for (const char* file : {"allocation.json", "allocation_history.jsonl"})
        QCOMPARE(readFile(folder / file).value(), readFile(wholeFolder / file).value());
}

void TestAllocationRun::crashedRunForgetsWhatCameAfterItsCheckpoint() {
    const ParamValues values =
        recipe({{"allocation_steps", std::int64_t{1}}, {"checkpoint_every", std::int64_t{5}}});
    const auto folder = newFolder();
    RunRecorder recorder(folder);
    QVERIFY(recorder.run(values).has_value());
    const std::string history = readFile(folder / "allocation_history.jsonl").value();
    QCOMPARE(linesOf(folder / "allocation_history.jsonl").size(), std::size_t{20});
    for (const auto& entry : fs::directory_iterator(folder / "checkpoints"))
        if (entry.path().filename() == "step-00000020")
            fs::remove_all(entry.path());
    QVERIFY(recorder.run(values, true).has_value()); // from step 15
    QCOMPARE(readFile(folder / "allocation_history.jsonl").value(), history);
}

void TestAllocationRun::historyTellsOfEveryChoice() {
    const auto folder = newFolder();
    RunRecorder recorder(folder);
    QVERIFY(recorder.run(recipe({{"allocation_period", 0.5}, {"max_steps", std::int64_t{12}}})).has_value());
    std::vector<std::pair<int, int>> choices; // epoch and step: six batches an epoch
    for (const json& line : linesOf(folder / "allocation_history.jsonl")) {
        choices.emplace_back(line.at("epoch").get<int>(), line.at("step").get<int>());
        int on = 0;
        for (const json& module : line.at("modules")) {
            for (const char* key : {"name", "kind", "layer", "rank", "alpha", "score", "enabled"})
                QVERIFY2(module.contains(key), key);
            on += module.at("enabled").get<bool>() ? 1 : 0;
        }
        QCOMPARE(2 * on, static_cast<int>(line.at("modules").size()));
    }
    QCOMPARE(choices, (std::vector<std::pair<int, int>>{{0, 0}, {0, 3}, {1, 6}, {1, 9}}));
    const json state = json::parse(readFile(folder / "allocation.json").value());
    QCOMPARE(state.at("proxy"), json("grad_norm"));
    QCOMPARE(state.at("scope"), json("combined"));
    QCOMPARE(state.at("step"), json(9));
}

void TestAllocationRun::controlsHaveTheSameBudget() {
    const auto enabled = [this](const ParamValues& changes) {
        ParamValues all = changes;
        all.set("target_modules", std::string("q_proj,o_proj"));
        all.set("max_steps", std::int64_t{2});
        RunRecorder recorder(newFolder());
        const auto result = recorder.run(recipe(all));
        return result.has_value() ? result->metrics.at("enabled_parameters") : -1;
    };
    const double budget = enabled({});
    QVERIFY(budget > 0);
    QCOMPARE(enabled({{"proxy", std::string("constant")}}), budget);
    QCOMPARE(enabled({{"allocation", std::string("uniform")}}), budget);
}

void TestAllocationRun::shortcutsAreWarnedOfBeforeTraining() {
    RunRecorder recorder(newFolder());
    bool wasWarned = false;
    recorder.onPoint = [&](std::string_view metric, std::int64_t) {
        if (metric == "loss") {
            const auto log = recorder.log();
            wasWarned = std::ranges::any_of(log, [](const std::string& line) {
                return line.find("cannot be exported to PEFT, GGUF or vLLM") != std::string::npos;
            });
        }
        return Verdict::Continue;
    };
    QVERIFY(recorder.run(recipe({{"shortcuts", std::string("all")}, {"max_steps", std::int64_t{1}}}))
                .has_value());
    QVERIFY(wasWarned);
}

/// The released runs of HeteroLoRA had v_proj on in most choices by gradient norm, and q_proj nearly never.
void TestAllocationRun::mrpcSmokeGivesValuesMost() {
    LATHE_NEED_SHARED("data/glue/MRPC/train.tsv");
    if (!fs::exists(encoderFolder() / "config.json"))
        QSKIP("all-MiniLM-L6-v2 is not there; ./test --models fetches it.");
    const auto folder = newFolder();
    RunRecorder recorder(folder);
    const auto result = recorder.run(recipe({{"model", encoderFolder().string()},
                                             {"task", std::string("mrpc")},
                                             {"train_file", sharedFile("data/glue/MRPC/train.tsv").string()},
                                             {"eval_file", std::string()},
                                             {"eval_rows", std::int64_t{4}},
                                             {"target_modules", std::string("query,value")},
                                             {"budget_share", 0.25},
                                             {"rank", std::int64_t{8}},
                                             {"batch_size", std::int64_t{8}},
                                             {"max_length", std::int64_t{128}},
                                             {"score_batches", std::int64_t{8}},
                                             {"eval_every", std::int64_t{0}},
                                             {"checkpoint_every", std::int64_t{0}},
                                             {"max_steps", std::int64_t{1}}}));
    QVERIFY2(result.has_value(), result ? "" : result.error().text().c_str());
    const json state = json::parse(readFile(folder / "allocation.json").value());
    int on = 0, values = 0;
    for (const json& module : state.at("modules"))
        if (module.at("enabled").get<bool>()) {
            ++on;
            values += module.at("kind") == "value" ? 1 : 0;
        }
    QCOMPARE(on, 3);
    QVERIFY2(values > 0.6 * on, qPrintable(QStringLiteral("%1 of %2").arg(values).arg(on)));
}

QTEST_GUILESS_MAIN(TestAllocationRun)
#include "tst_allocation_run.moc"
