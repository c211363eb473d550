#include "tests/app/program.h"
#include "tests/app/tiny_model.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;
using test::Program;
using test::ProgramRun;
using Json = nlohmann::json;

namespace {

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

} // namespace

/// Calls of the program that change a study by hand, and ask what it has found.
class TestCommandLineStudies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aQueuedPointIsTriedFirst();
    void aFinishedStudyIsExtended();
    void aTrialIsRunAgainWithOtherValues();
    void finalistsAreRepeatedOverSeeds();
    void aStudyTellsWhatItHasFound();
    void aPreparedStudyComparesItsRecipes_data();
    void aPreparedStudyComparesItsRecipes();
    void whatDoesNotFitIsNamed_data();
    void whatDoesNotFitIsNamed();

private:
    [[nodiscard]] QStringList project() const { return {"--project", text(m_folder / "project")}; }
    [[nodiscard]] QStringList newStudy() const;
    [[nodiscard]] Json resumed(const QStringList& changes) const {
        const ProgramRun run =
            m_program.run(QStringList{"study", "--json", "--resume", "1"} + changes + project());
        if (run.exitCode != 0)
            qFatal("%s", run.errors.constData());
        return run.jsonLines().back();
    }

    test::TempFolder m_folder;
    Program m_program{m_folder / "data"};
    Json m_first; ///< the result of the study that all tests go on with
};

QStringList TestCommandLineStudies::newStudy() const {
    return QStringList{"study",        "--json",
                       "--model",      text(m_folder / "model"),
                       "--train-file", text(m_folder / "rows.jsonl"),
                       "--objective",  "eval_loss"} +
           QStringLiteral(
               "--max-length 32 --batch-size 4 --threads 1 --eval-every 4 --max-steps 4 --trials 2 "
               "--search learning_rate=1e-4..1e-2:log --search rank=1..4")
               .split(' ') +
           project();
}

void TestCommandLineStudies::initTestCase() {
    writeTinyModel(m_folder, "model");
    writeTinyRows(m_folder, "rows.jsonl", 24);
    const ProgramRun run = m_program.run(newStudy() + QStringList{"--enqueue", "learning_rate=0.005,rank=3"});
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    m_first = run.jsonLines().back();
}

void TestCommandLineStudies::aQueuedPointIsTriedFirst() {
    const Json& trials = m_first.at("trials");
    QCOMPARE(trials.size(), 2U); // it counts
    QCOMPARE(trials.at(0).at("values").at("rank"), 3);
    QCOMPARE(trials.at(0).at("values").at("learning_rate").get<double>(), 0.005);
    QVERIFY(trials.at(1).at("values").at("learning_rate").get<double>() != 0.005);
}

void TestCommandLineStudies::aFinishedStudyIsExtended() {
    const Json result = resumed({"--extend", "1"});
    QCOMPARE(result.at("trials").size(), 3U);
    QCOMPARE(result.at("trials").at(2).at("state"), "complete");
    QVERIFY(result.at("trials").at(0) == m_first.at("trials").at(0)); // not run again
    const ProgramRun done = m_program.run(QStringList{"study", "--resume", "1"} + project());
    QCOMPARE(done.exitCode, 2); // nothing is left
}

void TestCommandLineStudies::aTrialIsRunAgainWithOtherValues() {
    const Json result = resumed({"--clone", "1,rank=4"});
    QCOMPARE(result.at("trials").size(), 4U);
    const Json values = result.at("trials").at(3).at("values");
    QCOMPARE(values.at("rank"), 4);
    QCOMPARE(values.at("learning_rate").get<double>(), 0.005);
}

void TestCommandLineStudies::finalistsAreRepeatedOverSeeds() {
    const Json result = resumed({"--confirm", "2", "--seeds", "7,8,9"});
    QCOMPARE(result.at("study"), 2); // a study of its own
    const Json found = result.at("confirmation");
    QCOMPARE(found.at("of"), 1);
    QCOMPARE(found.at("missing"), 0);
    QCOMPARE(found.at("trials").size(), 2U);
    for (const Json& trial : found.at("trials"))
        QCOMPARE(trial.at("values").size(), 3U);
    QVERIFY(found.at("trials").at(0).at("mean") <= found.at("trials").at(1).at("mean"));
    QCOMPARE(found.at("verdicts").size(), 1U);
    const std::string verdict = found.at("verdicts").at(0);
    QVERIFY2(verdict.ends_with("over 3 seeds") || verdict.ends_with("over 3 seeds: within noise"),
             verdict.c_str());
    QCOMPARE(result.at("trials").at(0).at("seed"), 7);
}

void TestCommandLineStudies::aStudyTellsWhatItHasFound() {
    const Json json =
        m_program.run(QStringList{"show", "--study", "1", "--json"} + project()).jsonLines().back();
    QCOMPARE(json.at("trials"), 4);
    QCOMPARE(json.at("finished"), 4);
    QVERIFY(json.at("low") <= json.at("expected_best") && json.at("expected_best") <= json.at("high"));
    QVERIFY(json.at("best_value") <= json.at("expected_best"));
    QCOMPARE(json.at("confirmations").size(), 1U);
    const QByteArray words = m_program.run(QStringList{"show", "--study", "1"} + project()).output;
    for (const char* part : {"4 of 4 trials have ended", "Best: #", "95 % interval",
                             "Finalists over seeds (study 2)", "over 3 seeds"})
        QVERIFY2(words.contains(part), words.constData());
}

void TestCommandLineStudies::aPreparedStudyComparesItsRecipes_data() {
    QTest::addColumn<QString>("first");
    QTest::newRow("allocation") << "HeteroLoRA, dynamic";
    QTest::newRow("few_shot") << "Prefix tuning";
}

void TestCommandLineStudies::aPreparedStudyComparesItsRecipes() {
    QFETCH(QString, first);
    const ProgramRun run = m_program.run(
        QStringList{"study", "--json", "--template", QTest::currentDataTag(), "--model",
                    text(m_folder / "model"), "--train-file", text(m_folder / "rows.jsonl"), "--objective",
                    "eval_loss"} +
        QStringLiteral("--max-length 32 --batch-size 4 --threads 1 --eval-every 0 --max-steps 2 --seeds 1,2 "
                       "--rank 2 --budget-share 0.9")
            .split(' ') +
        project());
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const Json result = run.jsonLines().back();
    QCOMPARE(result.at("trials").size(), 10U); // five recipes, each with both seeds
    const Json& found = result.at("recipes");
    QCOMPARE(found.at("recipes").size(), 5U);
    QCOMPARE(found.at("recipes").at(0).at("name"), first.toStdString());
    for (const Json& recipe : found.at("recipes"))
        QCOMPARE(recipe.at("values").size(), 2U);
    for (const Json& comparison : found.at("comparisons"))
        QVERIFY(comparison.at("paired").get<bool>());
    QCOMPARE(found.at("verdicts").size(), 5U); // of each other recipe, and summed up
}

void TestCommandLineStudies::whatDoesNotFitIsNamed_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("words");
    const QStringList resume{"study", "--resume", "1"};
    QTest::newRow("key") << resume + QStringList{"--enqueue", "max_steps=9"}
                         << QByteArray("max_steps: is not searched in this study");
    QTest::newRow("form") << resume + QStringList{"--enqueue", "rank"} << QByteArray("has no value");
    QTest::newRow("range") << resume + QStringList{"--enqueue", "rank=99"} << QByteArray("rank");
    QTest::newRow("clone") << resume + QStringList{"--clone", "77,rank=1"}
                           << QByteArray("\"77\" is no trial of this study");
    QTest::newRow("study") << QStringList{"study", "--resume", "99", "--extend", "1"}
                           << QByteArray("study 99: is not in this project");
    QTest::newRow("show") << QStringList{"show"} << QByteArray("needs a trial's number");
}

void TestCommandLineStudies::whatDoesNotFitIsNamed() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, words);
    const ProgramRun run = m_program.run(arguments + project());
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains(words), run.errors.constData());
}

QTEST_GUILESS_MAIN(TestCommandLineStudies)
#include "tst_command_line_studies.moc"
