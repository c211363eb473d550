#include "core/tasks/answer_text.h"
#include "core/tasks/task.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace lathe;

namespace {

std::unique_ptr<Task> task(const std::string& id) {
    Registry<Task> registry;
    addBuiltinTasks(registry);
    return registry.make(id).value();
}

struct AnswerPair {
    std::string generated;
    std::string expected;
};

RowVerdict judged(const std::string& id, const AnswerPair& pair) {
    Question question;
    question.expected = pair.expected;
    ModelAnswer answer;
    answer.text = pair.generated;
    return task(id)->judge({}, question, answer);
}

std::map<std::string, MetricValue> summed(const std::string& id, const std::vector<AnswerPair>& pairs) {
    std::vector<RowVerdict> verdicts;
    for (const AnswerPair& pair : pairs)
        verdicts.push_back(judged(id, pair));
    std::map<std::string, MetricValue> values;
    for (const MetricValue& value : task(id)->summary(verdicts))
        values[value.name] = value;
    return values;
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
    void rowsWithoutARightAnswerStayOpen();
    void plainTextIsJudgedByItsLoss();
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
    QVERIFY(!made->answerMetrics().empty());
    const auto values = made->summary({});
    for (std::size_t i = 0; i < values.size(); ++i) {
        QCOMPARE(values[i].name, made->answerMetrics()[i].name);
        QCOMPARE(values[i].count, 0);
        QVERIFY(std::isnan(values[i].value));
    }
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
    QCOMPARE(judged("classification", {"\n Positive.\nReview: it was", "positive"}).isCorrect, true);
    QCOMPARE(judged("classification", {"positively", "positive"}).isCorrect, false);
    QCOMPARE(judged("instruction", {"positive\nReview: it was", "positive"}).isCorrect, false);
    QCOMPARE(judged("instruction", {" Yes.\n", "yes"}).isCorrect, true);
}

void TestBuiltinTasks::rowsWithoutARightAnswerStayOpen() {
    const RowVerdict verdict = judged("classification", {"positive", ""});
    QCOMPARE(verdict.extracted, "positive");
    QVERIFY(!verdict.isCorrect);
    QCOMPARE(task("classification")->summary(std::vector{verdict}).front().count, 0);
}

void TestBuiltinTasks::plainTextIsJudgedByItsLoss() {
    const auto made = task("text");
    const RowReading reading = made->usualReading();
    const Question question = made->ask({{"text", "a story"}}, reading, nullptr).value();
    QCOMPARE(question.prompt, "a story");
    std::vector<RowVerdict> verdicts;
    for (const auto& [loss, tokens] : {std::pair(2.0, 1), std::pair(4.0, 3)}) {
        ModelAnswer answer;
        answer.lossSum = loss;
        answer.lossTokens = tokens;
        verdicts.push_back(made->judge({}, question, answer));
    }
    const auto values = made->summary(verdicts);
    QCOMPARE(values[0].name, "perplexity");
    QCOMPARE(values[0].value, std::exp(6.0 / 4));
    QCOMPARE(values[1].value, 6.0 / 4);
    QVERIFY(values[1].low >= 4.0 / 3 && values[1].high <= 2);
}

void TestBuiltinTasks::macroF1CountsRareLabelsAsMuch() {
    const auto values = summed("classification", {{"a", "a"}, {"a", "a"}, {"a", "a"}, {"a", "b"}});
    QCOMPARE(values.at("accuracy").value, 0.75);
    QCOMPARE(values.at("accuracy").low, wilsonInterval(3, 4).low);
    QCOMPARE(values.at("macro_f1").value, (6.0 / 7.0 + 0) / 2);
    // "c" is no label: it lowers b, adds none
    QCOMPARE(summed("classification", {{"a", "a"}, {"c", "b"}}).at("macro_f1").value, 0.5);
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
