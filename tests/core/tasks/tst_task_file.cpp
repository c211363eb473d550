#include "core/tasks/task_file.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

namespace {

std::unique_ptr<Task> described(const std::string& json) {
    auto description = taskDescriptionFrom(json, "mine.json");
    if (!description)
        qWarning() << description.error().text().c_str();
    return makeDescribedTask(description.value());
}

std::string mistakeIn(const std::string& json) {
    const auto description = taskDescriptionFrom(json, "mine.json");
    return description ? "none" : description.error().text();
}

Question asked(const Task& task, const Row& row) {
    return task.ask(row, task.usualReading(), nullptr).value();
}

RowVerdict judged(const Task& task, const Row& row, const std::string& generated) {
    ModelAnswer answer;
    answer.text = generated;
    return task.judge(row, asked(task, row), answer);
}

} // namespace

class TestTaskFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRowIsAskedInTheFilesWords();
    void answersAreExtracted_data();
    void answersAreExtracted();
    void theRightAnswerMayBeExtractedToo();
    void labelsTellTheirMetrics();
    void choicesComeFromTheFileOrARow();
    void aHeadReadsItsColumns();
    void manyRepeatsDoNotExhaustTheStack();
    void mistakesAreNamedWithTheirPlace_data();
    void mistakesAreNamedWithTheirPlace();
    void allMistakesAreToldAtOnce();
    void filesAreFoundBesideIds();
};

void TestTaskFile::aRowIsAskedInTheFilesWords() {
    const auto task = described(R"({"name": "Capitals", "prompt": "Q: {question}\nA:",
        "columns": {"answer": "gold"}, "metrics": ["accuracy", "token_f1"],
        "generation": {"max_new_tokens": 8, "beams": 3, "stop": ["\n"]}})");
    const Row row{{"question", "Capital of France?"}, {"gold", "Paris"}};
    const Question question = asked(*task, row);
    QCOMPARE(question.prompt, "Q: Capital of France?\nA:");
    QCOMPARE(question.expected, "Paris");
    QCOMPARE(task->generation().beams, 3);
    QCOMPARE(task->generation().maxNewTokens, 8);
    QVERIFY(task->generation().stopTexts == std::vector<std::string>{"\n"});
    const RowVerdict verdict = judged(*task, row, " paris.");
    QCOMPARE(verdict.isCorrect, true);
    QCOMPARE(verdict.scores.at("token_f1"), 1.0);
    QCOMPARE(task->summary(std::vector{verdict}).size(), std::size_t{2});
    QCOMPARE(task->ask({{"gold", "Paris"}}, task->usualReading(), nullptr).error().kind, Error::Kind::Input);
}

void TestTaskFile::answersAreExtracted_data() {
    QTest::addColumn<QString>("extract");
    QTest::addColumn<QString>("found");
    QTest::newRow("whole") << R"({"by": "whole"})"
                           << "I say: no 12, yes 1,300.\nOver.";
    QTest::newRow("first line") << R"({"by": "first_line"})"
                                << "I say: no 12, yes 1,300.";
    QTest::newRow("last number") << R"({"by": "last_number"})"
                                 << "1300.";
    QTest::newRow("first word") << R"({"by": "first_word", "words": ["yes", "no"]})"
                                << "no";
    QTest::newRow("last word") << R"({"by": "last_word", "words": ["yes", "no"]})"
                               << "yes";
    QTest::newRow("pattern") << R"({"by": "pattern", "pattern": "[0-9]+"})"
                             << "12";
    QTest::newRow("last match") << R"({"by": "pattern", "pattern": "[0-9]+", "which": "last"})"
                                << "300";
    QTest::newRow("group") << R"x({"by": "pattern", "pattern": "say: (\\w+)"})x"
                           << "no";
    QTest::newRow("no match") << R"({"by": "pattern", "pattern": "maybe"})"
                              << "";
}

void TestTaskFile::answersAreExtracted() {
    QFETCH(QString, extract);
    QFETCH(QString, found);
    const auto task = described("{\"extract\": " + extract.toStdString() + "}");
    const Row row{{"instruction", "?"}, {"output", "no"}};
    const RowVerdict verdict = judged(*task, row, "I say: no 12, yes 1,300.\nOver.");
    QCOMPARE(QString::fromStdString(verdict.extracted), found);
    QCOMPARE(verdict.isCorrect, found == "no");
}

void TestTaskFile::theRightAnswerMayBeExtractedToo() {
    const auto task = described(R"({"prompt": "{question}", "columns": {"answer": "answer"},
        "extract": {"by": "last_number", "expected_too": true}, "compare": {"by": "number", "tolerance": 0.5},
        "metrics": ["accuracy", "mae"]})");
    const Row row{{"question", "?"}, {"answer", "3 + 4 = <<7>>7\n#### 7"}};
    QCOMPARE(asked(*task, row).expected, "7");
    const RowVerdict verdict = judged(*task, row, "so it is 7.25");
    QCOMPARE(verdict.isCorrect, true);
    QCOMPARE(task->summary(std::vector{verdict})[1].value, 0.25);
    QCOMPARE(judged(*task, row, "none").isCorrect, false);
    const auto words = described(R"({"prompt": "{question}", "columns": {"answer": "answer"},
        "compare": {"by": "number"}})");
    QCOMPARE(words->ask(row, words->usualReading(), nullptr).error().message,
             "the right answer \"3 + 4 = <<7>>7\n#### 7\" is not a number");
}

void TestTaskFile::labelsTellTheirMetrics() {
    const auto task = described(R"({"prompt": "{text}", "columns": {"answer": "label"},
        "labels": ["bad", "good"], "extract": {"by": "first_line"}, "metrics": ["macro_f1", "matthews"]})");
    std::vector<RowVerdict> verdicts;
    for (const auto& [label, said] : {std::pair("good", "Good."), {"bad", "bad"}, {"good", "fine"}})
        verdicts.push_back(judged(*task, {{"text", "?"}, {"label", label}}, said));
    QVERIFY((verdicts[0].parts.at("labels") == std::vector<double>{1, 1}));
    QVERIFY((verdicts[2].parts.at("labels") == std::vector<double>{1, -1}));
    QCOMPARE(task->summary(verdicts)[0].value, (2.0 / 3 + 1) / 2);
}

void TestTaskFile::choicesComeFromTheFileOrARow() {
    const auto fixed = described(R"({"answer": "choice", "prompt": "{q}", "columns": {"answer": "a"},
        "choices": ["yes", "no"], "metrics": ["accuracy_norm"]})");
    QVERIFY(fixed->answerForm() == AnswerForm::Choice);
    QCOMPARE(asked(*fixed, {{"q", "?"}, {"a", "1"}}).expected, "no");
    QCOMPARE(asked(*fixed, {{"q", "?"}, {"a", "1"}}).choicePrefix, " ");
    const auto own = described(R"({"answer": "choice", "prompt": "{q}",
        "columns": {"answer": "a", "choices": "options"}})");
    const Question question = asked(*own, {{"q", "?"}, {"a", "B"}, {"options", R"(["x", "y", "z"])"}});
    QCOMPARE(question.choices.size(), std::size_t{3});
    QCOMPARE(question.expected, "y");
}

void TestTaskFile::aHeadReadsItsColumns() {
    const auto task = described(R"({"answer": "label", "labels": ["no", "yes"],
        "columns": {"text": "premise", "pair": "claim", "label": "verdict"}})");
    QVERIFY(task->answerForm() == AnswerForm::Label);
    const Question question = asked(*task, {{"premise", "a"}, {"claim", "b"}, {"verdict", "1"}});
    QCOMPARE(question.prompt, "a");
    QCOMPARE(question.pair.value(), "b");
    QCOMPARE(question.expected, "yes");
    Table table;
    table.source = "rows.jsonl";
    table.columns = {"premise", "claim"};
    QCOMPARE(task->checkRows(table, {}).error().text(),
             "rows.jsonl: has no column \"verdict\"; its columns are premise, claim");
    QCOMPARE(task->objective().metric, "eval_accuracy");
    QVERIFY(described(R"({"answer": "number"})")->answerForm() == AnswerForm::Number);
    QVERIFY(described(R"({"answer": "loss"})")->answerForm() == AnswerForm::Loss);
}

void TestTaskFile::manyRepeatsDoNotExhaustTheStack() {
    AnswerExtraction extraction;
    extraction.by = AnswerExtraction::By::Pattern;
    extraction.pattern = "(?:a|b)*c";
    QCOMPARE(extractAnswer(std::string(2'000'000, 'a') + "c", extraction).size(), std::size_t{4000});
}

void TestTaskFile::mistakesAreNamedWithTheirPlace_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("mistake");
    QTest::newRow("no object") << "[1]"
                               << "the file is not an object in braces";
    QTest::newRow("unknown key") << R"({"colums": {}})"
                                 << "colums is not known; known are answer, ";
    QTest::newRow("form") << R"({"answer": "word"})"
                          << "answer \"word\" is not known; choose one of text, label, number, choice, loss";
    QTest::newRow("nested key") << R"({"generation": {"beam": 4}})"
                                << "generation.beam is not known";
    QTest::newRow("range") << R"({"generation": {"beams": 0}})"
                           << "generation.beams 0 is below 1";
    QTest::newRow("type") << R"({"generation": {"top_p": "1"}})"
                          << "generation.top_p is not a number";
    QTest::newRow("whole") << R"({"generation": {"top_k": 1.5}})"
                           << "generation.top_k is not a whole number";
    QTest::newRow("list") << R"({"labels": "yes"})"
                          << "labels is not a list of texts in quotes";
    QTest::newRow("one label") << R"({"labels": ["yes"]})"
                               << "labels has one entry; at least two are needed";
    QTest::newRow("metric") << R"({"answer": "label", "metrics": ["bleu"]})"
                            << "metrics \"bleu\" is none of accuracy, macro_f1, f1, matthews";
    QTest::newRow("template") << R"({"template": "alpacka"})"
                              << "template \"alpacka\" is not known; choose one of";
    QTest::newRow("both prompts") << R"({"template": "alpaca", "prompt": "{q}"})"
                                  << "prompt and template are both there";
    QTest::newRow("brace") << R"({"prompt": "{q"})"
                           << "prompt has a single '{' at position 1";
    QTest::newRow("words") << R"({"extract": {"by": "first_word"}})"
                           << "extract.words is missing";
    QTest::newRow("pattern") << R"({"extract": {"by": "pattern", "pattern": "(a"}})"
                             << "extract.pattern is no regular expression";
    QTest::newRow("choices") << R"({"answer": "choice"})"
                             << "choices are to be listed, or columns.choices";
    QTest::newRow("tolerance") << R"({"compare": {"tolerance": -1}})"
                               << "compare.tolerance -1.0 is below 0.0";
    QTest::newRow("flag") << R"({"extract": {"expected_too": 1}})"
                          << "extract.expected_too is neither";
    QTest::newRow("broken") << "{\"name\": \n \"x\",}"
                            << "is broken JSON: ";
}

void TestTaskFile::mistakesAreNamedWithTheirPlace() {
    QFETCH(QString, json);
    QFETCH(QString, mistake);
    const QString told = QString::fromStdString(mistakeIn(json.toStdString()));
    QVERIFY2(told.startsWith("mine.json: " + mistake), qPrintable(told));
    if (QString(QTest::currentDataTag()) == "broken")
        QVERIFY2(told.contains("line 2"), qPrintable(told));
}

void TestTaskFile::allMistakesAreToldAtOnce() {
    QCOMPARE(
        mistakeIn(R"({"generation": {"beams": 0, "stop": 1}, "metrics": ["speed"], "name": 3})"),
        "mine.json: name is not a text in quotes; metrics \"speed\" is none of accuracy, macro_f1, matthews, "
        "exact_match, token_f1, rouge1, rouge2, rougeL, bleu, pearson, spearman, mse, mae, r2; "
        "generation.beams 0 is below 1; generation.stop is not a list of texts in quotes");
}

void TestTaskFile::filesAreFoundBesideIds() {
    Registry<Task> registry;
    addBuiltinTasks(registry);
    const TempFolder folder;
    const auto file = folder.write("mine.json", R"({"answer": "loss"})");
    QVERIFY(findTask(registry, file.string()).value()->answerForm() == AnswerForm::Loss);
    QVERIFY(findTask(registry, "cola").has_value());
    QVERIFY(
        findTask(registry, "colla").error().message.starts_with("is not known; choose one of instruction"));
    QVERIFY(!findTask(registry, (folder / "none.json").string()).has_value());
}

QTEST_GUILESS_MAIN(TestTaskFile)
#include "tst_task_file.moc"
