#include "core/base/files.h"
#include "tests/app/program.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QTest>

#include <cmath>
#include <fstream>

using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

/// `lathe eval` as a person and a script have it, on the built-in model.
class TestCommandLineEvaluation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void rowsAreScoredWithIntervals();
    void wordsShowATableAndWrongAnswers();
    void twoEvaluationsAreComparedInPairs();
    void killedEvaluationGoesOnToTheSameRows();
    void finishedOneIsNotResumed();
    void whatIsMissingIsNamed_data();
    void whatIsMissingIsNamed();

private:
    static QString text(const fs::path& path) { return QString::fromStdString(path.string()); }
    [[nodiscard]] QStringList call(const QStringList& more) const {
        QStringList arguments{"eval",
                              "--project",
                              text(m_folder / "project"),
                              "--model",
                              text(sourceFile("resources/examples/base_model")),
                              "--task",
                              "classification",
                              "--data",
                              text(m_folder / "rows.jsonl"),
                              "--device",
                              "cpu"};
        if (!more.contains("--max-new-tokens"))
            arguments << "--max-new-tokens"
                      << "4";
        return arguments + more;
    }
    [[nodiscard]] QStringList inProject(const QStringList& more) const {
        return QStringList{"eval", "--project", text(m_folder / "project")} + more;
    }
    static std::vector<json> rowsOf(const fs::path& file) {
        std::vector<json> rows;
        std::ifstream lines(file);
        for (std::string line; std::getline(lines, line);)
            rows.push_back(json::parse(line));
        return rows;
    }

    TempFolder m_folder;
    Program m_program{m_folder / "home"};
};

void TestCommandLineEvaluation::initTestCase() {
    const std::string all =
        lathe::readFile(sourceFile("resources/examples/data/sentiment.test.jsonl")).value_or("");
    QVERIFY(!all.empty());
    std::size_t end = 0;
    for (int line = 0; line < 60; ++line)
        end = all.find('\n', end) + 1;
    m_folder.write("rows.jsonl", all.substr(0, end));
}

void TestCommandLineEvaluation::rowsAreScoredWithIntervals() {
    const fs::path out = m_folder / "first.jsonl";
    const ProgramRun run = m_program.run(call({"--rows", "20", "--json", "--out", text(out)}));
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const json result = run.jsonLines().back();
    QCOMPARE(result["state"].get<std::string>(), std::string("complete"));
    QCOMPARE(result["done"].get<int>(), 20);
    QCOMPARE(result["right"].get<int>() + result["wrong"].get<int>(), 20);
    const json accuracy = result["metrics"][0];
    QCOMPARE(accuracy["metric"].get<std::string>(), std::string("accuracy"));
    QCOMPARE(accuracy["value"].get<double>(), result["right"].get<double>() / 20);
    QVERIFY(accuracy["low"] <= accuracy["value"] && accuracy["value"] <= accuracy["high"]);
    const std::vector<json> rows = rowsOf(out);
    QCOMPARE(rows.size(), 20U);
    QVERIFY(rows[3].contains("prompt") && rows[3].contains("answer") && rows[3]["correct"].is_boolean());
}

void TestCommandLineEvaluation::wordsShowATableAndWrongAnswers() {
    const ProgramRun run = m_program.run(call({"--rows", "20", "--wrong", "2", "--max-new-tokens", "1"}));
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const QString output = QString::fromUtf8(run.output);
    QVERIFY(output.contains("95 % interval") && output.contains("Accuracy"));
    QVERIFY(output.contains("expected:"));
    QCOMPARE(output.count("expected:"), 2);
    const ProgramRun list = m_program.run(inProject({"--list"}));
    QCOMPARE(QString::fromUtf8(list.output).count("complete"), 2);
}

void TestCommandLineEvaluation::twoEvaluationsAreComparedInPairs() {
    const ProgramRun run = m_program.run(inProject({"--compare", "1", "2", "--json"}));
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const json result = run.json();
    QCOMPARE(result["rows"].get<int>(), 20);
    QCOMPARE(result["gained"].get<int>() + result["lost"].get<int>() + result["both_right"].get<int>() +
                 result["both_wrong"].get<int>(),
             20);
    QCOMPARE(result["gained_rows"].size(), result["gained"].get<std::size_t>());
    const json accuracy = result["metrics"][0];
    QVERIFY(std::abs(accuracy["difference"].get<double>() -
                     (result["gained"].get<double>() - result["lost"].get<double>()) / 20) < 1e-12);
    QVERIFY(accuracy["low"] <= accuracy["difference"] && accuracy["difference"] <= accuracy["high"]);
    const ProgramRun words = m_program.run(inProject({"--compare", "1", "2"}));
    QVERIFY(QString::fromUtf8(words.output).contains("rows in pairs"));
}

/// kill -9 in the middle: what was written stays, nothing is asked twice, and the result is the same.
void TestCommandLineEvaluation::killedEvaluationGoesOnToTheSameRows() {
    const QStringList slow{"--max-new-tokens", "60", "--temperature", "1", "--seed", "5",
                           "--batch",          "4",  "--json"};
    const ProgramRun killed = m_program.follow(call(slow), [](QProcess& process, const QByteArray& line) {
        const json event = json::parse(line.toStdString(), nullptr, false);
        if (event.value("event", "") == "progress" && event["done"] >= 12)
            process.kill();
    });
    QVERIFY(killed.exitCode != 0);
    const ProgramRun resumed =
        m_program.run(inProject({"--resume", "--json", "--out", text(m_folder / "resumed.jsonl")}));
    QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
    const ProgramRun whole = m_program.run(call(slow + QStringList{"--out", text(m_folder / "whole.jsonl")}));
    QVERIFY2(whole.exitCode == 0, whole.errors.constData());

    std::int64_t firstDone = -1; // of the resumed sitting
    for (const json& event : resumed.jsonLines())
        if (event.value("event", "") == "progress" && event["phase"] == "" && firstDone < 0)
            firstDone = event["done"].get<std::int64_t>();
    QVERIFY2(firstDone >= 12, qPrintable(QString::number(firstDone)));
    QVERIFY(rowsOf(m_folder / "resumed.jsonl") == rowsOf(m_folder / "whole.jsonl"));
    QVERIFY(resumed.jsonLines().back()["metrics"] == whole.jsonLines().back()["metrics"]);
}

void TestCommandLineEvaluation::finishedOneIsNotResumed() {
    const ProgramRun run = m_program.run(inProject({"--resume", "1"}));
    QCOMPARE(run.exitCode, 2);
    QVERIFY(run.errors.contains("is complete"));
}

void TestCommandLineEvaluation::whatIsMissingIsNamed_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("named");
    const QString model = text(sourceFile("resources/examples/base_model"));
    QTest::newRow("model") << QStringList{"--task", "text", "--data", "x.jsonl"} << QByteArray("--model");
    QTest::newRow("task") << QStringList{"--model", model, "--data", "x.jsonl"} << QByteArray("--task");
    QTest::newRow("data") << QStringList{"--model", model, "--task", "text"} << QByteArray("--data");
    QTest::newRow("trial") << QStringList{"--trial", "99"} << QByteArray("trial 99");
    QTest::newRow("evaluation") << QStringList{"--compare", "1", "99"} << QByteArray("evaluation 99");
    QTest::newRow("file") << QStringList{"--model", model, "--task", "text", "--data", "/no/such.jsonl"}
                          << QByteArray("/no/such.jsonl");
}

void TestCommandLineEvaluation::whatIsMissingIsNamed() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, named);
    const ProgramRun run = m_program.run(inProject(arguments));
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains(named), run.errors.constData());
}

QTEST_GUILESS_MAIN(TestCommandLineEvaluation)
#include "tst_command_line_evaluation.moc"
