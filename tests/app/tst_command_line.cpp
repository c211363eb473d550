#include "tests/app/program.h"
#include "tests/app/tiny_model.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <fstream>

using namespace lathe;
using test::Program;
using test::ProgramRun;

namespace {

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

} // namespace

/// Calls of the program that train nothing.
class TestCommandLine : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void helpAndVersionEndWell();
    void everyPartOfTheRecipeHasItsFlag();
    void badInputIsOneSentenceAndWritesNothing_data();
    void badInputIsOneSentenceAndWritesNothing();
    void badInputIsJsonForMachines();
    void aProjectFolderThatCannotBeWrittenIsRefused();
    void aDatabaseOfALaterVersionIsRefusedAndKept();
    void dryRunSaysTheCostAndWritesNothing();
    void searchSpeaksByLinesAndRunsCommands();
    void tokenizeAndDecodeAreInverse();
    void doctorSaysWhatThereIs();
    void waitingThreadsArePatientUnlessToldOtherwise();
    void dataSaysHowAFileIsReadAndWhatIsLost();
    void readingAProjectThatIsNotThereCreatesNone();

private:
    QStringList goodRecipe() const;

    test::TempFolder m_folder;
    Program m_program{m_folder / "data"};
    QString m_project;
};

void TestCommandLine::initTestCase() {
    m_project = text(m_folder / "project");
    writeTinyModel(m_folder, "model");
    writeTinyRows(m_folder, "rows.jsonl");
}

QStringList TestCommandLine::goodRecipe() const {
    return {"--project",    m_project,
            "--model",      text(m_folder / "model"),
            "--train-file", text(m_folder / "rows.jsonl"),
            "--max-length", "32",
            "--rank",       "2"};
}

void TestCommandLine::helpAndVersionEndWell() {
    const ProgramRun help = m_program.run({"--help"});
    QCOMPARE(help.exitCode, 0);
    for (const char* word :
         {"train", "study", "search", "pretrain", "list", "show", "export", "export-study", "import-study",
          "generate", "logits", "tokenize", "data", "doctor", "Exit codes: 0 done; 1 "})
        QVERIFY2(help.output.contains(word), word);
    const ProgramRun version = m_program.run({"--version"});
    QCOMPARE(version.exitCode, 0);
    QVERIFY(version.output.startsWith("lathe "));
}

void TestCommandLine::everyPartOfTheRecipeHasItsFlag() {
    const ProgramRun help = m_program.run({"train", "--help"});
    QCOMPARE(help.exitCode, 0);
    for (const char* flag : {"--model", "--train-file", "--learning-rate", "--rank", "--max-steps",
                             "--project", "--json", "--resume", "--seed", "--no-loss-on-prompt"})
        QVERIFY2(help.output.contains(flag), flag);
}

void TestCommandLine::badInputIsOneSentenceAndWritesNothing_data() {
    QTest::addColumn<QStringList>("changes"); // over a recipe that is right
    QTest::addColumn<QString>("message");
    const auto model = [this](const char* name, const test::TinyModelOptions& options) {
        return QStringList{"train", "--model", text(writeTinyModel(m_folder, name, options))};
    };
    const auto rows = [this](const char* name, std::string_view content) {
        return QStringList{"train", "--train-file", text(m_folder.write(name, content))};
    };
    QTest::newRow("missing folder") << QStringList{"train", "--model", "/no/such/folder"}
                                    << "/no/such/folder";
    QTest::newRow("unknown architecture") << model("strange", {"strangeformer", "F32", 0}) << "strangeformer";
    QTest::newRow("truncated safetensors") << model("cut", {"llama", "F32", 5}) << "model.safetensors";
    QTest::newRow("wrong dtype") << model("integers", {"llama", "I32", 0}) << "has the dtype";
    QTest::newRow("empty data") << rows("empty.jsonl", "") << "empty.jsonl: is empty";
    QTest::newRow("missing data") << QStringList{"train", "--train-file", "/no/such.jsonl"}
                                  << "/no/such.jsonl";
    QTest::newRow("missing column")
        << rows("columns.jsonl", "{\"instruction\":\"a\",\"output\":\"b\"}\n{\"instruction\":\"a\"}\n")
        << "line 2: has no column \"output\"; its columns are instruction";
    QTest::newRow("rank 0") << QStringList{"train", "--rank", "0"} << "--rank";
    QTest::newRow("rank too high") << QStringList{"train", "--rank", "9"} << "--rank";
    QTest::newRow("negative learning rate")
        << QStringList{"train", "--learning-rate", "-1e-3"} << "--learning-rate";
    QTest::newRow("not a number") << QStringList{"train", "--learning-rate", "fast"} << "--learning-rate";
    QTest::newRow("unknown template")
        << QStringList{"train", "--prompt-template", "none"} << "--prompt-template";
    QTest::newRow("unknown flag") << QStringList{"train", "--ranks", "2"} << "--ranks";
    QTest::newRow("missing recipe") << QStringList{"train", "--recipe", "/no/such.json"} << "/no/such.json";
    QTest::newRow("nothing to search") << QStringList{"study", "--trials", "2"} << "--search";
    QTest::newRow("unknown searched key") << QStringList{"study", "--search", "speed=1..2"} << "speed";
    QTest::newRow("search out of range") << QStringList{"study", "--search", "rank=0..8"} << "rank";
    QTest::newRow("no trials") << QStringList{"study", "--search", "rank=1,2", "--trials", "0"} << "--trials";
    QTest::newRow("unknown objective")
        << QStringList{"study", "--search", "rank=1,2", "--objective", "beauty"} << "beauty";
    QTest::newRow("a sampler of one objective")
        << QStringList{"study",       "--search",      "rank=1,2",  "--objective", "eval_loss",
                       "--objective", "eval_accuracy", "--sampler", "mads"}
        << "mads: looks for the best of one objective, this study has 2; choose one of";
    QTest::newRow("unknown sampler") << QStringList{"study", "--search", "rank=1,2", "--sampler", "oracle"}
                                     << "oracle";
    const QStringList study{"study", "--search", "rank=1,2"};
    QTest::newRow("unknown pruner") << study + QStringList{"--pruner", "gardener"} << "gardener";
    QTest::newRow("unknown option of a pruner")
        << study + QStringList{"--pruner", "median", "--pruner-option", "percentile=3"}
        << "--pruner-option: \"percentile\" is not an option of median";
    QTest::newRow("unknown metric to prune by")
        << study + QStringList{"--pruner", "median", "--prune-metric", "beauty"}
        << "--prune-metric: \"beauty\"";
    QTest::newRow("unknown option of a sampler")
        << study + QStringList{"--sampler-option", "levels=3"} << "--sampler-option: auto has no options";
    QTest::newRow("a derived field that is none") << study + QStringList{"--derive", "alfa=2*rank"}
                                                  << "--derive: alfa is not a parameter; did you mean alpha?";
    QTest::newRow("a derived field that is searched")
        << study + QStringList{"--derive", "rank=2"} << "rank is searched and derived";
    QTest::newRow("an unknown name in a rule") << study + QStringList{"--forbid", "ranc > 1"}
                                               << "column 1: ranc is not known here; did you mean rank?";
    QTest::newRow("a constraint on what nobody reports")
        << study + QStringList{"--constraint", "beauty <= 3"} << "--constraint: beauty is neither a field";
    QTest::newRow("no steps at all") << study + QStringList{"--budget-steps", "0"} << "--budget-steps";
    QTest::newRow("pretrain with an adapter") << QStringList{"pretrain", "--method", "lora"} << "--method";
}

void TestCommandLine::badInputIsOneSentenceAndWritesNothing() {
    QFETCH(QStringList, changes);
    QFETCH(QString, message);
    const QStringList good = goodRecipe();
    QStringList arguments = good;
    for (qsizetype i = 1; i + 1 < changes.size(); i += 2) {
        if (good.contains(changes[i])) // what is given twice stays so
            arguments.remove(arguments.indexOf(changes[i]), 2);
        arguments << changes[i] << changes[i + 1];
    }
    const ProgramRun run = m_program.run(QStringList{changes.first()} + arguments);
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains(message.toUtf8()), run.errors.constData());
    QVERIFY2(run.errors.startsWith("lathe: ") && run.errors.count('\n') == 1, run.errors.constData());
    QVERIFY(run.output.isEmpty());
    QVERIFY(!std::filesystem::exists(m_folder / "project"));
    QVERIFY(!std::filesystem::exists(m_folder / "data"));
}

void TestCommandLine::badInputIsJsonForMachines() {
    for (const QStringList& wrong : {QStringList{"--rank", "9"}, QStringList{"--no-such-flag"}}) {
        QStringList arguments{"train", "--json"};
        arguments += goodRecipe().mid(0, 8);
        const ProgramRun run = m_program.run(arguments + wrong);
        QCOMPARE(run.exitCode, 2);
        const auto error = run.json().at("error");
        QCOMPARE(error.at("kind"), "input");
        QCOMPARE(error.at("exit_code"), 2);
        QVERIFY(!error.at("message").get<std::string>().empty());
    }
}

void TestCommandLine::aProjectFolderThatCannotBeWrittenIsRefused() {
    QStringList arguments = goodRecipe();
    // Below a file, no user can create a folder, not even root.
    arguments[1] = text(m_folder.write("file", "x") / "project");
    const ProgramRun run = m_program.run(QStringList{"train"} + arguments);
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains("file/project") && run.errors.count('\n') == 1, run.errors.constData());
}

void TestCommandLine::aDatabaseOfALaterVersionIsRefusedAndKept() {
    const auto database = m_folder / "later/lathe.db";
    QCOMPARE(m_program.run({"list", "--project", text(m_folder / "later")}).exitCode, 2);
    // Bytes 60 to 63 of an SQLite file are its user_version.
    const std::filesystem::path made = m_folder / "made";
    QStringList arguments = goodRecipe();
    arguments[1] = text(made);
    QCOMPARE(m_program.run(QStringList{"train", "--max-steps", "1"} + arguments).exitCode, 0);
    std::filesystem::create_directories(database.parent_path());
    std::filesystem::copy_file(made / "lathe.db", database);
    {
        std::fstream file(database, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(60);
        file.write("\x00\x00\x27\x0F", 4); // 9999
    }
    const auto bytesOf = [](const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string before = bytesOf(database);
    arguments[1] = text(database.parent_path());
    for (const QStringList& call :
         {QStringList{"train"} + arguments, QStringList{"list", "--project", arguments[1]},
          QStringList{"train", "--resume", "--project", arguments[1]}}) {
        const ProgramRun run = m_program.run(call);
        QCOMPARE(run.exitCode, 2);
        QVERIFY2(run.errors.contains("9999") && run.errors.count('\n') == 1, run.errors.constData());
        QVERIFY(bytesOf(database) == before);
    }
}

void TestCommandLine::dryRunSaysTheCostAndWritesNothing() {
    const ProgramRun run = m_program.run(QStringList{"train", "--dry-run", "--json"} + goodRecipe());
    QCOMPARE(run.exitCode, 0);
    const auto answer = run.json();
    QVERIFY(answer.at("trainable_parameters").get<int>() > 0);
    QCOMPARE(answer.at("spec").at("fixed").at("rank"), 2);
    QVERIFY(!std::filesystem::exists(m_folder / "project"));
}

void TestCommandLine::searchSpeaksByLinesAndRunsCommands() {
    const std::string space = R"({"k": {"type": "int", "low": 1, "high": 6}})";
    const std::string create = R"({"create": {"sampler": "grid", "budget": 9, "space": )" + space + "}}\n";
    const ProgramRun lines =
        m_program.run({"search"}, QByteArray::fromStdString(create) +
                                      "{\"ask\": 2}\nnonsense\n"
                                      "{\"tell\": {\"id\": 1, \"value\": 0.5}}\n{\"best\": true}\n");
    QCOMPARE(lines.exitCode, 0);
    const auto answers = lines.jsonLines();
    QCOMPARE(answers.size(), std::size_t{5});
    QCOMPARE(answers[1]["trials"].size(), std::size_t{2});
    QVERIFY(answers[2].contains("error"));
    QCOMPARE(answers[4]["value"], 0.5);

    m_folder.write("space.json", space);
    const QString file = text(m_folder / "search.json");
    const QStringList call{"search",    "--space",  text(m_folder / "space.json"),
                           "--command", "echo {k}", "--save",
                           file,        "--seed",   "1",
                           "--budget",  "3",        "--json"};
    const ProgramRun run = m_program.run(call);
    QCOMPARE(run.exitCode, 0);
    QCOMPARE(run.jsonLines().size(), std::size_t{4}); // three trials and the result
    QCOMPARE(m_program.run(call).exitCode, 2);        // the file is there already
    QStringList longer = call;
    longer.replace(longer.indexOf(QStringLiteral("3")), QStringLiteral("5"));
    const ProgramRun more = m_program.run(longer << "--resume");
    QCOMPARE(more.exitCode, 0);
    QCOMPARE(more.jsonLines().size(), std::size_t{3});
}

void TestCommandLine::tokenizeAndDecodeAreInverse() {
    const QString model = text(m_folder / "model");
    const ProgramRun encoding = m_program.run({"tokenize", "--json", "--model", model, "the cat sat"});
    QCOMPARE(encoding.exitCode, 0);
    const auto encoded = encoding.json();
    QCOMPARE(encoded.at("ids"), (std::vector<int>{4, 5, 7}));
    QCOMPARE(encoded.at("tokens"), (std::vector<std::string>{"the", "cat", "sat"}));
    const auto fromInput = m_program.run({"tokenize", "--json", "--model", model, "-"}, "the cat sat").json();
    QCOMPARE(fromInput.at("ids"), encoded.at("ids"));
    const auto decoded = m_program.run({"tokenize", "--json", "--model", model, "--decode", "4,5,7"}).json();
    QCOMPARE(decoded.at("text"), "the cat sat");
    QCOMPARE(m_program.run({"tokenize", "--model", model}).exitCode, 2);
}

void TestCommandLine::doctorSaysWhatThereIs() {
    const ProgramRun run = m_program.run({"doctor", "--json"});
    const auto answer = run.json();
    QCOMPARE(run.exitCode, answer.at("ok").get<bool>() ? 0 : 1);
    QStringList found;
    for (const auto& finding : answer.at("findings")) {
        found << QString::fromStdString(finding.at("what"));
        if (finding.at("what") == "OMP_WAIT_POLICY")
            QCOMPARE(finding.at("found"), "PASSIVE");
    }
    for (const char* what : {"LibTorch", "devices", "threads", "display", "examples", "project folder"})
        QVERIFY2(found.contains(QString(what)), what);
}

void TestCommandLine::waitingThreadsArePatientUnlessToldOtherwise() {
    const auto policy = [this] {
        const auto answer = m_program.run({"doctor", "--json"}).json();
        for (const auto& finding : answer.at("findings"))
            if (finding.at("what") == "OMP_WAIT_POLICY")
                return finding.at("found").get<std::string>();
        return std::string();
    };
    const QByteArray own = qgetenv("OMP_WAIT_POLICY");
    const auto restore = qScopeGuard(
        [&own] { own.isNull() ? qunsetenv("OMP_WAIT_POLICY") : qputenv("OMP_WAIT_POLICY", own); });
    qunsetenv("OMP_WAIT_POLICY");
    const std::string unsaid = policy();
    qputenv("OMP_WAIT_POLICY", "ACTIVE");
    const std::string said = policy();
    QCOMPARE(unsaid, "PASSIVE");
    QCOMPARE(said, "ACTIVE");
}

void TestCommandLine::dataSaysHowAFileIsReadAndWhatIsLost() {
    const QString file = text(m_folder.write("d.csv", "text;label\n\"good; film\";1\nbad;0;9\n\nbad;0\n"));
    const QStringList call{
        "data", file, "--convert", text(m_folder / "d.jsonl"), "--dropped", text(m_folder / "d_dropped.csv")};
    const auto answer = m_program.run(call + QStringList{"--json"}).json();
    QCOMPARE(answer.at("rows"), 2);
    QCOMPARE(answer.at("dropped"), 2);
    QCOMPARE(answer.at("format").at("delimiter").at("value"), ";");
    QCOMPARE(answer.at("columns").at(0).at("examples").at(0), "good; film");
    QCOMPARE(answer.at("columns").at(0).at("role"), "text");
    QCOMPARE(answer.at("columns").at(1).at("role"), "label");
    const auto content = [this](const char* name) {
        std::ifstream stream(m_folder / name);
        return std::string(std::istreambuf_iterator<char>(stream), {});
    };
    QCOMPARE(content("d.jsonl"),
             "{\"text\": \"good; film\", \"label\": \"1\"}\n{\"text\": \"bad\", \"label\": \"0\"}\n");
    QCOMPARE(content("d_dropped.csv"),
             "line,reason\n3,has 3 cells where 2 columns are\n4,the line is empty\n");
    const ProgramRun words = m_program.run({"data", file});
    QCOMPARE(words.exitCode, 0);
    QVERIFY(words.output.contains("2 rows used, 2 dropped"));
    QVERIFY(words.output.contains("read as"));
    QCOMPARE(m_program.run({"data", file, "--encoding", "ebcdic"}).exitCode, 2);
}

void TestCommandLine::readingAProjectThatIsNotThereCreatesNone() {
    for (const QStringList& call :
         {QStringList{"list"}, QStringList{"show", "1"}, QStringList{"train", "--resume"},
          QStringList{"export", "1", "--out", text(m_folder / "out")}}) {
        const ProgramRun run = m_program.run(call + QStringList{"--project", text(m_folder / "nowhere")});
        QCOMPARE(run.exitCode, 2);
        QVERIFY2(run.errors.contains("nowhere") && run.errors.count('\n') == 1, run.errors.constData());
    }
    QVERIFY(!std::filesystem::exists(m_folder / "nowhere"));
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
