#include "core/data/table.h"
#include "core/data/utf8.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;

namespace {

std::string at(const Table& table, std::size_t row, const std::string& column) {
    return table.row(row).at(column);
}

std::vector<std::size_t> linesOf(const Table& table) {
    std::vector<std::size_t> lines;
    for (std::size_t i = 0; i < table.size(); ++i)
        lines.push_back(table.line(i));
    return lines;
}

} // namespace

class TestTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jsonLinesBecomeRows();
    void valuesOtherThanTextStayAsWritten();
    void byteOrderMarkCrlfAndMissingLastNewlineDoNotMatter();
    void everyDroppedLineHasItsNumberAndReason();
    void aJsonArrayKeepsTheLinesOfItsRows();
    void aBrokenElementOfAnArrayCostsOnlyItself();
    void anArrayThatDoesNotCloseIsRefused_data();
    void anArrayThatDoesNotCloseIsRefused();
    void textIsCutAtBlankLinesOrElseAtLines();
    void unusableFilesAreRefusedInOneSentence_data();
    void unusableFilesAreRefusedInOneSentence();
    void utf8IsCheckedLikeUnicodeSays_data();
    void utf8IsCheckedLikeUnicodeSays();
    void aLineOfTenMegabytesIsRead();
    void theSharedSetsAreReadWhole_data();
    void theSharedSetsAreReadWhole();

private:
    test::TempFolder m_folder;
};

void TestTable::jsonLinesBecomeRows() {
    const auto table =
        readTable(m_folder.write("a.jsonl", "{\"b\":\"x\\ny\",\"a\":\"\\u00e9\\ud83d\\ude00\"}\n"
                                            "{\"c\":\"\",\"a\":\"q\"}\n"));
    QVERIFY(table.has_value());
    QCOMPARE(table->size(), 2U);
    QCOMPARE(table->columns, (std::vector<std::string>{"b", "a", "c"}));
    QCOMPARE(at(*table, 0, "b"), "x\ny");
    QCOMPARE(at(*table, 0, "a"), "é😀");
    QCOMPARE(at(*table, 1, "c"), "");
    QCOMPARE(linesOf(*table), (std::vector<std::size_t>{1, 2}));
    QCOMPARE(table->sha256.size(), 64U);
}

void TestTable::valuesOtherThanTextStayAsWritten() {
    const auto table = readTable(m_folder.write(
        "kept.jsonl", R"({ "a" : 1.50 , "b":-0,"c":true,"d":null,"e":[1, {"x": "]\""}],"f":{"y" : 2},)"
                      R"("g":12345678901234567890123, "h":1e+5,"a":2.50})"));
    QVERIFY(table.has_value());
    QCOMPARE(at(*table, 0, "a"), "2.50"); // a key that is there twice counts with its last value
    QCOMPARE(at(*table, 0, "b"), "-0");
    QCOMPARE(at(*table, 0, "c"), "true");
    QCOMPARE(at(*table, 0, "d"), "");
    QCOMPARE(at(*table, 0, "e"), R"([1, {"x": "]\""}])");
    QCOMPARE(at(*table, 0, "f"), R"({"y" : 2})");
    QCOMPARE(at(*table, 0, "g"), "12345678901234567890123");
    QCOMPARE(at(*table, 0, "h"), "1e+5");
}

void TestTable::byteOrderMarkCrlfAndMissingLastNewlineDoNotMatter() {
    const auto plain = readTable(m_folder.write("p.jsonl", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n"));
    const auto windows = readTable(m_folder.write("w.jsonl", "\xEF\xBB\xBF{\"a\":\"1\"}\r\n{\"a\":\"2\"}"));
    QVERIFY(plain.has_value());
    QVERIFY(windows.has_value());
    QCOMPARE(windows->size(), plain->size());
    for (std::size_t i = 0; i < plain->size(); ++i)
        QCOMPARE(windows->row(i), plain->row(i));
    QCOMPARE(linesOf(*windows), linesOf(*plain));
    const auto text = readTable(m_folder.write("w.txt", "\xEF\xBB\xBFone\r\ntwo\r\n\r\nthree"));
    QVERIFY(text.has_value());
    QCOMPARE(at(*text, 0, "text"), "one\ntwo");
    QCOMPARE(at(*text, 1, "text"), "three");
}

void TestTable::everyDroppedLineHasItsNumberAndReason() {
    const auto table = readTable(m_folder.write("d.jsonl", "{\"a\":\"ok\"}\n"
                                                           "{\"a\":}\n"
                                                           "[1,2]\n"
                                                           "\n"
                                                           "{\"a\":\"\xff\"}\n"
                                                           "{}\n"
                                                           "{\"a\":null}\n"
                                                           "{\"a\":\"open\n"
                                                           "{\"a\":\"ok\"} tail\n"
                                                           "{\"a\":\"last\"}\n"
                                                           "\n\n"));
    QVERIFY(table.has_value());
    QCOMPARE(linesOf(*table), (std::vector<std::size_t>{1, 10}));
    const std::vector<std::pair<std::size_t, QString>> wanted{
        {2, "broken JSON at byte 6"}, {3, "not an object"},         {4, "line is empty"},
        {5, "UTF-8 at byte 7"},       {6, "row is empty"},          {7, "row is empty"},
        {8, "broken JSON"},           {9, "broken JSON at byte 13"}};
    QCOMPARE(table->dropped.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        QCOMPARE(table->dropped[i].line, wanted[i].first);
        const QString reason = QString::fromStdString(table->dropped[i].reason);
        QVERIFY2(reason.contains(wanted[i].second), qPrintable(reason));
    }
}

void TestTable::aJsonArrayKeepsTheLinesOfItsRows() {
    const auto table = readTable(
        m_folder.write("a.json", "\n[\n  {\n    \"a\": \"1\"\n  },\n  {\"a\": \"]},[\"}, {\"a\":3}\n]\n"));
    QVERIFY(table.has_value());
    QCOMPARE(linesOf(*table), (std::vector<std::size_t>{3, 6, 6}));
    QCOMPARE(at(*table, 1, "a"), "]},[");
    QCOMPARE(at(*table, 2, "a"), "3");
}

void TestTable::aBrokenElementOfAnArrayCostsOnlyItself() {
    const auto table = readTable(
        m_folder.write("b.json", "[{\"a\":\"1\"},\n{\"a\" 2},\n7,\n{\"a\":\"\xC0\x80\"},\n{\"a\":\"5\"}]"));
    QVERIFY(table.has_value());
    QCOMPARE(linesOf(*table), (std::vector<std::size_t>{1, 5}));
    QCOMPARE(table->dropped.size(), 3U);
    QCOMPARE(table->dropped[0].line, 2U);
    QCOMPARE(table->dropped[1].line, 3U);
    QCOMPARE(table->dropped[2].line, 4U);
}

void TestTable::anArrayThatDoesNotCloseIsRefused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("ends in a row") << QByteArray("[{\"a\":1},\n{\"a\":") << "row that begins at line 2";
    QTest::newRow("ends in a string") << QByteArray("[{\"a\":\"x]") << "row that begins at line 1";
    QTest::newRow("trailing comma") << QByteArray("[{\"a\":1},") << "closing bracket is missing";
    QTest::newRow("brace") << QByteArray("[{\"a\":1}}") << "'}' too many at line 1";
    QTest::newRow("goes on") << QByteArray("[{\"a\":1}]\n{")
                             << "goes on after the end of the array at line 2";
    QTest::newRow("object") << QByteArray("{\"a\":1}") << "must hold an array of objects";
}

void TestTable::anArrayThatDoesNotCloseIsRefused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    const auto table = readTable(m_folder.write("c.json", content.toStdString()));
    QVERIFY(!table.has_value());
    QCOMPARE(table.error().kind, Error::Kind::Input);
    const QString text = QString::fromStdString(table.error().text());
    QVERIFY2(text.contains(message) && text.contains("c.json"), qPrintable(text));
}

void TestTable::textIsCutAtBlankLinesOrElseAtLines() {
    const auto paragraphs = readTable(m_folder.write("p.txt", "\n\na\nb\n \nc\n\n\n\nd\n\n"));
    QVERIFY(paragraphs.has_value());
    QCOMPARE(paragraphs->columns, std::vector<std::string>{"text"});
    QCOMPARE(paragraphs->size(), 3U);
    QCOMPARE(at(*paragraphs, 0, "text"), "a\nb");
    QCOMPARE(linesOf(*paragraphs), (std::vector<std::size_t>{3, 6, 10}));
    const auto lines = readTable(m_folder.write("l.txt", "a\nb\n\xff\nc\n\n"));
    QVERIFY(lines.has_value());
    QCOMPARE(linesOf(*lines), (std::vector<std::size_t>{1, 2, 4}));
    QCOMPARE(lines->dropped.size(), 1U);
    QCOMPARE(lines->dropped[0].line, 3U);
}

void TestTable::unusableFilesAreRefusedInOneSentence_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << "e.jsonl" << QByteArray() << "is empty";
    QTest::newRow("only blank") << "e.txt" << QByteArray("\xEF\xBB\xBF \n\r\n") << "is empty";
    QTest::newRow("no element") << "e.json" << QByteArray("[ ]") << "has no row";
    QTest::newRow("all broken") << "b.jsonl" << QByteArray("\n{\n")
                                << "first problem is in line 1: the line is empty";
    QTest::newRow("unknown ending") << "a.docx" << QByteArray("x")
                                    << "unknown ending .docx; known are .jsonl";
    QTest::newRow("no ending") << "data" << QByteArray("x") << "no file name ending";
    QTest::newRow("no gzip") << "g.csv.gz" << QByteArray("\x1F\x8B\x07zip and more") << "gzip";
    QTest::newRow("no Parquet") << "p.parquet" << QByteArray("text") << "not a sound Parquet file";
    QTest::newRow("no header") << "h.csv" << QByteArray("\"a\"b,c\n1,2\n")
                               << "header in line 1 cannot be used";
}

void TestTable::unusableFilesAreRefusedInOneSentence() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    const auto table = readTable(m_folder.write(name.toStdString(), content.toStdString()));
    QVERIFY(!table.has_value());
    QCOMPARE(table.error().kind, Error::Kind::Input);
    const QString text = QString::fromStdString(table.error().text());
    QVERIFY2(text.contains(message) && text.contains(name), qPrintable(text));
    const auto missing = readTable(m_folder / "missing.jsonl");
    QVERIFY(!missing.has_value());
    QCOMPARE(missing.error().kind, Error::Kind::Input);
}

void TestTable::utf8IsCheckedLikeUnicodeSays_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("firstBad");
    QTest::newRow("all lengths") << QByteArray(
                                        "a\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")
                                 << -1;
    QTest::newRow("continuation alone") << QByteArray("ab\x80") << 2;
    QTest::newRow("overlong two") << QByteArray("\xC1\xBF") << 0;
    QTest::newRow("overlong three") << QByteArray("\xE0\x9F\xBF") << 0;
    QTest::newRow("overlong four") << QByteArray("\xF0\x8F\xBF\xBF") << 0;
    QTest::newRow("surrogate") << QByteArray("a\xED\xA0\x80") << 1;
    QTest::newRow("above the last") << QByteArray("\xF4\x90\x80\x80") << 0;
    QTest::newRow("cut short") << QByteArray("a\xE2\x82") << 1;
    QTest::newRow("bad third") << QByteArray("\xE2\x82"
                                             "a")
                               << 0;
}

void TestTable::utf8IsCheckedLikeUnicodeSays() {
    QFETCH(QByteArray, text);
    QFETCH(int, firstBad);
    const auto found = firstInvalidUtf8(text.toStdString());
    QCOMPARE(found ? static_cast<int>(*found) : -1, firstBad);
    QCOMPARE(utf8Beginning("a\xC3\xA9z", 2), "a");
    QCOMPARE(utf8Beginning("a\xC3\xA9z", 3), "a\xC3\xA9");
    QCOMPARE(utf8End("a\xC3\xA9z", 2), "z");
    QCOMPARE(utf8End("a\xC3\xA9z", 9), "a\xC3\xA9z");
}

void TestTable::aLineOfTenMegabytesIsRead() {
    const std::string longText(10'000'000, 'x');
    const auto table = readTable(m_folder.write("long.jsonl", "{\"a\":\"" + longText + "\"}\n"));
    QVERIFY(table.has_value());
    QVERIFY(at(*table, 0, "a") == longText);
}

void TestTable::theSharedSetsAreReadWhole_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("rows");
    QTest::newRow("alpaca") << "data/instruct/alpaca_en_demo.json" << 999;
    QTest::newRow("dolly") << "data/instruct/dolly_short_6k.jsonl" << 6397;
    QTest::newRow("self-instruct") << "data/instruct/self_instruct_seed_tasks.jsonl" << 175;
    QTest::newRow("wiki") << "data/corpus/wiki_demo.txt" << 30;
}

void TestTable::theSharedSetsAreReadWhole() {
    QFETCH(QString, name);
    QFETCH(int, rows);
    LATHE_NEED_SHARED(name.toStdString());
    const auto table = readTable(test::sharedFile(name.toStdString()));
    QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
    QCOMPARE(table->size(), static_cast<std::size_t>(rows));
    QVERIFY(table->dropped.empty());
}

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
