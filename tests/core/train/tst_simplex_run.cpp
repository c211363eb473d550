#include "core/base/files.h"
#include "core/train/best_state.h"
#include "core/train/recipe.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <sstream>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

void addMethods() {
    QTest::addColumn<QString>("method");
    for (const char* name : {"prefix_subspace", "lora_subspace", "bottleneck_subspace"})
        QTest::newRow(name) << name;
}

} // namespace

/// Runs that train a simplex of adapters and heads, mostly of prefixes.
class TestSimplexRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void accuracyRises_data() { addMethods(); }
    void accuracyRises();
    void textsAreContinuedToo();
    void property8OneVertexHasOneEvaluation_data();
    void property8OneVertexHasOneEvaluation();
    void property8EvaluationDoesNotTouchTraining_data();
    void property8EvaluationDoesNotTouchTraining();
    void allAnswersOfThePassesCount();
    void averagedAnswersAreOneOfEachRow();
    void theBestStateIsChosen_data();
    void theBestStateIsChosen();
    void theBestStateIsKept();
    void middleAndAverageAreToldSideBySide_data();
    void middleAndAverageAreToldSideBySide();
    void everyCarrierIsReadInAllWays_data() { addMethods(); }
    void everyCarrierIsReadInAllWays();
    void upperLayersAloneCarryOneToo();
    void resumedRunRepeatsTheUninterruptedOne_data() { addMethods(); }
    void resumedRunRepeatsTheUninterruptedOne();
    void theLossIsMapped();
    void cosineAndSizeAreReported();
    void gradientCheckpointingIsNoSetting();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues all = tinyRecipe(m_files.path());
        all.set("task", std::string("labels"));
        all.set("method", std::string("prefix_subspace"));
        all.set("virtual_tokens", 4L);
        all.set("train_file", (m_files / "labels.jsonl").string());
        all.set("eval_file", (m_files / "labels.jsonl").string());
        all.set("max_steps", 6L);
        all.set("eval_every", 2L);
        all.set("val_passes", 3L);
        for (const auto& [key, value] : changes.map())
            all.set(key, value);
        return all;
    }
    /// What a run leaves.
    struct Ran {
        explicit Ran(const fs::path& where) : recorder(where), folder(where) {}
        RunRecorder recorder;
        fs::path folder;
        TrialResult result;
    };
    [[nodiscard]] std::unique_ptr<Ran> ran(const ParamValues& changes) {
        const fs::path folder = newFolder();
        auto run = std::make_unique<Ran>(folder);
        auto result = run->recorder.run(recipe(changes));
        if (!result.has_value())
            throw std::runtime_error(result.error().text());
        run->result = std::move(result).value();
        return run;
    }
    [[nodiscard]] fs::path newFolder() { return m_files / std::to_string(++m_folders); }
    [[nodiscard]] static std::vector<json> linesOf(const fs::path& file) {
        std::vector<json> lines;
        std::istringstream text(readFile(file).value());
        for (std::string line; std::getline(text, line);)
            lines.push_back(json::parse(line));
        return lines;
    }

    TempFolder m_files;
    int m_folders = 0;
};

void TestSimplexRun::initTestCase() {
    writeTinyProject(m_files);
    writeTinyLabels(m_files, 3);
}

void TestSimplexRun::accuracyRises() {
    QFETCH(QString, method);
    const auto run = ran({{"method", method.toStdString()}, {"max_steps", 60L}, {"eval_every", 0L}});
    const auto accuracy = run->recorder.series("eval_accuracy");
    // Half are right by chance, and little of a random frozen model is to be reached from in front of a text.
    QVERIFY2(accuracy.at(60) > 0.75, qPrintable(QString::number(accuracy.at(60))));
    QVERIFY(run->recorder.series("eval_loss").at(60) < 0.7 * run->recorder.series("eval_loss").at(0));
}

void TestSimplexRun::textsAreContinuedToo() {
    const auto run = ran({{"task", std::string("instruction")},
                          {"train_file", (m_files / "train.jsonl").string()},
                          {"eval_file", (m_files / "eval.jsonl").string()},
                          {"max_steps", 40L},
                          {"eval_every", 0L}});
    const auto loss = run->recorder.series("eval_loss");
    QVERIFY2(loss.at(40) < 0.99 * loss.at(0),
             qPrintable(QStringLiteral("%1 to %2").arg(loss.at(0)).arg(loss.at(40))));
    QVERIFY(fs::exists(run->result.adapterFolder / "simplex.safetensors"));
}

void TestSimplexRun::property8OneVertexHasOneEvaluation_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<qint64>("passes");
    for (const char* mode : {"midpoint", "stochastic", "ensemble"})
        for (const qint64 passes : {1, 4})
            QTest::addRow("%s, %lld", mode, passes) << mode << passes;
}

void TestSimplexRun::property8OneVertexHasOneEvaluation() {
    QFETCH(QString, mode);
    QFETCH(qint64, passes);
    const ParamValues one{{"vertices", 1L}, {"val_mode", std::string("midpoint")}};
    static const std::unique_ptr<Ran> middle = ran(one);
    const auto other = ran({{"vertices", 1L},
                            {"val_mode", mode.toStdString()},
                            {"val_passes", static_cast<std::int64_t>(passes)}});
    for (const char* metric : {"loss", "eval_loss", "eval_accuracy", "eval_matthews"})
        QVERIFY2(other->recorder.series(metric) == middle->recorder.series(metric), metric);
}

void TestSimplexRun::property8EvaluationDoesNotTouchTraining_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<qint64>("passes");
    QTest::addColumn<qint64>("every");
    QTest::newRow("before and after alone") << "stochastic" << qint64{3} << qint64{0};
    QTest::newRow("more passes") << "stochastic" << qint64{5} << qint64{1};
    QTest::newRow("the middle") << "midpoint" << qint64{3} << qint64{2};
    QTest::newRow("averaged") << "ensemble" << qint64{2} << qint64{3};
}

void TestSimplexRun::property8EvaluationDoesNotTouchTraining() {
    QFETCH(QString, mode);
    QFETCH(qint64, passes);
    QFETCH(qint64, every);
    static const std::unique_ptr<Ran> usual = ran({});
    const auto other = ran({{"val_mode", mode.toStdString()},
                            {"val_passes", static_cast<std::int64_t>(passes)},
                            {"eval_every", static_cast<std::int64_t>(every)}});
    for (const char* metric : {"loss", "grad_norm", "vertex_cosine"})
        QVERIFY2(other->recorder.series(metric) == usual->recorder.series(metric), metric);
    for (const char* file : {"adapter_model.safetensors", "simplex.safetensors"})
        QVERIFY(readFile(other->result.adapterFolder / file).value() ==
                readFile(usual->result.adapterFolder / file).value());
}

/// As many of each row as there are passes; of equally many answers the mean is that of the passes.
void TestSimplexRun::allAnswersOfThePassesCount() {
    const auto run = ran({{"val_passes", 4L}});
    const auto lines = linesOf(run->folder / "simplex_validation.jsonl");
    QCOMPARE(lines.size(), std::size_t{4}); // at steps 0, 2, 4 and 6
    bool differs = false;
    for (const json& line : lines) {
        const auto step = line.at("step").get<std::int64_t>();
        QCOMPARE(line.at("mode"), json("stochastic"));
        QCOMPARE(line.at("passes").size(), std::size_t{4});
        for (const std::string metric : {"eval_accuracy", "eval_loss"}) {
            double sum = 0;
            for (const json& pass : line.at("passes"))
                sum += pass.at(metric).get<double>();
            double squares = 0;
            for (const json& pass : line.at("passes"))
                squares += std::pow(pass.at(metric).get<double>() - sum / 4, 2);
            const auto near = [&](const std::string& name, double expected) {
                return std::abs(run->recorder.series(name).at(step) - expected) < 1e-9;
            };
            QVERIFY(near(metric, sum / 4));
            QVERIFY(near(metric + "_pass_mean", sum / 4));
            QVERIFY(near(metric + "_pass_sd", std::sqrt(squares / 3)));
            differs = differs || squares > 0;
        }
    }
    QVERIFY(differs);
}

/// The log of a mean of probabilities is at least the mean of their logs (Jensen).
void TestSimplexRun::averagedAnswersAreOneOfEachRow() {
    const auto each = ran({});
    const auto averaged = ran({{"val_mode", std::string("ensemble")}});
    for (const auto& [step, loss] : averaged->recorder.series("eval_loss"))
        QVERIFY(loss < each->recorder.series("eval_loss").at(step));
    for (const auto& [step, accuracy] : averaged->recorder.series("eval_accuracy"))
        QVERIFY(std::abs(accuracy * 12 - std::round(accuracy * 12)) < 1e-9); // of twelve rows
    QVERIFY(averaged->recorder.series("eval_accuracy_pass_mean").empty());
}

void TestSimplexRun::theBestStateIsChosen_data() {
    QTest::addColumn<double>("metric");
    QTest::addColumn<double>("loss");
    QTest::addColumn<qint64>("step");
    QTest::addColumn<bool>("isChosen"); // before an accuracy of 0.8, a loss of 0.5, step 20
    QTest::newRow("better, though of a higher loss, and later") << 0.9 << 0.9 << qint64{30} << true;
    QTest::newRow("worse, though of a lower loss, and earlier") << 0.7 << 0.1 << qint64{10} << false;
    QTest::newRow("equal, of a lower loss") << 0.8 << 0.4 << qint64{30} << true;
    QTest::newRow("equal, of a higher loss") << 0.8 << 0.6 << qint64{10} << false;
    QTest::newRow("equal in both, earlier") << 0.8 << 0.5 << qint64{10} << true;
    QTest::newRow("equal in both, later") << 0.8 << 0.5 << qint64{30} << false;
    QTest::newRow("no number") << std::nan("") << 0.1 << qint64{10} << false;
}

void TestSimplexRun::theBestStateIsChosen() {
    QFETCH(double, metric);
    QFETCH(double, loss);
    QFETCH(qint64, step);
    QFETCH(bool, isChosen);
    QCOMPARE(isChosenBefore({metric, loss, step}, {0.8, 0.5, 20}, true), isChosen);
    QCOMPARE(isChosenBefore({-metric, loss, step}, {-0.8, 0.5, 20}, false), isChosen);
}

/// A run that goes back is where another stopped that was as long as its best step.
void TestSimplexRun::theBestStateIsKept() {
    const ParamValues whole{{"schedule", std::string("constant")},
                            {"max_steps", 12L},
                            {"eval_every", 3L},
                            {"learning_rate", 0.3}, // far too much, so that the last is not the best
                            {"keep_best", true}};
    const auto kept = ran(whole);
    const auto steps = kept->recorder.series("best_step");
    QVERIFY(!steps.empty());
    const auto best = static_cast<std::int64_t>(steps.rbegin()->second);
    const auto accuracy = kept->recorder.series("eval_accuracy");
    for (const auto& [step, value] : accuracy)
        QVERIFY(step == 0 || value <= accuracy.at(best));
    ParamValues shorter = whole;
    shorter.set("max_steps", best);
    shorter.set("keep_best", false);
    const auto stopped = ran(shorter);
    for (const char* file : {"adapter_model.safetensors", "simplex.safetensors"})
        QVERIFY(readFile(kept->result.adapterFolder / file).value() ==
                readFile(stopped->result.adapterFolder / file).value());
}

void TestSimplexRun::middleAndAverageAreToldSideBySide_data() {
    QTest::addColumn<QString>("mode");
    for (const char* mode : {"midpoint", "ensemble", "vertex", "random"})
        QTest::newRow(mode) << mode;
}

void TestSimplexRun::middleAndAverageAreToldSideBySide() {
    QFETCH(QString, mode);
    const auto run = ran({{"test_file", (m_files / "labels.jsonl").string()},
                          {"test_mode", mode.toStdString()},
                          {"test_vertex", 2L},
                          {"val_mode", std::string("midpoint")}});
    const auto value = [&](const std::string& name) { return run->recorder.series(name).at(6); };
    QCOMPARE(value("test_midpoint_loss"), value("eval_loss"));
    QVERIFY(value("test_ensemble_loss") != value("test_midpoint_loss"));
    QVERIFY(value("test_midpoint_accuracy") >= 0 && value("test_ensemble_accuracy") >= 0);
    QCOMPARE(value("test_loss") == value("test_midpoint_loss"), mode == "midpoint");
    QCOMPARE(value("test_loss") == value("test_ensemble_loss"), mode == "ensemble");
}

void TestSimplexRun::everyCarrierIsReadInAllWays() {
    QFETCH(QString, method);
    const ParamValues common{{"method", method.toStdString()},
                             {"test_file", (m_files / "labels.jsonl").string()},
                             {"cosine_weight", 0.5}};
    std::map<std::string, std::unique_ptr<Ran>> runs;
    for (const char* mode : {"midpoint", "stochastic", "ensemble"}) {
        ParamValues changes = common;
        changes.set("val_mode", std::string(mode));
        runs[mode] = ran(changes);
    }
    const auto loss = [&runs](const char* mode) { return runs[mode]->recorder.series("eval_loss"); };
    QVERIFY(loss("midpoint") != loss("stochastic") && loss("stochastic") != loss("ensemble"));
    for (const auto& [step, value] : loss("ensemble"))
        QVERIFY(value < loss("stochastic").at(step));
    for (const char* mode : {"stochastic", "ensemble"}) // evaluation does not touch training
        for (const char* metric : {"loss", "grad_norm", "vertex_cosine", "test_midpoint_loss"})
            QVERIFY2(runs[mode]->recorder.series(metric) == runs["midpoint"]->recorder.series(metric),
                     metric);
    const auto value = [&runs](const char* name) { return runs["midpoint"]->recorder.series(name).at(6); };
    QCOMPARE(value("test_midpoint_loss"), value("eval_loss"));
    QVERIFY(value("test_ensemble_loss") != value("test_midpoint_loss"));
    QVERIFY(fs::exists(runs["midpoint"]->result.adapterFolder / "simplex.safetensors"));
}

/// Below them frozen layers might be computed once; points are drawn for the texts of each pass all the same.
void TestSimplexRun::upperLayersAloneCarryOneToo() {
    const ParamValues changes{{"method", std::string("lora_subspace")},
                              {"target_layers", std::string("1")},
                              {"rank", 2L},
                              {"max_steps", 12L}};
    const auto run = ran(changes);
    ParamValues without = changes;
    without.set("prefix_cache", std::string("off"));
    QVERIFY(run->recorder.series("loss") == ran(without)->recorder.series("loss"));
    QCOMPARE(run->recorder.series("loss").size(), std::size_t{12});
}

void TestSimplexRun::resumedRunRepeatsTheUninterruptedOne() {
    QFETCH(QString, method);
    const ParamValues changes{{"method", method.toStdString()},
                              {"dropout", 0.2},
                              {"max_steps", 20L},
                              {"eval_every", 5L},
                              {"cosine_weight", 0.5},
                              {"keep_best", true},
                              {"gradient_accumulation", 2L}};
    const auto whole = ran(changes);
    const fs::path folder = newFolder();
    RunRecorder parts(folder);
    parts.onPoint = [&parts](std::string_view, std::int64_t step) {
        if (step == 9)
            parts.stop.request_stop();
        return Verdict::Continue;
    };
    QVERIFY(!parts.run(recipe(changes)).has_value());
    parts.stop = {};
    parts.onPoint = {};
    QVERIFY(parts.run(recipe(changes), true).has_value());
    for (const char* metric : {"loss", "vertex_cosine", "eval_loss", "eval_accuracy", "eval_loss_pass_sd"})
        QVERIFY2(parts.series(metric) == whole->recorder.series(metric), metric);
    for (const char* file : {"simplex_validation.jsonl", "adapter/simplex.safetensors",
                             "adapter/adapter_model.safetensors", "adapter/simplex_config.json"})
        QVERIFY2(readFile(folder / file).value() == readFile(whole->folder / file).value(), file);
}

void TestSimplexRun::theLossIsMapped() {
    const auto run = ran({{"map_loss", true}, {"map_steps", 3L}, {"val_mode", std::string("midpoint")}});
    const json map = json::parse(readFile(run->folder / "simplex_loss.json").value());
    QCOMPARE(map.at("vertices"), json(3));
    QCOMPARE(map.at("grid").size(), std::size_t{10});
    QCOMPARE(map.at("edges").size(), std::size_t{3});
    const auto at = [&map](const std::vector<double>& alpha) {
        for (const json& point : map.at("grid"))
            if (point.at("alpha").get<std::vector<double>>() == alpha)
                return point;
        return json();
    };
    QVERIFY(std::abs(at({1.0 / 3, 1.0 / 3, 1.0 / 3}).at("validation").get<double>() -
                     run->recorder.series("eval_loss").at(6)) < 1e-6);
    const json& edge = map.at("edges").at(1);
    QCOMPARE(edge.at("from"), json(0));
    QCOMPARE(edge.at("to"), json(2));
    QCOMPARE(edge.at("t"), json({0.0, 1.0 / 3, 2.0 / 3, 1.0}));
    for (const char* rows : {"train", "validation"}) {
        QCOMPARE(edge.at(rows).size(), std::size_t{4});
        QCOMPARE(edge.at(rows).front(), at({1, 0, 0}).at(rows));
        QCOMPARE(edge.at(rows).back(), at({0, 0, 1}).at(rows));
    }
    QVERIFY(edge.at("train").front() != edge.at("train").back());
    const auto two = ran({{"map_loss", true}, {"map_steps", 2L}, {"vertices", 2L}, {"map_rows", 5L}});
    const json line = json::parse(readFile(two->folder / "simplex_loss.json").value());
    QCOMPARE(line.at("grid").size(), std::size_t{0});
    QCOMPARE(line.at("edges").size(), std::size_t{1});
}

void TestSimplexRun::cosineAndSizeAreReported() {
    const auto free = ran({});
    const auto pushed = ran({{"cosine_weight", 1.0}});
    const double cosine = free->recorder.series("vertex_cosine").at(1);
    QVERIFY(cosine > 0);
    QCOMPARE(pushed->recorder.series("vertex_cosine").at(1), cosine); // before the first update
    QVERIFY(std::abs(pushed->recorder.series("loss").at(1) - free->recorder.series("loss").at(1) - cosine) <
            1e-6);
    QVERIFY(ran({{"vertices", 1L}})->recorder.series("vertex_cosine").empty());
    QCOMPARE(free->result.metrics.at("trainable_parameters"),
             static_cast<double>(forecast(recipe()).value().trainableParameters));
}

/// So a prefix, which a recomputed pass would read twice, cannot be combined with it.
void TestSimplexRun::gradientCheckpointingIsNoSetting() {
    for (const ParamSpec& field : recipeSchema())
        QVERIFY(field.key.find("gradient_checkpoint") == std::string::npos);
}

QTEST_GUILESS_MAIN(TestSimplexRun)
#include "tst_simplex_run.moc"
