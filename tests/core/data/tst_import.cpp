#include "core/data/dataset_cache.h"
#include "core/data/table.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <atomic>
#include <thread>
#include <zlib.h>

using namespace lathe;

namespace {

namespace fs = std::filesystem;

std::string gzipped(std::string_view text) {
    std::string packed(text.size() + 1000, '\0');
    z_stream stream{};
    constexpr int kGzip = 16;
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string utf16(const QString& text, bool isBigEndian) {
    std::string bytes;
    for (const QChar unit : text) {
        const char low = static_cast<char>(unit.unicode() & 0xFF);
        const char high = static_cast<char>(unit.unicode() >> 8);
        bytes += isBigEndian ? high : low;
        bytes += isBigEndian ? low : high;
    }
    return bytes;
}

std::string at(const Table& table, std::size_t row, const std::string& column) {
    const Row cells = table.row(row);
    const auto cell = cells.find(column);
    return cell == cells.end() ? std::string("(none)") : cell->second;
}

std::vector<std::size_t> droppedLines(const Table& table) {
    std::vector<std::size_t> lines;
    for (const DroppedRow& row : table.dropped)
        lines.push_back(row.line);
    return lines;
}

using Lines = std::vector<std::size_t>;
using Names = std::vector<std::string>;

} // namespace

/// Formats, detection and the store of rows.
class TestImport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void csvFollowsTheStandard();
    void raggedAndBrokenRowsAreDroppedAndReadingGoesOnAtTheNextLine();
    void headersAreToldFromRows_data();
    void headersAreToldFromRows();
    void delimitersAreFound_data();
    void delimitersAreFound();
    void quotesInTablesWithTabsAreSigns();
    void whatTheUserGivesStands();
    void glueIsReadAsItsNotesSay_data();
    void glueIsReadAsItsNotesSay();
    void jsonComesInSeveralShapes_data();
    void jsonComesInSeveralShapes();
    void shortColumnsCostTheRowsTheyLack();
    void encodingsAreFound_data();
    void encodingsAreFound();
    void halfCharactersOfUtf16CostTheirRow();
    void schemasAreRecognised_data();
    void schemasAreRecognised();
    void compressedFilesAreRead();
    void truncatedCompressionIsRefused();
    void parquetKeepsEveryValue_data();
    void parquetKeepsEveryValue();
    void twinKeysAreNoted();
    void rowsOnDiskAreThoseInMemory_data();
    void rowsOnDiskAreThoseInMemory();
    void theIndexIsUsedAgainForTheSameContentAndOptions();
    void aDamagedIndexIsMadeAgain();
    void theCacheKeepsItsLimit();
    void rowsMayBeReadBySeveralThreads();
    void anImportCanBeCancelled();
    void progressReachesTheEnd();

private:
    Result<Table> read(const char* name, std::string_view content, const ImportOptions& options = {}) {
        return importTable(m_folder.write(name, content), options);
    }
    ImportOptions onDisk() const {
        ImportOptions options;
        options.memoryLimit = 0;
        options.cacheFolder = m_folder / "cache";
        return options;
    }

    test::TempFolder m_folder;
};

void TestImport::csvFollowsTheStandard() {
    const auto table = read("a.csv", "name,text,n\r\n"
                                     "x,\"a, \"\"b\"\"\r\nsecond line\",1\r\n"
                                     "y,plain \"quote\" inside,2\r\n"
                                     "z,\"\",3");
    QVERIFY(table.has_value());
    QCOMPARE(table->columns, (Names{"name", "text", "n"}));
    QCOMPARE(table->size(), 3U);
    QCOMPARE(at(*table, 0, "text"), "a, \"b\"\r\nsecond line");
    QCOMPARE(at(*table, 1, "text"), "plain \"quote\" inside");
    QCOMPARE(at(*table, 2, "text"), "");
    QCOMPARE(at(*table, 2, "n"), "3");
    QCOMPARE(table->line(1), 4U);
    QCOMPARE(table->format.reader.value, "csv");
    QCOMPARE(table->droppedCount(), 0U);
}

void TestImport::raggedAndBrokenRowsAreDroppedAndReadingGoesOnAtTheNextLine() {
    std::string content = "a,b\n1,2\n1\n1,2,3\n\n\"x\"y,2\n\"open,2\n\"3\",\"4\"\n,\na";
    content += std::string("\0b,2\n", 5) + "\xff,2\n5,6\n\n\n";
    const auto whole = read("c.csv", content);
    QVERIFY(whole.has_value());
    QCOMPARE(whole->size(), 3U);
    QCOMPARE(at(*whole, 1, "a"), "3");
    QCOMPARE(at(*whole, 2, "b"), "6");
    QCOMPARE(droppedLines(*whole), (Lines{3, 4, 5, 6, 7, 9, 10, 11}));
    const std::vector<const char*> reasons{"has 1 cell where 2 columns are",
                                           "has 3 cells where 2 columns are",
                                           "the line is empty",
                                           "between a closing quote and the next delimiter",
                                           "between a closing quote and the next delimiter",
                                           "the row is empty",
                                           "NUL byte at byte 2",
                                           "not valid UTF-8 at byte 1"};
    for (std::size_t i = 0; i < reasons.size(); ++i)
        QVERIFY2(whole->dropped[i].reason.find(reasons[i]) != std::string::npos,
                 whole->dropped[i].reason.c_str());
}

void TestImport::headersAreToldFromRows_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<bool>("hasHeader");
    QTest::newRow("numbers below a name") << QByteArray("text,label\ngood,1\nbad,0\n") << true;
    QTest::newRow("names of words") << QByteArray("question,answer\nwhy not,because\nwho knows,nobody\n")
                                    << true;
    QTest::newRow("a number in the first row")
        << QByteArray("gj04,1,,Our friends\ngj04,0,*,They are\n") << false;
    QTest::newRow("a label that comes again")
        << QByteArray("a fine film,positive\nso so,negative\nyes,positive\n") << false;
    QTest::newRow("joined files") << QByteArray("text,label\na,x\ntext,label\nb,y\n") << true;
    QTest::newRow("the same name twice") << QByteArray("a,a\nb,c\n") << false;
}

void TestImport::headersAreToldFromRows() {
    QFETCH(QByteArray, content);
    QFETCH(bool, hasHeader);
    const auto table = read("h.csv", content.toStdString());
    QVERIFY(table.has_value());
    QCOMPARE(table->format.hasHeader.value, hasHeader);
    QCOMPARE(table->columns.front() == "column1", !hasHeader);
}

void TestImport::delimitersAreFound_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<char>("delimiter");
    QTest::newRow("comma") << "a.csv" << QByteArray("a,b\nx; y,2\n") << ',';
    QTest::newRow("semicolon") << "b.csv" << QByteArray("a;b\n1,5;x\n2,5;y\n") << ';';
    QTest::newRow("tab in .csv") << "c.csv" << QByteArray("a\tb\nx, y\t2\nz\t3\n") << '\t';
    QTest::newRow("bar") << "d.csv" << QByteArray("a|b|c\nx|y|z\n") << '|';
    QTest::newRow("comma in .tsv") << "e.tsv" << QByteArray("a,b\n1,2\n3,4\n") << ',';
    QTest::newRow("one column") << "f.csv" << QByteArray("text\nhello\nworld\n") << ',';
}

void TestImport::delimitersAreFound() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(char, delimiter);
    const auto table = read(name.toUtf8().constData(), content.toStdString());
    QVERIFY(table.has_value());
    QCOMPARE(table->format.delimiter.value, delimiter);
    QCOMPARE(table->droppedCount(), 0U);
}

void TestImport::quotesInTablesWithTabsAreSigns() {
    const auto plain =
        read("p.tsv", "s\tlabel\n\"Quoted\" , he said\t1\n\" all of it . \"\t0\n\"never closed\t1\n");
    QVERIFY(plain.has_value());
    QCOMPARE(plain->format.quote.value, '\0');
    QCOMPARE(plain->size(), 3U);
    QCOMPARE(at(*plain, 1, "s"), "\" all of it . \"");
    const auto quoted = read("q.tsv", "s\tlabel\n\"with\ttab\"\t1\n\"with \"\"quote\"\"\"\t0\n");
    QVERIFY(quoted.has_value());
    QCOMPARE(quoted->format.quote.value, '"');
    QCOMPARE(at(*quoted, 0, "s"), "with\ttab");
    QCOMPARE(at(*quoted, 1, "s"), "with \"quote\"");
}

void TestImport::whatTheUserGivesStands() {
    ImportOptions options;
    options.delimiter = ';';
    options.quote = '\0';
    options.hasHeader = false;
    options.encoding = TextEncoding::Latin1;
    options.reader = "csv";
    const auto table = read("data.unknown", "\"a\";b,c\n\xe9;2\n", options);
    QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
    QCOMPARE(table->columns, (Names{"column1", "column2"}));
    QCOMPARE(at(*table, 0, "column1"), "\"a\"");
    QCOMPARE(at(*table, 1, "column1"), "é");
    QVERIFY(table->format.delimiter.isGiven && table->format.encoding.isGiven &&
            table->format.reader.isGiven);
    ImportOptions wrong;
    wrong.reader = "excel";
    const auto refused = read("x.csv", "a,b\n1,2\n", wrong);
    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().text().find("excel; known are jsonl, json") != std::string::npos);
}

void TestImport::glueIsReadAsItsNotesSay_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("dropped");
    QTest::addColumn<bool>("hasHeader");
    QTest::addColumn<int>("columns");
    QTest::newRow("MRPC train") << "MRPC/train.tsv" << 3668 << 0 << true << 5;
    QTest::newRow("MRPC dev") << "MRPC/dev.tsv" << 408 << 0 << true << 5;
    QTest::newRow("MRPC labelled test") << "MRPC/msr_paraphrase_test.txt" << 1725 << 0 << true << 5;
    QTest::newRow("MRPC ids") << "MRPC/dev_ids.tsv" << 408 << 0 << false << 2;
    QTest::newRow("RTE train") << "RTE/train.tsv" << 2490 << 0 << true << 4;
    QTest::newRow("SST-2 train") << "SST-2/train.tsv" << 67349 << 0 << true << 2;
    QTest::newRow("SST-2 test") << "SST-2/test.tsv" << 1821 << 0 << true << 2;
    QTest::newRow("CoLA train") << "CoLA/train.tsv" << 8551 << 0 << false << 4;
    QTest::newRow("CoLA test") << "CoLA/test.tsv" << 1063 << 0 << true << 2;
    QTest::newRow("STS-B train") << "STS-B/train.tsv" << 5749 << 0 << true << 10;
    QTest::newRow("STS-B scores") << "STS-B/sts-test-original.tsv" << 1095 << 284 << false << 7;
    QTest::newRow("WNLI train") << "WNLI/train.tsv" << 635 << 0 << true << 4;
}

void TestImport::glueIsReadAsItsNotesSay() {
    QFETCH(QString, name);
    QFETCH(int, rows);
    QFETCH(int, dropped);
    QFETCH(bool, hasHeader);
    QFETCH(int, columns);
    const std::string file = "data/glue/" + name.toStdString();
    LATHE_NEED_SHARED(file);
    const auto table = importTable(test::sharedFile(file), {});
    QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
    QCOMPARE(table->format.hasHeader.value, hasHeader);
    QCOMPARE(table->format.quote.value, '\0');
    QCOMPARE(static_cast<int>(table->columns.size()), columns);
    QCOMPARE(static_cast<int>(table->droppedCount()), dropped);
    QCOMPARE(static_cast<int>(table->size()), rows);
}

void TestImport::jsonComesInSeveralShapes_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reader");
    QTest::newRow("list") << "a.json" << QByteArray("[{\"a\":\"1\"},{\"a\":\"2\"}]") << "json";
    QTest::newRow("pretty") << "b.json"
                            << QByteArray("[\n  {\n    \"a\": \"1\"\n  },\n  {\n    \"a\": \"2\"\n  }\n]\n")
                            << "json";
    QTest::newRow("within")
        << "c.json"
        << QByteArray("{\"version\": {\"n\": [1]}, \"data\": [{\"a\":\"1\"},{\"a\":\"2\"}], \"z\": 1}")
        << "json";
    QTest::newRow("columns") << "d.json" << QByteArray("{\"a\": [\"1\", \"2\"], \"b\": [[], {\"x\": 1}]}")
                             << "json-columns";
    QTest::newRow("lines in .json") << "e.json" << QByteArray("{\"a\":\"1\"}\n{\"a\":\"2\"}\n") << "jsonl";
    QTest::newRow("list in .jsonl") << "f.jsonl" << QByteArray("[{\"a\":\"1\"},\n{\"a\":\"2\"}]\n") << "json";
}

void TestImport::jsonComesInSeveralShapes() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(QString, reader);
    const auto table = read(name.toUtf8().constData(), content.toStdString());
    QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
    QCOMPARE(QString::fromStdString(table->format.reader.value), reader);
    QCOMPARE(table->size(), 2U);
    QCOMPARE(at(*table, 0, "a"), "1");
    QCOMPARE(at(*table, 1, "a"), "2");
    if (name == "c.json") {
        QCOMPARE(table->format.arrayKey.value, "data");
        QCOMPARE(table->notes.size(), 2U); // version and z are told
    }
    if (name == "d.json")
        QCOMPARE(at(*table, 1, "b"), "{\"x\": 1}");
}

void TestImport::shortColumnsCostTheRowsTheyLack() {
    const auto table = read("s.json", R"({"a": [1, 2, 3], "b": ["x"], "note": "n"})");
    QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
    QCOMPARE(table->size(), 1U);
    QCOMPARE(droppedLines(*table), (Lines{2, 3}));
    QVERIFY(table->dropped[0].reason.find("column b has only 1") != std::string::npos);
    const auto open = read("o.json", R"({"a": [1, 2], "b": ["x")");
    QVERIFY(!open.has_value());
}

void TestImport::encodingsAreFound_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("encoding");
    const QString text = QStringLiteral("name,city\nZoë,Köln\nАня,Тверь\n😀,x\n");
    const auto bytes = [](const std::string& content) {
        return QByteArray(content.data(), static_cast<qsizetype>(content.size()));
    };
    QTest::newRow("UTF-8") << text.toUtf8() << "utf-8";
    QTest::newRow("UTF-8, marked") << "\xEF\xBB\xBF" + text.toUtf8() << "utf-8";
    QTest::newRow("UTF-16 LE, marked") << bytes("\xFF\xFE" + utf16(text, false)) << "utf-16le";
    QTest::newRow("UTF-16 BE, marked") << bytes("\xFE\xFF" + utf16(text, true)) << "utf-16be";
    QTest::newRow("UTF-16 LE") << bytes(utf16(text, false)) << "utf-16le";
    QTest::newRow("UTF-16 BE") << bytes(utf16(text, true)) << "utf-16be";
    QTest::newRow("Windows-1252") << QByteArray("name,city\nZo\xEB,K\xF6ln\n\x93quoted\x94,\x80 5\n")
                                  << "windows-1252";
}

void TestImport::encodingsAreFound() {
    QFETCH(QByteArray, content);
    QFETCH(QString, encoding);
    for (const ImportOptions& options : {ImportOptions{}, onDisk()}) {
        const auto table = read("e.csv", content.toStdString(), options);
        QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
        QCOMPARE(encodingName(table->format.encoding.value), encoding.toStdString());
        QCOMPARE(table->columns, (Names{"name", "city"}));
        QCOMPARE(at(*table, 0, "name"), "Zoë");
        QCOMPARE(at(*table, 0, "city"), "Köln");
        QCOMPARE(at(*table, 1, "name"), encoding == "windows-1252" ? "“quoted”" : "Аня");
        QCOMPARE(table->droppedCount(), 0U);
        if (encoding != "windows-1252")
            QCOMPARE(at(*table, 2, "name"), "😀");
    }
}

void TestImport::halfCharactersOfUtf16CostTheirRow() {
    QString text = QStringLiteral("one\ntwo\nthree");
    text.insert(5, QChar(0xD83D)); // half of a pair, in the second line
    const auto table = read("u.txt", "\xFF\xFE" + utf16(text, false) + "x"); // and half a unit at the end
    QVERIFY(table.has_value());
    QCOMPARE(table->size(), 1U);
    QCOMPARE(droppedLines(*table), (Lines{2, 3}));
}

void TestImport::schemasAreRecognised_data() {
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<QString>("schema");
    QTest::newRow("Alpaca") << QByteArray(R"({"instruction":"a","input":"","output":"b"})") << "alpaca";
    QTest::newRow("ShareGPT") << QByteArray(R"({"conversations":[{"from":"human","value":"a"}]})")
                              << "sharegpt";
    QTest::newRow("ChatML") << QByteArray(R"({"messages":[{"role":"user","content":"a"}],"id":1})")
                            << "chatml";
    QTest::newRow("preference") << QByteArray(R"({"prompt":"a","chosen":"b","rejected":"c"})")
                                << "preference";
    QTest::newRow("text") << QByteArray(R"({"text":"a"})") << "text";
    QTest::newRow("others") << QByteArray(R"({"question":"a","answer":"b"})") << "columns";
}

void TestImport::schemasAreRecognised() {
    QFETCH(QByteArray, row);
    QFETCH(QString, schema);
    const auto table = read("s.jsonl", row.toStdString());
    QVERIFY(table.has_value());
    QCOMPARE(schemaName(table->format.schema.value), schema.toStdString());
    QCOMPARE(table->format.schema.sureness, 1.0);
}

void TestImport::compressedFilesAreRead() {
    const std::string rows = "{\"a\":\"1\"}\n{\"a\":\"2\"}\n";
    for (const ImportOptions& options : {ImportOptions{}, onDisk()}) {
        const auto lines = read("g.jsonl.gz", gzipped(rows) + gzipped("{\"a\":\"3\"}"), options);
        QVERIFY2(lines.has_value(), lines ? "" : lines.error().text().c_str());
        QCOMPARE(lines->size(), 3U);
        QCOMPARE(at(*lines, 2, "a"), "3");
        QVERIFY(lines->format.isCompressed);
        const auto csv = read("g.csv.gz", gzipped("\xEF\xBB\xBFx,y\n1,2\n"), options);
        QVERIFY(csv.has_value());
        QCOMPARE(at(*csv, 0, "x"), "1");
    }
}

void TestImport::truncatedCompressionIsRefused() {
    std::string packed = gzipped(std::string(100'000, 'a') + "\nb\n");
    packed.resize(packed.size() / 2);
    const auto table = read("t.txt.gz", packed);
    QVERIFY(!table.has_value());
    QVERIFY(table.error().text().find("cut off") != std::string::npos);
}

void TestImport::parquetKeepsEveryValue_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isOnDisk");
    for (const char* name : {"none", "snappy", "gzip", "zstd", "lz4"})
        QTest::newRow(name) << name << (std::string(name) == "snappy");
}

void TestImport::parquetKeepsEveryValue() {
    QFETCH(QString, name);
    QFETCH(bool, isOnDisk);
    const auto table =
        importTable(test::sourceFile("tests/data/golden/parquet/" + name.toStdString() + ".parquet"),
                    isOnDisk ? onDisk() : ImportOptions{});
    QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
    QCOMPARE(table->size(), 5U);
    QCOMPARE(table->columns.size(), 11U);
    QCOMPARE(at(*table, 1, "text"), "hé 😀 \"q\"\n");
    QCOMPARE(at(*table, 2, "text"), "");
    QCOMPARE(at(*table, 2, "n"), "9007199254740993");
    QCOMPARE(at(*table, 0, "score"), "0.1");
    QCOMPARE(at(*table, 1, "score"), "1e300");
    QCOMPARE(at(*table, 2, "score"), "NaN");
    QCOMPARE(at(*table, 0, "half"), "0.1");
    QCOMPARE(at(*table, 1, "ok"), "false");
    QCOMPARE(at(*table, 0, "tags"), R"(["a", "b"])");
    QCOMPARE(at(*table, 3, "tags"), R"(["c\\d"])");
    QCOMPARE(at(*table, 0, "messages"),
             R"([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}])");
    QCOMPARE(at(*table, 1, "price"), "-0.05");
    QCOMPARE(at(*table, 0, "day"), "2024-02-29");
    QVERIFY(at(*table, 0, "at").starts_with("2024-02-29 12:30:01"));
    QCOMPARE(at(*table, 0, "raw"), "/wAB");
    QCOMPARE(at(*table, 1, "raw"), "plain");
    QCOMPARE(table->format.schema.value, RowSchema::ChatMl);
}

void TestImport::twinKeysAreNoted() {
    const auto table = read("t.jsonl", "{\"a\":1,\"a\":2}\n{\"a\":3,\"a\":4}\n{\"a\":5}\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->size(), 3U);
    QCOMPARE(at(*table, 1, "a"), "4");
    QCOMPARE(table->notes.size(), 1U);
    QCOMPARE(table->notes[0].count, 2U);
    QCOMPARE(table->notes[0].line, 1U);
}

void TestImport::rowsOnDiskAreThoseInMemory_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("jsonl") << "d.jsonl"
                           << QByteArray("\xEF\xBB\xBF{\"a\":\"1\"}\n\n{\"a\":}\n{\"b\":\"\\u00e9\"}");
    QTest::newRow("json") << "d.json" << QByteArray("{\"data\":[{\"a\":\"1\"},\n{\"b\":2},3]}");
    QTest::newRow("columns") << "c.json" << QByteArray("{\"a\":[1,2],\"b\":[\"x\",\"y\"]}");
    QTest::newRow("csv") << "d.csv"
                         << QByteArray("\xEF\xBB\xBF"
                                       "a,b\n1,\"2\n3\"\nx\n4,5\n");
    QTest::newRow("text") << "d.txt" << QByteArray("a\r\nb\r\n\r\n\xff\n\nc");
}

void TestImport::rowsOnDiskAreThoseInMemory() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    const auto inMemory = read(name.toUtf8().constData(), content.toStdString());
    const auto stored = read(name.toUtf8().constData(), content.toStdString(), onDisk());
    QVERIFY2(inMemory.has_value(), inMemory ? "" : inMemory.error().text().c_str());
    QVERIFY2(stored.has_value(), stored ? "" : stored.error().text().c_str());
    QVERIFY(inMemory->size() > 0);
    QCOMPARE(stored->size(), inMemory->size());
    QCOMPARE(stored->columns, inMemory->columns);
    QCOMPARE(stored->sha256, inMemory->sha256);
    QCOMPARE(droppedLines(*stored), droppedLines(*inMemory));
    for (std::size_t i = 0; i < stored->size(); ++i) {
        QCOMPARE(stored->row(i), inMemory->row(i));
        QCOMPARE(stored->line(i), inMemory->line(i));
    }
    QVERIFY(stored->isSourceUnchanged());
}

void TestImport::theIndexIsUsedAgainForTheSameContentAndOptions() {
    ImportOptions options = onDisk();
    options.cacheFolder = m_folder / "again";
    const auto entries = [&options] {
        return std::distance(fs::directory_iterator(options.cacheFolder), fs::directory_iterator());
    };
    const std::string content = "{\"a\":\"1\"}\n{\"a\":}\n{\"a\":1,\"a\":2}\n";
    const auto first = read("one.jsonl", content, options);
    const auto second = read("two.jsonl", content, options);
    QVERIFY(first.has_value() && second.has_value());
    QCOMPARE(entries(), 1);
    QCOMPARE(second->size(), 2U);
    QCOMPARE(at(*second, 1, "a"), "2");
    QCOMPARE(second->dropped.size(), 1U);
    QCOMPARE(second->dropped[0].reason, first->dropped[0].reason);
    QCOMPARE(second->notes.size(), 1U);
    QCOMPARE(second->format.schema.value, first->format.schema.value);
    QCOMPARE(second->source.filename(), fs::path("two.jsonl"));
    QVERIFY(read("three.jsonl", "{\"a\":\"9\"}\n{\"a\":}\n{\"a\":1,\"a\":2}\n", options).has_value());
    QCOMPARE(entries(), 2);
    options.reader = "text";
    QVERIFY(read("one.jsonl", content, options).has_value());
    QCOMPARE(entries(), 3);
}

void TestImport::aDamagedIndexIsMadeAgain() {
    ImportOptions options = onDisk();
    options.cacheFolder = m_folder / "damaged";
    const std::string content = "{\"a\":\"1\"}\n{\"a\":\"2\"}\n";
    QVERIFY(read("d.jsonl", content, options).has_value());
    const fs::path index = fs::directory_iterator(options.cacheFolder)->path();
    for (const std::uintmax_t size : {std::uintmax_t{0}, std::uintmax_t{10}, fs::file_size(index) - 1}) {
        fs::resize_file(index, size);
        const auto table = read("d.jsonl", content, options);
        QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
        QCOMPARE(at(*table, 1, "a"), "2");
    }
}

void TestImport::theCacheKeepsItsLimit() {
    ImportOptions options = onDisk();
    options.cacheFolder = m_folder / "full";
    const auto first = read("1.jsonl", "{\"a\":\"1\"}\n", options);
    options.cacheLimit = 1;
    const auto second = read("2.jsonl", "{\"a\":\"22\"}\n", options);
    QVERIFY(first.has_value() && second.has_value());
    QCOMPARE(std::distance(fs::directory_iterator(options.cacheFolder), fs::directory_iterator()), 1);
    QCOMPARE(second->notes.size(), 1U);
    QVERIFY(second->notes[0].text.find("1 older entries") != std::string::npos);
    QCOMPARE(at(*first, 0, "a"), "1"); // what is in use stays readable
    QCOMPARE(at(*second, 0, "a"), "22");
}

void TestImport::rowsMayBeReadBySeveralThreads() {
    std::string content;
    for (int i = 0; i < 2000; ++i)
        content += "{\"n\":" + std::to_string(i) + "}\n";
    const auto table = read("m.jsonl", content, onDisk());
    QVERIFY(table.has_value());
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (std::size_t i = 0; i < table->size(); ++i) {
                    const std::size_t row = (i * 7 + static_cast<std::size_t>(thread) * 501) % table->size();
                    wrong += table->row(row).at("n") == std::to_string(row) ? 0 : 1;
                }
            });
    }
    QCOMPARE(wrong.load(), 0);
}

void TestImport::anImportCanBeCancelled() {
    std::string content;
    while (content.size() < 3'000'000)
        content += "{\"text\":\"some words that make a row of usual length\"}\n";
    const fs::path file = m_folder.write("stop.jsonl", content);
    ImportOptions options = onDisk();
    options.cacheFolder = m_folder / "stopped";
    std::stop_source stop;
    const auto table = importTable(
        file, options, [&stop](std::uint64_t, std::uint64_t) { stop.request_stop(); }, stop.get_token());
    QVERIFY(!table.has_value());
    QCOMPARE(table.error().kind, Error::Kind::Cancelled);
    QVERIFY(fs::is_empty(options.cacheFolder)); // nothing half done is left
}

void TestImport::progressReachesTheEnd() {
    std::string content;
    while (content.size() < 2'000'000)
        content += "{\"text\":\"some words that make a row of usual length\"}\n";
    std::uint64_t last = 0;
    std::uint64_t all = 0;
    bool isRising = true;
    const auto table =
        importTable(m_folder.write("p.jsonl", content), {}, [&](std::uint64_t done, std::uint64_t size) {
            isRising &= done >= last;
            last = done;
            all = size;
        });
    QVERIFY(table.has_value());
    QVERIFY(isRising);
    QCOMPARE(last, all);
    QCOMPARE(all, content.size());
}

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
