#include "core/tasks/answer_extraction.h"
#include "core/tasks/published_answers.h"
#include "core/tasks/task.h"
#include "tests/support/shared_files.h"

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

RowVerdict judged(const Task& judge, const std::string& generated, const std::string& expected) {
    Question question;
    question.expected = expected;
    ModelAnswer answer;
    answer.text = generated;
    return judge.judge({}, question, answer);
}

/// The recorded prediction is a float for the sets with numbers, so it may be written in another way.
bool isSameAnswer(const std::string& extracted, const std::string& recorded) {
    if (extracted == recorded)
        return true;
    const auto a = numberOf(extracted);
    const auto b = numberOf(recorded);
    return a && b && *a == *b;
}

} // namespace

class TestReasoningTasks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lastNumber_data();
    void lastNumber();
    void letters_data();
    void letters();
    void theFirstAcceptedWordCounts();
    void nothingFoundIsWrong();
    void answersAreGeneratedAsPublished();
    void aRowIsAskedAsPublished();
    void anAnswerThatIsNoneIsToldWithTheRow();
    void anExerciseThatFollowsIsNotTheAnswer();
    void publishedPredictionsAreReproduced_data();
    void publishedPredictionsAreReproduced();
    void infinityInAResultFileIsRead();
    void everyAnswerOfThePublishedSetsIsOne();
};

void TestReasoningTasks::lastNumber_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("number");
    QTest::newRow("last of several") << "3 + 4 = 7 apples"
                                     << "7";
    QTest::newRow("minus in a term") << "10-5"
                                     << "-5";
    QTest::newRow("fraction") << "1/2"
                              << "2";
    QTest::newRow("full stop") << "it is 5."
                               << "5.";
    QTest::newRow("thousands") << "$1,234,567.50"
                               << "1234567.50";
    QTest::newRow("two points") << "1.2.3"
                                << "3";
    QTest::newRow("minus alone") << "- 4 -"
                                 << "4";
    QTest::newRow("two minuses") << "--8"
                                 << "-8";
    QTest::newRow("none") << "no number - at all."
                          << "";
}

void TestReasoningTasks::lastNumber() {
    QFETCH(QString, text);
    QFETCH(QString, number);
    QCOMPARE(QString::fromStdString(lathe::lastNumber(text.toStdString()).value_or("")), number);
}

void TestReasoningTasks::letters_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("last");
    QTest::addColumn<QString>("option");
    QTest::newRow("stated") << "Divide it. The answer is (B)."
                            << "D"
                            << "B"
                            << "B";
    QTest::newRow("then talk") << "The answer is C) 42. Because Every day counts."
                               << "C"
                               << "E"
                               << "C";
    QTest::newRow("article") << "A train leaves. So the right option is E"
                             << "A"
                             << "E"
                             << "E";
    QTest::newRow("brackets first") << "D is near, but (B) it is, not E"
                                    << "D"
                                    << "E"
                                    << "B";
    QTest::newRow("inside words") << "Because Everything"
                                  << "B"
                                  << "E"
                                  << "";
    QTest::newRow("none") << "no idea"
                          << ""
                          << ""
                          << "";
}

void TestReasoningTasks::letters() {
    QFETCH(QString, text);
    QFETCH(QString, first);
    QFETCH(QString, last);
    QFETCH(QString, option);
    for (const auto& [id, letter] : {std::pair("aqua", first), {"aqua-last", last}, {"aqua-option", option}})
        QCOMPARE(QString::fromStdString(judged(*task(id), text.toStdString(), "A").extracted), letter);
}

void TestReasoningTasks::theFirstAcceptedWordCounts() {
    QCOMPARE(judged(*task("boolq"), "the correct answer is false, not true", "false").isCorrect, true);
    QCOMPARE(judged(*task("boolq"), "True", "true").extracted, "");
    QCOMPARE(judged(*task("arc_challenge"), "answer3 answer1", "answer1").isCorrect, false);
    QCOMPARE(judged(*task("piqa"), "solution3 or solution2", "solution2").isCorrect, true);
    QCOMPARE(lastOfWords("true false maybe", std::vector<std::string>{"true", "false"}), "false");
}

void TestReasoningTasks::nothingFoundIsWrong() {
    const RowVerdict verdict = judged(*task("gsm8k"), "I do not know.", "4");
    QCOMPARE(verdict.extracted, "");
    QCOMPARE(verdict.isCorrect, false);
    QCOMPARE(judged(*task("mawps"), "so 1.8333 remain", "1.8333333333333335").isCorrect, true);
    QCOMPARE(judged(*task("mawps"), "so 1.83 remain", "1.8333333333333335").isCorrect, false);
}

void TestReasoningTasks::answersAreGeneratedAsPublished() {
    for (const auto& [id, tokens] :
         {std::pair("gsm8k", 256), {"aqua", 256}, {"boolq", 32}, {"hellaswag", 32}}) {
        const GenerationOptions options = task(id)->generation();
        QCOMPARE(options.beams, 4);
        QCOMPARE(options.maxNewTokens, tokens);
        QCOMPARE(options.temperature, 0.0);
        QCOMPARE(options.lengthPenalty, 1.0);
        QVERIFY(!options.shouldStopBeamsEarly);
        QVERIFY(options.stopTexts.empty());
    }
}

void TestReasoningTasks::aRowIsAskedAsPublished() {
    const auto addsub = task("addsub");
    const Row row{{"instruction", "2 and 2 ?"}, {"input", ""}, {"output", "so 4"}, {"answer", "4.0"}};
    const Question question = addsub->ask(row, addsub->usualReading(), nullptr).value();
    const std::string indent(16, ' ');
    QCOMPARE(
        question.prompt,
        "Below is an instruction that describes a task. Write a response that appropriately completes the "
        "request. \n\n" +
            indent + "### Instruction:\n" + indent + "2 and 2 ?\n\n" + indent + "### Response:\n" + indent);
    QCOMPARE(question.expected, "4.0");
}

void TestReasoningTasks::anAnswerThatIsNoneIsToldWithTheRow() {
    const auto ask = [](const std::string& id, const std::string& answer) {
        const auto made = task(id);
        return made->ask({{"instruction", "?"}, {"answer", answer}}, made->usualReading(), nullptr);
    };
    QCOMPARE(ask("gsm8k", "four").error().text(), "the answer \"four\" is not a number");
    QCOMPARE(ask("aqua", "F").error().text(), "the answer \"F\" is not a letter from A to E");
    QCOMPARE(ask("boolq", "yes").error().text(), "the answer \"yes\" is not one of true, false");
    QVERIFY(ask("gsm8k", "").value().expected.empty());
}

void TestReasoningTasks::anExerciseThatFollowsIsNotTheAnswer() {
    QCOMPARE(judged(*task("gsm8k"), " It is 4.\n\n### Response:\n 17", "4").isCorrect, true);
}

void TestReasoningTasks::publishedPredictionsAreReproduced_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QList<int>>("right"); // of AQuA, AddSub, MultiArith, SVAMP, SingleEq, gsm8k
    QTest::newRow("LoRA") << "llama-7b-lora.jsonl" << QList<int>{48, 329, 570, 521, 429, 495};
    QTest::newRow("prefix") << "llama-7b-prefix.jsonl" << QList<int>{36, 225, 379, 381, 281, 322};
}

/// What the authors' scorer took from LLaMA-7B's answers, and what it counted.
void TestReasoningTasks::publishedPredictionsAreReproduced() {
    QFETCH(QString, file);
    QFETCH(QList<int>, right);
    const std::string path = "data/math/golden_eval/" + file.toStdString();
    LATHE_NEED_SHARED(path);
    const std::map<std::string, std::string> ids{
        {"AQuA", "aqua"},         {"AddSub", "addsub"}, {"MultiArith", "multiarith"},
        {"SingleEq", "singleeq"}, {"SVAMP", "svamp"},   {"gsm8k", "gsm8k"}};
    std::map<std::string, std::vector<RowVerdict>> verdicts;
    const auto answers = readPublishedAnswers(sharedFile(path)).value();
    QCOMPARE(answers.size(), std::size_t{4076});
    for (const PublishedAnswer& answer : answers) {
        const RowVerdict verdict = judged(*task(ids.at(answer.dataset)), answer.output, answer.expected);
        QVERIFY2(isSameAnswer(verdict.extracted, answer.prediction), answer.output.c_str());
        QVERIFY2(verdict.isCorrect == answer.isRight, answer.output.c_str());
        verdicts[answer.dataset].push_back(verdict);
    }
    QCOMPARE(verdicts.size(), std::size_t{6});
    auto expected = right.begin();
    for (const auto& [dataset, all] : verdicts) {
        const MetricValue accuracy = task(ids.at(dataset))->summary(all).front();
        QCOMPARE(accuracy.count, static_cast<std::int64_t>(all.size()));
        QCOMPARE(static_cast<int>(std::lround(accuracy.value * static_cast<double>(accuracy.count))),
                 *expected++);
    }
}

void TestReasoningTasks::infinityInAResultFileIsRead() {
    const auto answers = publishedAnswersFrom(
        R"([{"instruction": "?", "answer": "4", "output_pred": "Infinity and \"NaN\"", "pred": Infinity,
             "flag": false}, {"answer": "4.0", "output_pred": "4", "pred": 4.0, "flag": true},
            {"answer": "1", "output_pred": "-", "pred": -Infinity, "flag": false}])",
        "results.json");
    QVERIFY2(answers.has_value(), answers ? "" : answers.error().text().c_str());
    QCOMPARE(answers->at(0).prediction, "inf");
    QCOMPARE(answers->at(0).output, "Infinity and \"NaN\"");
    QCOMPARE(answers->at(0).isRight, false);
    QCOMPARE(judged(*task("addsub"), answers->at(0).output, answers->at(0).expected).isCorrect, false);
    QCOMPARE(answers->at(1).prediction, "4.0");
    QCOMPARE(answers->at(2).prediction, "-inf");
    QCOMPARE(publishedAnswersFrom("{\"pred\": 1}", "results.json").error().where, "results.json");
}

void TestReasoningTasks::everyAnswerOfThePublishedSetsIsOne() {
    const std::map<std::string, std::pair<std::string, std::size_t>> sets{
        {"math/dataset/AddSub", {"addsub", 395}},
        {"math/dataset/MultiArith", {"multiarith", 600}},
        {"math/dataset/SingleEq", {"singleeq", 508}},
        {"math/dataset/SVAMP", {"svamp", 1000}},
        {"math/dataset/gsm8k", {"gsm8k", 1319}},
        {"math/dataset/AQuA", {"aqua", 254}},
        {"math/dataset/mawps", {"mawps", 238}},
        {"commonsense/dataset/boolq", {"boolq", 3270}},
        {"commonsense/dataset/piqa", {"piqa", 1838}},
        {"commonsense/dataset/social_i_qa", {"social_i_qa", 1954}},
        {"commonsense/dataset/winogrande", {"winogrande", 1267}},
        {"commonsense/dataset/ARC-Challenge", {"arc_challenge", 1172}},
        {"commonsense/dataset/openbookqa", {"openbookqa", 500}}};
    for (const auto& [folder, set] : sets) {
        LATHE_NEED_SHARED("data/" + folder);
        const auto made = task(set.first);
        const Table table = made->readRows(sharedFile("data/" + folder + "/test.json")).value();
        QCOMPARE(table.size(), set.second);
        const RowReading reading = made->readingOf(table, made->usualReading());
        for (std::size_t i = 0; i < table.size(); ++i) {
            const Row row = table.row(i);
            const auto question = made->ask(row, reading, nullptr);
            QVERIFY2(question.has_value(), question ? "" : question.error().text().c_str());
            // The training target of common sense names the label; of mathematics it may be wrong.
            if (folder.starts_with("common"))
                QCOMPARE(judged(*made, row.at("output"), question->expected).isCorrect, true);
        }
    }
}

QTEST_GUILESS_MAIN(TestReasoningTasks)
#include "tst_reasoning_tasks.moc"
