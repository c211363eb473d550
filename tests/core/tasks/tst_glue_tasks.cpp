#include "core/data/examples.h"
#include "core/tasks/task.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <cmath>

using namespace lathe;
using namespace lathe::test;

namespace {

std::unique_ptr<Task> task(const std::string& id) {
    Registry<Task> registry;
    addBuiltinTasks(registry);
    return registry.make(id).value();
}

/// How often each right answer is expected in a file, as ask() tells it.
std::map<std::string, int> answersIn(const Task& glue, const std::filesystem::path& file) {
    const Table table = glue.readRows(file).value();
    const RowReading reading = glue.readingOf(table, glue.usualReading());
    std::map<std::string, int> counts;
    for (std::size_t i = 0; i < table.size(); ++i)
        ++counts[glue.ask(table.row(i), reading, nullptr).value().expected];
    return counts;
}

Question firstQuestion(const Task& glue, const Table& table) {
    const RowReading reading = glue.readingOf(table, glue.usualReading());
    return glue.ask(table.row(0), reading, nullptr).value();
}

} // namespace

class TestGlueTasks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TempFolder>(); }
    void quotesAreOrdinaryCharacters();
    void colaHasNoHeader();
    void exportsWithNumbersMeanTheSame();
    void raggedRowsAreDroppedWithTheReason();
    void anUnknownLabelIsToldWithTheRow();
    void aMissingColumnIsNamed();
    void metricsAreThoseOfTheBenchmark();
    void similarityIsANumber();
    void labelsMayBeNumbersOfNames();
    void publishedFilesHaveTheirLabels_data();
    void publishedFilesHaveTheirLabels();
    void similaritiesAreReadFromBothFiles();

private:
    std::unique_ptr<TempFolder> m_folder;
};

void TestGlueTasks::quotesAreOrdinaryCharacters() {
    const auto mrpc = task("mrpc");
    const auto file = m_folder->write("dev.tsv", "\xEF\xBB\xBFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n"
                                                 "1\t7\t8\tHe said \" no\tHe said no \" .\r\n");
    const Table table = mrpc->readRows(file).value();
    const Question question = firstQuestion(*mrpc, table);
    QCOMPARE(question.prompt, "He said \" no");
    QCOMPARE(question.pair.value(), "He said no \" .");
    QCOMPARE(question.expected, "equivalent");
    QVERIFY((question.choices == std::vector<std::string>{"not_equivalent", "equivalent"}));
}

void TestGlueTasks::colaHasNoHeader() {
    const auto cola = task("cola");
    const auto train = m_folder->write("train.tsv", "gj04\t1\t\tThey left.\ngj04\t0\t*\tThey leaved left.\n");
    const Table table = cola->readRows(train).value();
    QCOMPARE(table.size(), std::size_t{2});
    QCOMPARE(firstQuestion(*cola, table).prompt, "They left.");
    QCOMPARE(firstQuestion(*cola, table).expected, "acceptable");
    const auto test = m_folder->write("test.tsv", "index\tsentence\n0\tBill left.\n");
    QCOMPARE(firstQuestion(*cola, cola->readRows(test).value()).prompt, "Bill left.");
}

void TestGlueTasks::exportsWithNumbersMeanTheSame() {
    const auto rte = task("rte");
    const auto tsv =
        m_folder->write("dev.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tnot_entailment\n");
    const auto jsonl =
        m_folder->write("dev.jsonl", R"({"sentence1": "a", "sentence2": "b", "label": 1, "idx": 0})"
                                     "\n");
    for (const auto& file : {tsv, jsonl})
        QCOMPARE(firstQuestion(*rte, rte->readRows(file).value()).expected, "not_entailment");
    const auto mnli = task("mnli");
    const auto hub = m_folder->write("mnli.jsonl", R"({"premise": "a", "hypothesis": "b", "label": 2})"
                                                   "\n");
    QCOMPARE(firstQuestion(*mnli, mnli->readRows(hub).value()).expected, "contradiction");
}

void TestGlueTasks::raggedRowsAreDroppedWithTheReason() {
    const auto file =
        m_folder->write("train.tsv", "sentence\tlabel\nfine \t1\nbroken\n\xFF\t0\nmore\t0\textra\n");
    const Table table = task("sst2")->readRows(file).value();
    QCOMPARE(table.size(), std::size_t{2});
    QCOMPARE(table.dropped.size(), std::size_t{2});
    QCOMPARE(table.dropped[0].line, std::size_t{3});
    QCOMPARE(table.dropped[0].reason, "has 1 of 2 columns");
    QCOMPARE(table.dropped[1].reason, "not valid UTF-8");
    QCOMPARE(table.line(1), std::size_t{5});
}

void TestGlueTasks::anUnknownLabelIsToldWithTheRow() {
    const auto mnli = task("mnli");
    const Row row{{"premise", "a"}, {"hypothesis", "b"}, {"label", "-"}};
    Table table;
    table.columns = {"premise", "hypothesis", "label"};
    const auto asked = mnli->ask(row, mnli->readingOf(table, mnli->usualReading()), nullptr);
    QCOMPARE(asked.error().text(), "the label \"-\" is none of entailment, neutral, contradiction");
}

void TestGlueTasks::aMissingColumnIsNamed() {
    Table table;
    table.source = "qqp.tsv";
    table.columns = {"question1", "question2"};
    QCOMPARE(task("qqp")->checkRows(table, {}).error().text(),
             "qqp.tsv: has no column \"is_duplicate\"; its columns are question1, question2");
}

void TestGlueTasks::metricsAreThoseOfTheBenchmark() {
    const std::map<std::string, std::string> objectives{
        {"cola", "eval_matthews"}, {"sst2", "eval_accuracy"}, {"mrpc", "eval_f1"},
        {"stsb", "eval_spearman"}, {"qqp", "eval_f1"},        {"mnli", "eval_accuracy"},
        {"qnli", "eval_accuracy"}, {"rte", "eval_accuracy"},  {"wnli", "eval_accuracy"}};
    for (const auto& [id, metric] : objectives)
        QCOMPARE(task(id)->objective().metric, metric);
    std::vector<ExampleScore> scores(4); // expected 1 1 0 0, given 1 0 1 0
    for (std::size_t i = 0; i < scores.size(); ++i) {
        scores[i].labelledTokens = 1;
        scores[i].expectedLabel = i < 2 ? 1 : 0;
        scores[i].givenLabel = i % 2 == 0 ? 1 : 0;
        scores[i].lossSum = 0.5;
    }
    const auto mrpc = task("mrpc")->score(scores);
    QCOMPARE(mrpc.at("eval_f1"), 0.5);
    QCOMPARE(mrpc.at("eval_accuracy"), 0.5);
    QCOMPARE(mrpc.at("eval_loss"), 0.5);
    QCOMPARE(task("cola")->score(scores).at("eval_matthews"), 0.0);
}

void TestGlueTasks::similarityIsANumber() {
    const auto stsb = task("stsb");
    QVERIFY(stsb->answerForm() == AnswerForm::Number);
    std::vector<RowVerdict> verdicts;
    for (const auto& [expected, given] : {std::pair("1.5", 0.1), {"3.0", 0.5}, {"4.75", 0.4}}) {
        Question question;
        question.expected = expected;
        ModelAnswer answer;
        answer.number = given;
        verdicts.push_back(stsb->judge({}, question, answer));
    }
    QCOMPARE(verdicts[1].extracted, "0.5");
    QVERIFY(!verdicts[1].isCorrect);
    const auto values = stsb->summary(verdicts);
    QCOMPARE(values[0].name, "spearman");
    QCOMPARE(values[0].value, 0.5);
}

void TestGlueTasks::labelsMayBeNumbersOfNames() {
    const std::vector<std::string> names{"no", "yes"};
    QCOMPARE(labelNumber("yes", names).value(), std::size_t{1});
    QCOMPARE(labelNumber("0", names).value(), std::size_t{0});
    QVERIFY(!labelNumber("2", names));
    QVERIFY(!labelNumber("-1", names));
    const std::vector<std::string> numbers{"3", "1"};
    QCOMPARE(labelNumber("1", numbers).value(), std::size_t{1});
    QVERIFY(!labelNumber("0", numbers));
}

void TestGlueTasks::publishedFilesHaveTheirLabels_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("label");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("rows");
    QTest::newRow("MRPC train") << "mrpc"
                                << "MRPC/train.tsv"
                                << "equivalent" << 2474 << 3668;
    QTest::newRow("MRPC dev") << "mrpc"
                              << "MRPC/dev.tsv"
                              << "equivalent" << 279 << 408;
    QTest::newRow("MRPC test") << "mrpc"
                               << "MRPC/msr_paraphrase_test.txt"
                               << "equivalent" << 1147 << 1725;
    QTest::newRow("RTE train") << "rte"
                               << "RTE/train.tsv"
                               << "entailment" << 1249 << 2490;
    QTest::newRow("RTE dev") << "rte"
                             << "RTE/dev.tsv"
                             << "entailment" << 146 << 277;
    QTest::newRow("SST-2 dev") << "sst2"
                               << "SST-2/dev.tsv"
                               << "positive" << 444 << 872;
    QTest::newRow("CoLA train") << "cola"
                                << "CoLA/train.tsv"
                                << "acceptable" << 6023 << 8551;
    QTest::newRow("CoLA dev") << "cola"
                              << "CoLA/dev.tsv"
                              << "acceptable" << 721 << 1043;
    QTest::newRow("WNLI train") << "wnli"
                                << "WNLI/train.tsv"
                                << "entailment" << 312 << 635;
    QTest::newRow("WNLI dev") << "wnli"
                              << "WNLI/dev.tsv"
                              << "entailment" << 31 << 71;
}

void TestGlueTasks::publishedFilesHaveTheirLabels() {
    QFETCH(QString, id);
    QFETCH(QString, file);
    QFETCH(QString, label);
    QFETCH(int, count);
    QFETCH(int, rows);
    const std::string path = "data/glue/" + file.toStdString();
    LATHE_NEED_SHARED(path);
    const auto counts = answersIn(*task(id.toStdString()), sharedFile(path));
    QCOMPARE(counts.size(), std::size_t{2});
    QCOMPARE(counts.at(label.toStdString()), count);
    int all = 0;
    for (const auto& [name, each] : counts)
        all += each;
    QCOMPARE(all, rows);
}

void TestGlueTasks::similaritiesAreReadFromBothFiles() {
    LATHE_NEED_SHARED("data/glue/STS-B");
    const auto stsb = task("stsb");
    for (const auto& [file, rows] : {std::pair("dev.tsv", 1500), {"sts-test-original.tsv", 1379}}) {
        int all = 0;
        for (const auto& [score, count] :
             answersIn(*stsb, sharedFile(std::string("data/glue/STS-B/") + file))) {
            const double value = std::stod(score);
            QVERIFY(value >= 0 && value <= 5);
            all += count;
        }
        QCOMPARE(all, rows);
    }
}

QTEST_GUILESS_MAIN(TestGlueTasks)
#include "tst_glue_tasks.moc"
