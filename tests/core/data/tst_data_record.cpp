#include "core/data/data_record.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;

namespace {

QString textOf(const std::string& text) { return QString::fromStdString(text); }

FileRecord file(std::size_t used, std::size_t bad) {
    FileRecord record;
    record.role = "training";
    record.path = "folder/rows.jsonl";
    record.rows = used + bad;
    record.used = used;
    for (std::size_t i = 0; i < bad; ++i)
        record.dropped.add(i % 3 == 0 ? "the column \"output\" is empty"
                                      : "the prompt alone has " + std::to_string(300 + i) + " tokens");
    return record;
}

} // namespace

class TestDataRecord : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reasonsCountTogetherWhateverTheirNumbers();
    void recordComesBackAsItWas();
    void brokenRecordIsNone();
    void fivePercentAreAllowedAndNoMore();
    void refusalNamesCountsReasonsAndTheWayOut();
    void noUsableRowIsRefusedWhateverIsAllowed();
    void wordsTellEveryRow();
};

void TestDataRecord::reasonsCountTogetherWhateverTheirNumbers() {
    RowReasons reasons;
    reasons.add("has 12 tokens");
    reasons.add("is empty", 5);
    reasons.add("has 7 tokens");
    QCOMPARE(reasons.total(), 7U);
    QCOMPARE(textOf(reasons.inWords()), QStringLiteral("5 × is empty, 2 × has 12 tokens"));
    for (const char* letter : {"a", "b", "c", "d"})
        reasons.add(letter);
    QVERIFY(textOf(reasons.inWords()).endsWith(QStringLiteral(", and 2 more reasons")));
}

void TestDataRecord::recordComesBackAsItWas() {
    DataRecord record;
    record.files = {file(90, 10)};
    record.files[0].sha256 = "ab";
    record.files[0].format = "JSON Lines";
    record.files[0].leftOut = 2;
    record.files[0].truncated = 3;
    record.files[0].cut.add("the answer lost 4 tokens", 3);
    record.files[0].firstDropped = {{7, "is \"bad\""}};
    record.reading = {{"task", "instruction"}, {"max_length", "64"}};
    record.split = {{"split", "folds"}, {"hash", "cd"}};
    record.parts = {{"train", "training", 2, "ef", {3, 1}}, {"eval", "training", 1, "01"}};
    record.fixes = {"drop_empty"};
    record.warnings = {"1 of 2 evaluation rows also occur in the training data"};
    const test::TempFolder folder;
    (void)folder.write(kDataRecordFile, toJson(record));
    const auto back = readDataRecord(folder.path());
    QVERIFY(back.has_value());
    QCOMPARE(textOf(toJson(*back)), textOf(toJson(record)));
}

void TestDataRecord::brokenRecordIsNone() {
    const test::TempFolder folder;
    QVERIFY(!readDataRecord(folder.path()).has_value());
    for (const char* text : {"", "[]", "{\"files\":[{}]}", "{\"files\":3}"}) {
        (void)folder.write(kDataRecordFile, text);
        QVERIFY(!readDataRecord(folder.path()).has_value());
        QCOMPARE(dataRecordFrom(text).error().kind, Error::Kind::Input);
    }
}

void TestDataRecord::fivePercentAreAllowedAndNoMore() {
    QVERIFY(checkBadRows(file(95, 5), 0.05).has_value());
    QVERIFY(!checkBadRows(file(94, 6), 0.05).has_value());
    QVERIFY(checkBadRows(file(94, 6), 0.06).has_value());
    QVERIFY(checkBadRows(file(1, 99), 1).has_value());
    QVERIFY(!checkBadRows(file(99, 1), 0).has_value());
}

void TestDataRecord::refusalNamesCountsReasonsAndTheWayOut() {
    const QString text = textOf(checkBadRows(file(91, 9), 0.05).error().text());
    QCOMPARE(text,
             QStringLiteral("folder/rows.jsonl: 9 of 100 rows (9 %) cannot be used, more than the 5 % of "
                            "max_bad_rows: 6 × the prompt alone has 301 tokens, 3 × the column \"output\" is "
                            "empty; mend the file, or allow it with max_bad_rows 0.09"));
}

void TestDataRecord::noUsableRowIsRefusedWhateverIsAllowed() {
    const auto refused = checkBadRows(file(0, 3), 1);
    QVERIFY(!refused.has_value());
    QVERIFY(textOf(refused.error().text()).contains(QStringLiteral("has no usable row among 3")));
}

void TestDataRecord::wordsTellEveryRow() {
    DataRecord record;
    record.files = {file(90, 3)};
    record.files[0].truncated = 4;
    record.split = {{"split", "ratio"}};
    record.parts = {{"train", "training", 81, ""}, {"eval", "training", 9, ""}};
    record.warnings = {"a warning"};
    const auto lines = inWords(record);
    QCOMPARE(lines.size(), 3U);
    QCOMPARE(
        textOf(lines[0]),
        QStringLiteral("For training: rows.jsonl, 93 rows, 90 used, 3 dropped (2 × the prompt alone has "
                       "301 tokens, 1 × the column \"output\" is empty), 4 cut at the longest sequence"));
    QCOMPARE(textOf(lines[1]), QStringLiteral("Split ratio: train 81, eval 9"));
}

QTEST_GUILESS_MAIN(TestDataRecord)
#include "tst_data_record.moc"
