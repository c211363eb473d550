#include "core/base/files.h"
#include "core/data/quality.h"
#include "tests/core/data/quality_table.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

namespace {

using Rows = std::vector<std::size_t>;

QString textOf(const std::string& text) { return QString::fromStdString(text); }

std::vector<Table> mathTests() {
    std::vector<Table> tests;
    for (const char* name : {"AddSub", "MultiArith", "SingleEq", "SVAMP", "gsm8k", "AQuA"})
        tests.push_back(
            readTable(sharedFile("data/math/dataset/" + std::string(name) + "/test.json")).value());
    return tests;
}

} // namespace

class TestQuality : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanRowsGiveNoFinding();
    void emptyFieldsAreFound();
    void anInstructionWithoutInputIsNotEmpty();
    void repeatedRowsAreFoundBehindTheFirst();
    void nearlyRepeatedRowsNameTheEarlierOne();
    void sharedRowsAreToldApartByLikeness();
    void publishedTrainingFileSharesItsTestRows();
    void oneTextWithTwoLabelsIsFound();
    void unevenLabelsAreAWarning();
    void answersAreNoLabels();
    void turnOrder_data();
    void turnOrder();
    void lengthsAreJudgedAtTheLongestSequence();
    void rowsThatAreNotUtf8AreTold();
    void answersInThePromptAreFound();
    void problemsComeFirst();
    void onlyChosenRowsAreLookedAt();
    void excerptsEndBetweenCharacters();
    void fixesLeaveOutTheirRows();
    void unknownFixIsRefused();
    void stopIsObeyed();
    void progressReachesTheEnd();
    void concernedRowsAreExported();
};

void TestQuality::cleanRowsGiveNoFinding() {
    const Table table = tableOf({{"How many legs has a cow?", "four"}, {"What does a cat say?", "meow"}});
    QVERIFY(checkQuality({{&table, kFields}}).value().empty());
}

void TestQuality::emptyFieldsAreFound() {
    const Table table = tableOf({{"a", "b"}, {"a", " \n"}, {"", "c"}, {"d"}});
    const auto findings = found({{&table, kFields}}, "empty_fields");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].rows, Rows({1, 2, 3}));
    QCOMPARE(findings[0].leaveOut, Rows({1, 2, 3}));
    QCOMPARE(findings[0].share, 0.75);
    QCOMPARE(findings[0].fix, std::string("drop_empty"));
    QCOMPARE(textOf(findings[0].examples[0].belongsTo), QStringLiteral("empty: output"));
}

void TestQuality::anInstructionWithoutInputIsNotEmpty() {
    const Table table = tableOf({{"a", "", "c"}, {"", "", "c"}});
    const RowFields fields{{"instruction", "output"}, "label", "", ""};
    const auto findings = found({{&table, fields}}, "empty_fields");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].rows, Rows({1}));
}

void TestQuality::repeatedRowsAreFoundBehindTheFirst() {
    const Table table = tableOf({{"a", "b"}, {"a", "c"}, {"a", "b"}, {"ab", ""}, {"a", "b"}});
    const auto findings = found({{&table, kFields}}, "duplicates");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].leaveOut, Rows({2, 4}));
    QCOMPARE(findings[0].examples[1].belongsTo, std::string("row 1"));
    QCOMPARE(textOf(findings[0].message), QStringLiteral("2 of 5 rows (40.0 %) repeat an earlier row word "
                                                         "by word"));
}

void TestQuality::nearlyRepeatedRowsNameTheEarlierOne() {
    const std::string text =
        "The quick brown fox jumps over the lazy dog while seven old men watch the river "
        "run down to the sea and say nothing at all";
    const Table table = tableOf({{"Something else entirely", "x"},
                                 {text, "y"},
                                 {text + "!", "y"},
                                 {text, "y"},
                                 {"THE QUICK BROWN FOX, " + text.substr(20) + " today", "y"}});
    const auto findings = found({{&table, kFields}}, "near_duplicates");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].rows, Rows({2, 4})); // row 3 repeats row 1 exactly
    QVERIFY(textOf(findings[0].examples[0].belongsTo).startsWith(QStringLiteral("row 2 (")));
}

void TestQuality::sharedRowsAreToldApartByLikeness() {
    const Table train =
        tableOf({{"What is two?", "2"}, {"how  many LEGS", "4"}, {"Name it.", "x"}, {"z", ""}});
    const Table eval =
        tableOf({{"What is two?", "two"}, {"How many legs"}, {"Name it"}, {"other"}, {"Name it."}});
    const auto findings = found({{&train, kFields}, {{&eval, kFields, "eval"}}}, "overlap");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].count, 3U);
    QCOMPARE(findings[0].share, 0.6);
    QCOMPARE(findings[0].leaveOut, Rows({0, 1, 2}));
    QCOMPARE(findings[0].severity, QualitySeverity::Problem);
    QCOMPARE(
        textOf(findings[0].message),
        QStringLiteral("3 of 5 evaluation rows also occur in the training data, 1 of them in another case "
                       "or spacing; 1 more differ in punctuation only"));
}

void TestQuality::publishedTrainingFileSharesItsTestRows() {
    LATHE_NEED_SHARED("data/math/ft-training_set/math_data.json");
    const Table train = readTable(sharedFile("data/math/ft-training_set/math_data.json")).value();
    const std::vector<Table> tests = mathTests();
    const RowFields fields{{"instruction", "input"}, "output", "", ""};
    QualityInput input{{&train, fields}};
    for (const Table& test : tests)
        input.evaluation.push_back({&test, fields});
    const auto findings = checkQuality(input).value();
    QVERIFY(!findings.empty());
    QCOMPARE(findings[0].id, std::string("overlap")); // without being asked, and before everything else
    Rows counts;
    for (const auto& [name, count] : findings[0].parts)
        counts.push_back(count);
    QCOMPARE(counts, Rows({316, 491, 406, 800, 1055, 203}));
    QCOMPARE(findings[0].count, 3271U);
    QVERIFY(findings[0].share > 0.8 && findings[0].share < 0.803);
    QVERIFY(
        textOf(findings[0].message)
            .startsWith(QStringLiteral("3,271 of 4,076 evaluation rows also occur in the training data")));
}

void TestQuality::oneTextWithTwoLabelsIsFound() {
    const Table table = tableOf({{"good", "1"}, {"bad", "0"}, {"Good ", "0"}, {"bad", "0"}, {"good", "1"}});
    const auto findings = found({{&table, kLabelFields}}, "conflicting_labels");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].rows, Rows({0, 2, 4}));
}

void TestQuality::unevenLabelsAreAWarning() {
    std::vector<std::vector<std::string>> rows(30, {"text", "yes"});
    rows.push_back({"text", "no"});
    const Table uneven = tableOf(rows);
    const auto findings = found({{&uneven, kLabelFields}}, "label_balance");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].severity, QualitySeverity::Warning);
    QCOMPARE(findings[0].parts[0], (std::pair<std::string, std::size_t>("yes", 30)));
    QCOMPARE(findings[0].parts[1].second, 1U);
    const Table even = tableOf({{"a", "yes"}, {"b", "no"}});
    QCOMPARE(found({{&even, kLabelFields}}, "label_balance")[0].severity, QualitySeverity::Note);
}

void TestQuality::answersAreNoLabels() {
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < 300; ++i)
        rows.push_back({"text", std::to_string(i)});
    const Table table = tableOf(rows);
    QVERIFY(found({{&table, kLabelFields}}, "label_balance").empty());
}

void TestQuality::turnOrder_data() {
    QTest::addColumn<QString>("turns");
    QTest::addColumn<QString>("problem");
    QTest::newRow("right") << R"([{"role":"system","content":"s"},{"role":"user","content":"a"},
        {"role":"assistant","content":"b"}])"
                           << "";
    QTest::newRow("ShareGPT") << R"([{"from":"human","value":"a"},{"from":"gpt","value":"b"}])"
                              << "";
    QTest::newRow("tools") << R"([{"role":"user","content":"a"},{"role":"assistant","tool_calls":[1]},
        {"role":"tool","content":"1"},{"role":"assistant","content":"b"}])"
                           << "";
    QTest::newRow("two users") << R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])"
                               << "two turns of the user in a row";
    QTest::newRow("assistant first") << R"([{"role":"assistant","content":"a"}])"
                                     << "the assistant speaks first";
    QTest::newRow("empty") << R"([{"role":"user","content":" "}])"
                           << "an empty turn of the user";
    QTest::newRow("unknown") << R"([{"role":"narrator","content":"a"}])"
                             << "unknown role \"narrator\"";
    QTest::newRow("no list") << R"({"role":"user"})"
                             << "not a list of turns";
    QTest::newRow("broken") << "[{"
                            << "not a list of turns";
    QTest::newRow("no role") << R"([{"content":"a"}])"
                             << "a turn without a role";
}

void TestQuality::turnOrder() {
    QFETCH(QString, turns);
    QFETCH(QString, problem);
    const Table table = tableOf({{turns.toStdString()}});
    const auto findings = found({{&table, {{}, "", "", "instruction"}}}, "turn_order");
    QCOMPARE(findings.empty(), problem.isEmpty());
    if (!findings.empty())
        QCOMPARE(textOf(findings[0].examples[0].belongsTo), problem);
}

void TestQuality::lengthsAreJudgedAtTheLongestSequence() {
    const Table table = tableOf({{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}});
    const TokenLengths lengths({{0, 4, 8}, {1, 4, 10}, {2, 5, 11}, {3, 10, 12}});
    QualityInput input{{&table, kFields}};
    input.lengths = &lengths;
    input.maxLength = 10;
    const auto findings = found(input, "lengths");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].rows, Rows({2, 3}));
    QVERIFY(textOf(findings[0].message)
                .endsWith(QStringLiteral("at 10 tokens 25.0 % truncated, 25.0 % dropped")));
    QCOMPARE(findings[0].severity, QualitySeverity::Problem);
    input.maxLength = 12;
    QCOMPARE(found(input, "lengths")[0].severity, QualitySeverity::Note);
}

void TestQuality::rowsThatAreNotUtf8AreTold() {
    const TempFolder folder;
    const Table table =
        readTable(folder.write("a.jsonl", "{\"instruction\":\"a\",\"output\":\"b\"}\n{\"instruction\":"
                                          "\"\xFF\",\"output\":\"b\"}\n"))
            .value();
    const auto findings = found({{&table, kFields}}, "encoding");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].count, 1U);
    QCOMPARE(findings[0].share, 0.5);
}

void TestQuality::answersInThePromptAreFound() {
    const Table table = tableOf({{"Repeat: the answer is  Forty Two", "The answer is forty two"},
                                 {"Is it so? yes or no", "yes"},
                                 {"Say something long", "something rather long"}});
    const auto findings = found({{&table, kFields}}, "answer_in_prompt");
    QCOMPARE(findings.size(), 1U);
    QCOMPARE(findings[0].rows, Rows({0}));
}

void TestQuality::problemsComeFirst() {
    const Table table = tableOf({{"a", "b"}, {"a", "b"}, {"c", ""}});
    const auto findings = checkQuality({{&table, kFields}}).value();
    QCOMPARE(findings.size(), 2U);
    QCOMPARE(findings[0].id, std::string("empty_fields"));
    QCOMPARE(findings[1].id, std::string("duplicates"));
    QVERIFY(!findings[1].label.empty() && !findings[1].advice.empty());
}

void TestQuality::onlyChosenRowsAreLookedAt() {
    const Table table = tableOf({{"a", "b"}, {"a", "b"}, {"a", "b"}});
    QualityInput input{{&table, kFields}};
    input.data.chosen = Rows{1, 2};
    const auto findings = found(input, "duplicates");
    QCOMPARE(findings[0].rows, Rows({2}));
    QCOMPARE(findings[0].share, 0.5);
}

void TestQuality::excerptsEndBetweenCharacters() {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "ä";
    for (const char* before : {"", "x"}) {
        CheckedRow row;
        row.prompt = before + text + "\n" + text;
        const std::string excerpt = excerptOf(row);
        QVERIFY(excerpt.size() <= kExcerptBytes);
        QVERIFY(excerpt.size() > kExcerptBytes - 6);
        QCOMPARE(textOf(excerpt).toStdString(), excerpt);
        QVERIFY(!textOf(excerpt).contains(QChar::ReplacementCharacter));
    }
}

void TestQuality::fixesLeaveOutTheirRows() {
    const Table table = tableOf({{"a", "b"}, {"a", "b"}, {"c", ""}, {"d", "e"}});
    const std::vector<std::string> fixes{"remove_duplicates", "drop_empty"};
    QCOMPARE(rowsAfterFixes({{&table, kFields}}, fixes).value(), Rows({0, 3}));
    QCOMPARE(rowsAfterFixes({{&table, kFields}}, {}).value(), Rows({0, 1, 2, 3}));
    const auto known = qualityFixes();
    QVERIFY(std::ranges::find(known, "remove_overlap") != known.end());
}

void TestQuality::unknownFixIsRefused() {
    const Table table = tableOf({{"a", "b"}});
    const std::vector<std::string> fixes{"polish"};
    const auto rows = rowsAfterFixes({{&table, kFields}}, fixes);
    QVERIFY(!rows.has_value());
    QVERIFY(textOf(rows.error().text()).contains(QStringLiteral("remove_duplicates")));
}

void TestQuality::stopIsObeyed() {
    const Table table = tableOf({{"a", "b"}, {"c", "d"}});
    std::stop_source stop;
    stop.request_stop();
    const auto findings = checkQuality({{&table, kFields}}, {}, {}, stop.get_token());
    QVERIFY(!findings.has_value());
    QCOMPARE(findings.error().kind, Error::Kind::Cancelled);
}

void TestQuality::progressReachesTheEnd() {
    const Table table = tableOf(std::vector<std::vector<std::string>>(3000, {"a", "b"}));
    std::vector<std::size_t> steps;
    const auto findings = checkQuality({{&table, kFields}}, {}, [&](std::size_t done, std::size_t total) {
        QCOMPARE(total, 3000U);
        steps.push_back(done);
    });
    QVERIFY(findings.has_value());
    QCOMPARE(steps, Rows({1024, 2048, 3000}));
}

void TestQuality::concernedRowsAreExported() {
    const TempFolder folder;
    const Table table = tableOf({{"a", "b"}, {"ä \"q\"\n", "[{\"role\":\"user\"}]"}, {"c", "d"}});
    const std::vector<std::size_t> rows{1, 2};
    QVERIFY(exportRows(table, rows, folder / "out.jsonl").has_value());
    const Table back = readTable(folder / "out.jsonl").value();
    QCOMPARE(back.size(), 2U);
    QCOMPARE(back.row(0), table.row(1));
    QCOMPARE(back.row(1), table.row(2));
}

QTEST_GUILESS_MAIN(TestQuality)
#include "tst_quality.moc"
