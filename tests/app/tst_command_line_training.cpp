#include "tests/app/program.h"
#include "tests/app/tiny_model.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <csignal>
#include <map>
#include <set>
#include <tuple>

using namespace lathe;
using test::Program;
using test::ProgramRun;
using Json = nlohmann::json;

namespace {

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

/// (metric, step) → value
using Points = std::map<std::pair<std::string, int>, double>;

Points pointsOf(const std::vector<Json>& lines) {
    Points points;
    for (const Json& line : lines)
        if (line.at("event") == "point")
            points[{line.at("metric"), line.at("step")}] = line.at("value");
    return points;
}

Points pointsOfCsv(const QByteArray& csv) {
    Points points;
    const auto lines = csv.trimmed().split('\n');
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const auto cells = lines[i].trimmed().split(',');
        points[{cells.at(1).toStdString(), cells.at(2).toInt()}] = cells.at(3).toDouble();
    }
    return points;
}

} // namespace

/// Calls of the program that train a tiny model, from the first step to the exported adapter.
class TestCommandLineTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aRunTellsTheSameInEventsRowsAndCsv();
    void wordsForPeopleNameAdapterAndRow();
    void anExportedAdapterGeneratesWhatTheTrialDoes();
    void logitsAreWritten();
    void aStudyRunsItsTrialsAndNamesTheBest();
    void aStudyKeepsToItsRulesAndItsSpaceCanBeChanged();
    void aPrunedTrialSaysWhy();
    void ctrlCKeepsWhatWasTrainedAndResumeFinishes();
    void aKilledRunGoesOn();
    void anythingFinishedCannotBeResumed();
    void aProfileTellsWhereAStepsTimeGoes();
    void aProfileOfABadRecipeIsRefused();

private:
    QStringList recipe(const char* project, int steps) const;
    QStringList project(const char* name) const { return {"--project", text(m_folder / name)}; }

    test::TempFolder m_folder;
    Program m_program{m_folder / "data"};
};

void TestCommandLineTraining::initTestCase() {
    writeTinyModel(m_folder, "model");
    writeTinyRows(m_folder, "rows.jsonl", 24);
    const ProgramRun run = m_program.run(QStringList{"train", "--json"} + recipe("first", 8));
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    m_folder.write("first.log", run.output.toStdString());
}

QStringList TestCommandLineTraining::recipe(const char* name, int steps) const {
    return project(name) + QStringList{"--model",      text(m_folder / "model"),
                                       "--train-file", text(m_folder / "rows.jsonl"),
                                       "--max-length", "32",
                                       "--rank",       "2",
                                       "--batch-size", "4",
                                       "--threads",    "1",
                                       "--eval-every", "4",
                                       "--max-steps",  QString::number(steps)};
}

void TestCommandLineTraining::aRunTellsTheSameInEventsRowsAndCsv() {
    QFile log(text(m_folder / "first.log"));
    QVERIFY(log.open(QIODevice::ReadOnly));
    const auto lines = ProgramRun{0, log.readAll(), {}}.jsonLines();
    QCOMPARE(lines.front().at("event"), "study");
    QCOMPARE(lines.back().at("event"), "result");
    QCOMPARE(lines.back().at("exit_code"), 0);
    const Points live = pointsOf(lines);
    QVERIFY(live.contains({"loss", 8}));
    QVERIFY(live.contains({"eval_loss", 0}));
    QVERIFY(live.contains({"eval_accuracy", 8}));

    const auto shown = m_program.run(QStringList{"show", "1", "--json"} + project("first")).json();
    Points rows;
    for (const Json& point : shown.at("points"))
        rows[{point.at("metric"), point.at("step")}] = point.at("value");
    QVERIFY(rows == live);
    QVERIFY(pointsOfCsv(m_program.run(QStringList{"show", "1", "--csv"} + project("first")).output) == live);

    const auto listed = m_program.run(QStringList{"list", "--json"} + project("first")).json();
    const Json trial = listed.at("studies").at(0).at("trials").at(0);
    QCOMPARE(trial.at("state"), "complete");
    QCOMPARE(trial.at("steps"), 8);
    QVERIFY(std::filesystem::exists(trial.at("adapter").get<std::string>() + "/adapter_config.json"));
}

void TestCommandLineTraining::wordsForPeopleNameAdapterAndRow() {
    const ProgramRun run = m_program.run(QStringList{"train"} + recipe("first", 4));
    QCOMPARE(run.exitCode, 0);
    const QByteArray folder = text(m_folder / "first").toUtf8();
    for (const QByteArray& part :
         {QByteArray("Trained 4 steps"), QByteArray("Accuracy on the held-out rows: "), "Adapter: " + folder,
          QByteArray("Row: study 2, trial 2 in ") + folder})
        QVERIFY2(run.output.contains(part), run.output.constData());
    // Not a terminal: whole lines, none redrawn, one at about every tenth.
    QVERIFY(!run.errors.contains('\r'));
    QVERIFY2(run.errors.contains("4/4"), run.errors.constData());
    QVERIFY(run.errors.count('\n') <= 16);
    const ProgramRun list = m_program.run(QStringList{"list"} + project("first"));
    QVERIFY2(list.output.contains("complete"), list.output.constData());
}

void TestCommandLineTraining::anExportedAdapterGeneratesWhatTheTrialDoes() {
    const QString target = text(m_folder / "exported");
    const auto exported =
        m_program.run(QStringList{"export", "1", "--json", "--out", target} + project("first")).json();
    QVERIFY(exported.at("logit_difference").get<double>() <= 1e-4);
    for (const char* name : {"adapter_config.json", "adapter_model.safetensors"})
        QVERIFY2(QFile::exists(target + "/" + name), name);
    const ProgramRun again = m_program.run(QStringList{"export", "1", "--out", target} + project("first"));
    QCOMPARE(again.exitCode, 2); // somebody's folder is not written into
    const QStringList prompt{"--json", "--prompt", "what did the cat", "--max-new-tokens", "4"};
    const auto ofTrial =
        m_program.run(QStringList{"generate", "--trial", "1"} + prompt + project("first")).json();
    const auto ofExport =
        m_program
            .run(QStringList{"generate", "--model", text(m_folder / "model"), "--adapter", target} + prompt)
            .json();
    QCOMPARE(ofExport.at("text"), ofTrial.at("text"));
}

void TestCommandLineTraining::logitsAreWritten() {
    m_folder.write("ids.json",
                   R"({"input_ids": [[1, 4, 5], [1, 4, 0]], "attention_mask": [[1, 1, 1], [1, 1, 0]]})");
    const QString out = text(m_folder / "logits.safetensors");
    const ProgramRun run = m_program.run({"logits", "--json", "--model", text(m_folder / "model"), "--ids",
                                          text(m_folder / "ids.json"), "--out", out});
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    QFile file(out);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.read(200).contains(R"("shape":[2,3,16])"));
    m_folder.write("bad.json", R"({"input_ids": [[1, 99]]})");
    QCOMPARE(m_program
                 .run({"logits", "--model", text(m_folder / "model"), "--ids", text(m_folder / "bad.json"),
                       "--out", out + "2"})
                 .exitCode,
             2);
    QVERIFY(!QFile::exists(out + "2"));
}

void TestCommandLineTraining::aStudyRunsItsTrialsAndNamesTheBest() {
    QStringList arguments = recipe("study", 4);
    arguments << "--search"
              << "learning_rate=1e-4..1e-2:log"
              << "--search"
              << "rank=1,2"
              << "--trials"
              << "3"
              << "--objective"
              << "eval_loss"
              << "--objective"
              << "eval_accuracy"
              << "--json";
    const auto lines = m_program.run(QStringList{"study"} + arguments).jsonLines();
    const Json result = lines.back();
    QCOMPARE(result.at("trials").size(), 3U);
    double lowest = 1e9;
    std::set<double> rates;
    for (const Json& trial : result.at("trials")) {
        QCOMPARE(trial.at("state"), "complete");
        lowest = std::min(lowest, trial.at("last").at("eval_loss").get<double>());
        rates.insert(trial.at("values").at("learning_rate").get<double>());
    }
    QCOMPARE(rates.size(), 3U);
    for (const Json& trial : result.at("trials"))
        if (trial.at("trial") == result.at("best"))
            QCOMPARE(trial.at("last").at("eval_loss").get<double>(), lowest);
    QCOMPARE(result.at("front").at(0), result.at("best")); // and those that are more accurate
}

void TestCommandLineTraining::aStudyKeepsToItsRulesAndItsSpaceCanBeChanged() {
    const auto study = [this](const QStringList& more) {
        return m_program.run(QStringList{"study", "--json"} + more);
    };
    const QStringList rules{"--search",     "rank=1..4",
                            "--search",     "batch_size=2,4",
                            "--derive",     "alpha=2*rank",
                            "--forbid",     "rank > 2 and batch_size > 2",
                            "--constraint", "trainable_parameters <= 1",
                            "--sampler",    "grid",
                            "--trials",     "3"};
    const Json first = study(recipe("rules", 2) + rules).jsonLines().back();
    QCOMPARE(first.at("trials").size(), 3U);
    QVERIFY(first.at("best").is_null()); // none has so few parameters
    for (const Json& trial : first.at("trials")) {
        const Json& values = trial.at("values");
        QCOMPARE(values.at("alpha").get<double>(), 2 * values.at("rank").get<double>());
        QVERIFY(values.at("rank") <= 2 || values.at("batch_size") <= 2);
        QVERIFY(trial.at("note").get<std::string>().find(
                    "not trained: trainable_parameters <= 1 does not hold: trainable_parameters is ") == 0);
        QCOMPARE(trial.at("steps"), 0);
        QVERIFY(trial.at("last").at("trainable_parameters") > 1);
    }
    const QStringList wider =
        project("rules") + QStringList{"--resume", "1", "--search", "rank=4..8", "--extend", "2"};
    const Json second = study(wider).jsonLines().back();
    QCOMPARE(second.at("trials").size(), 5U);
    for (std::size_t i = 3; i < 5; ++i) {
        const Json& values = second.at("trials").at(i).at("values");
        QVERIFY(values.at("rank") >= 4 && values.at("batch_size") == 2);
        QCOMPARE(values.at("alpha").get<double>(), 2 * values.at("rank").get<double>());
    }
}

void TestCommandLineTraining::aPrunedTrialSaysWhy() {
    QStringList arguments = recipe("pruned", 4);
    arguments << "--search"
              << "rank=1,2"
              << "--trials"
              << "2"
              << "--pruner"
              << "threshold"
              << "--pruner-option"
              << "upper=1e-9"
              << "--prune-metric"
              << "loss"
              << "--json";
    const Json result = m_program.run(QStringList{"study"} + arguments).jsonLines().back();
    QCOMPARE(result.at("trials").size(), 2U);
    for (const Json& trial : result.at("trials")) {
        QCOMPARE(trial.at("state"), "pruned");
        QCOMPARE(trial.at("steps"), 1);
        QVERIFY(trial.at("note").get<std::string>().find("at step 1 is above the threshold 1e-09") !=
                std::string::npos);
    }
}

void TestCommandLineTraining::ctrlCKeepsWhatWasTrainedAndResumeFinishes() {
    const auto interrupt = [](QProcess& process, const QByteArray& line) {
        if (line.contains("\"loss\",\"step\":3,"))
            ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    };
    const ProgramRun stopped =
        m_program.follow(QStringList{"train", "--json"} + recipe("stopped", 3000), interrupt);
    QCOMPARE(stopped.exitCode, 3);
    const auto lines = stopped.jsonLines();
    QCOMPARE(lines.back().at("exit_code"), 3);
    const Json trial = lines.back().at("trials").at(0);
    QCOMPARE(trial.at("state"), "cancelled");
    const Points before = pointsOf(lines);
    QVERIFY(before.contains({"loss", 3}));

    const ProgramRun resumed = m_program.run(QStringList{"train", "--resume", "--json"} + project("stopped"));
    QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
    const ProgramRun whole = m_program.run(QStringList{"train", "--json"} + recipe("whole", 3000));
    QCOMPARE(whole.exitCode, 0);
    const auto csv = [this](const char* name) {
        Points points = pointsOfCsv(m_program.run(QStringList{"show", "1", "--csv"} + project(name)).output);
        // Speed is the one metric that no two runs share.
        std::erase_if(points, [](const auto& point) { return point.first.first == "tokens_per_second"; });
        return points;
    };
    QVERIFY(csv("stopped") == csv("whole"));
}

void TestCommandLineTraining::aKilledRunGoesOn() {
    QStringList arguments = recipe("killed", 1500);
    arguments << "--checkpoint-every"
              << "20"
              << "--json";
    const auto kill = [](QProcess& process, const QByteArray& line) {
        if (line.contains("\"loss\",\"step\":150,"))
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
    };
    QCOMPARE(m_program.follow(QStringList{"train"} + arguments, kill).exitCode, -1);
    const ProgramRun resumed =
        m_program.run(QStringList{"train", "--resume", "latest", "--json"} + project("killed"));
    QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
    const Json trial = resumed.jsonLines().back().at("trials").at(0);
    QCOMPARE(trial.at("state"), "complete");
    QCOMPARE(trial.at("steps"), 1500);
    const Points points =
        pointsOfCsv(m_program.run(QStringList{"show", "1", "--csv"} + project("killed")).output);
    for (int step = 1; step <= 1500; ++step)
        QVERIFY2(points.contains({"loss", step}), qPrintable(QString::number(step)));
}

void TestCommandLineTraining::anythingFinishedCannotBeResumed() {
    for (const char* wanted : {"latest", "1", "77"}) {
        const ProgramRun run = m_program.run(QStringList{"train", "--resume", wanted} + project("first"));
        QCOMPARE(run.exitCode, 2);
        QVERIFY2(run.errors.count('\n') == 1, run.errors.constData());
    }
    const ProgramRun run = m_program.run(QStringList{"train", "--resume"} + recipe("first", 8));
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains("leave out the other flags"), run.errors.constData());
}

/// In JSON and in words, from flags and from a recipe file; the project is not touched.
void TestCommandLineTraining::aProfileTellsWhereAStepsTimeGoes() {
    const ProgramRun run =
        m_program.run(QStringList{"profile", "--json", "--steps", "4"} + recipe("unprofiled", 30));
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const Json profile = run.json();
    QCOMPARE(profile.at("steps").get<int>(), 4);
    QVERIFY(profile.at("tokens_per_second") > 0 && profile.at("model_gflops") > 0);
    double sum = 0;
    for (const auto& [kind, figures] : profile.at("kinds").items())
        sum += figures.at("ms").get<double>();
    QCOMPARE(profile.at("kinds").size(), std::size_t{8});
    const double wall = profile.at("ms_per_step");
    QVERIFY2(std::abs(sum - wall) < 1e-6 * wall, run.output.constData());
    QVERIFY(!profile.at("operators").empty() && profile.at("operators").size() <= 12);
    QVERIFY(!std::filesystem::exists(m_folder / "unprofiled"));

    m_folder.write("recipe.json", Json{{"model", (m_folder / "model").string()},
                                       {"train_file", (m_folder / "rows.jsonl").string()},
                                       {"max_length", 32},
                                       {"rank", 2},
                                       {"threads", 1},
                                       {"max_steps", 30}}
                                      .dump());
    const ProgramRun words =
        m_program.run({"profile", text(m_folder / "recipe.json"), "--batch-size", "2", "--steps", "3"});
    QVERIFY2(words.exitCode == 0, words.errors.constData());
    for (const char* part : {"base products", "attention", "optimiser", "tokens/s", "3 steps of"})
        QVERIFY2(words.output.contains(part), words.output.constData());
}

void TestCommandLineTraining::aProfileOfABadRecipeIsRefused() {
    const ProgramRun steps = m_program.run(QStringList{"profile", "--steps", "0"} + recipe("unprofiled", 8));
    QCOMPARE(steps.exitCode, 2);
    QVERIFY2(steps.errors.contains("steps: 0 is not between 1 and 1000"), steps.errors.constData());
    const ProgramRun model =
        m_program.run({"profile", "--model", "/nowhere", "--train-file", "/nowhere.jsonl"});
    QCOMPARE(model.exitCode, 2);
    QVERIFY2(model.errors.contains("/nowhere") || model.errors.contains("model"), model.errors.constData());
}

QTEST_GUILESS_MAIN(TestCommandLineTraining)
#include "tst_command_line_training.moc"
