#include "core/tasks/answer_text.h"
#include "core/tasks/task.h"

#include <QtTest>

#include <algorithm>

using namespace lathe;

namespace {

std::unique_ptr<Task> task(const std::string& id) {
    Registry<Task> registry;
    addBuiltinTasks(registry);
    return registry.make(id).value();
}

Table tableOf(std::vector<std::string> columns, Row row) {
    Table table;
    table.source = "rows.jsonl";
    table.columns = std::move(columns);
    table.add(std::move(row), 1);
    return table;
}

} // namespace

class TestBuiltinTasks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTaskReportsWhatItPromises_data();
    void everyTaskReportsWhatItPromises();
    void answersAreComparedNormalised_data();
    void answersAreComparedNormalised();
    void aLabelIsTheFirstLine();
    void aContinuationIsRightIfItBeginsAsTheTextGoesOn();
    void macroF1CountsRareLabelsAsMuch();
    void missingColumnsAreNamed();
};

void TestBuiltinTasks::everyTaskReportsWhatItPromises_data() {
    QTest::addColumn<QString>("id");
    Registry<Task> registry;
    addBuiltinTasks(registry);
    for (const PartInfo& info : registry.list())
        QTest::newRow(info.id.c_str()) << QString::fromStdString(info.id);
}

void TestBuiltinTasks::everyTaskReportsWhatItPromises() {
    QFETCH(QString, id);
    const auto made = task(id.toStdString());
    const std::vector<ExampleScore> scores{{1, 2, 1.5}, {2, 2, 0.5}};
    const auto reported = made->score(scores);
    const auto metrics = made->metrics();
    QCOMPARE(reported.size(), metrics.size());
    for (const MetricInfo& metric : metrics)
        QVERIFY2(reported.contains(metric.name), metric.name.c_str());
    const Objective objective = made->objective();
    const auto it = std::find_if(metrics.begin(), metrics.end(),
                                 [&](const MetricInfo& metric) { return metric.name == objective.metric; });
    QVERIFY(it != metrics.end());
    QCOMPARE(it->isHigherBetter, objective.maximize);
    QCOMPARE(reported.at("eval_loss"), 0.5);
    const std::vector<AnswerPair> answers{{" Yes.\n", "yes"}, {"no", "yes"}};
    QCOMPARE(made->scoreGenerated(answers).at("generated_accuracy"), 0.5);
    QVERIFY(made->scoreGenerated({}).empty());
}

void TestBuiltinTasks::answersAreComparedNormalised_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("normal");
    QTest::newRow("case and space") << " The  Big\n\tDog "
                                    << "the big dog";
    QTest::newRow("full stop") << "42. "
                               << "42";
    QTest::newRow("exclamation") << "Yes !"
                                 << "yes";
    QTest::newRow("inner signs") << "-3.5 o'clock, A.M."
                                 << "-3.5 o'clock, a.m";
    QTest::newRow("other scripts") << "Ähre É"
                                   << "Ähre É";
    QTest::newRow("empty") << " .\n"
                           << "";
}

void TestBuiltinTasks::answersAreComparedNormalised() {
    QFETCH(QString, text);
    QFETCH(QString, normal);
    QCOMPARE(QString::fromStdString(normalisedAnswer(text.toStdString())), normal);
}

void TestBuiltinTasks::aLabelIsTheFirstLine() {
    const auto made = task("classification");
    QVERIFY(made->isCorrect({"\n Positive.\nReview: it was", "positive"}));
    QVERIFY(!made->isCorrect({"positively", "positive"}));
    QVERIFY(!task("instruction")->isCorrect({"positive\nReview: it was", "positive"}));
}

void TestBuiltinTasks::aContinuationIsRightIfItBeginsAsTheTextGoesOn() {
    QVERIFY(task("text")->isCorrect({" sat on the mat and slept", "sat on the  mat"}));
    QVERIFY(!task("text")->isCorrect({"sat on", "sat on the mat"}));
}

void TestBuiltinTasks::macroF1CountsRareLabelsAsMuch() {
    const std::vector<AnswerPair> answers{{"a", "a"}, {"a", "a"}, {"a", "a"}, {"a", "b"}};
    const auto metrics = task("classification")->scoreGenerated(answers);
    QCOMPARE(metrics.at("generated_accuracy"), 0.75);
    QCOMPARE(metrics.at("generated_macro_f1"), (6.0 / 7.0 + 0) / 2);
    const std::vector<AnswerPair> strange{{"a", "a"}, {"c", "b"}}; // "c" is no label: it lowers b, adds none
    QCOMPARE(task("classification")->scoreGenerated(strange).at("generated_macro_f1"), 0.5);
}

void TestBuiltinTasks::missingColumnsAreNamed() {
    const RowReading reading{findPromptTemplate("plain").value(), "story"};
    const Table table = tableOf({"instruction", "text"}, {{"instruction", "a"}, {"text", "b"}});
    QCOMPARE(task("text")->checkRows(table, reading).error().text(),
             "rows.jsonl: has no column \"story\"; its columns are instruction, text");
    QCOMPARE(task("classification")->checkRows(table, reading).error().text(),
             "rows.jsonl, line 1: has no column \"output\"; its columns are instruction, text");
    QVERIFY(task("text")->checkRows(table, {reading.prompt, "text"}).has_value());
}

QTEST_GUILESS_MAIN(TestBuiltinTasks)
#include "tst_builtin_tasks.moc"
